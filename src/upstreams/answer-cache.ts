/**
 * Answers of upstreams in the platform's own cache (Cache API): near the caller, gone when their time is over, and lost at
 * any moment without harm. An entry's name holds the upstream's id and the version of its definition, so that a change
 * leaves all of its answers behind.
 */
import * as z from "zod";
import { sha256Hex, utf8 } from "#platform/bytes";
import { randomBase32 } from "#platform/ids";
import type { CacheAnswer, CacheRequest, Judge, KeptAnswer } from "./core/cacheable";

export type CachePort = Pick<Cache, "match" | "put" | "delete">;

export interface CachePlace {
  readonly cache: CachePort;
  readonly judge: Judge;
  /** The upstream's id and version. */
  readonly scope: string;
  readonly cacheSeconds: number;
}

export interface CacheEntry {
  readonly kept: KeptAnswer;
  /** The URL that was called, to which relative references in its headers belong. */
  readonly calledUrl: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

export interface CacheLookup {
  /** What was kept for such a request; null where nothing was. */
  readonly entry: CacheEntry | null;
  readonly isFresh: boolean;
  /** Keeps an answer in its place, where that is allowed. Never throws: an answer that can't be kept is still an answer. */
  readonly keep: (
    answer: CacheAnswer,
    calledUrl: string,
    body: Uint8Array<ArrayBuffer>,
  ) => Promise<void>;
  /** Takes in a 304 to the entry's own conditions; null where it is about something else, which is forgotten then. */
  readonly confirm: (headers: CacheAnswer["headers"]) => Promise<CacheEntry | null>;
}

/** No such host: the name is one of the cache's alone. */
const ORIGIN = "https://answers.naru.invalid";

const HeadSchema = z.object({
  policy: z.record(z.string(), z.unknown()),
  status: z.number(),
  headers: z.record(z.string(), z.string()),
  checkedAtMs: z.number(),
  calledUrl: z.string(),
  /** Names the variants beside it, so that they go with it. */
  family: z.string(),
});

type Stored = CacheEntry & { readonly family: string };

const keyOf = async (scope: string, url: string): Promise<string> =>
  `${ORIGIN}/${scope}/${await sha256Hex(url)}`;

/**
 * Looks for an answer to a request. The first answer under an address stands at its own key; one that another request got,
 * by the headers that it varies by (RFC 9111 section 4.1), stands beside it.
 */
export async function lookUp(place: CachePlace, request: CacheRequest): Promise<CacheLookup> {
  const { judge, cacheSeconds } = place;
  const key = await keyOf(place.scope, request.url);
  const first = await load(place.cache, key);
  const isFirst = first === null || judge.matches(first.kept, request);
  const ownKey = isFirst ? key : await variantKey(key, first, request);
  const entry = isFirst ? first : await load(place.cache, ownKey);
  const family = first?.family ?? randomBase32();
  const put = (kept: Kept, calledUrl: string, body: Uint8Array<ArrayBuffer>): Promise<void> =>
    store(place.cache, ownKey, { ...kept, calledUrl, family, body });
  return {
    entry,
    isFresh: entry !== null && judge.isFresh(entry.kept, request, cacheSeconds),
    keep: async (answer, calledUrl, body) => {
      const kept = judge.keep(request, answer, cacheSeconds);
      if (kept !== null) await put(kept, calledUrl, body);
      else if (entry !== null) await remove(place.cache, ownKey);
    },
    confirm: async (headers) => {
      const confirmed =
        entry === null ? null : judge.confirm(entry.kept, request, headers, cacheSeconds);
      if (entry === null || confirmed === null) {
        await remove(place.cache, ownKey);
        return null;
      }
      await put(confirmed, entry.calledUrl, entry.body);
      return { ...entry, kept: confirmed.kept };
    },
  };
}

/** Forgets what is kept under an address: something was changed there (RFC 9111 section 4.4). */
export async function forget(
  { cache, scope }: Pick<CachePlace, "cache" | "scope">,
  url: string,
): Promise<void> {
  await remove(cache, await keyOf(scope, url));
}

interface Kept {
  readonly kept: KeptAnswer;
  readonly seconds: number;
}

async function variantKey(
  key: string,
  { kept, family }: Stored,
  { headers }: CacheRequest,
): Promise<string> {
  const names = (kept.headers["vary"] ?? "").toLowerCase().split(",");
  // As the judge does: an encoded answer is for those who take its coding.
  const by = [...names, "accept-encoding"].map((name) => name.trim()).sort();
  return `${key}/${await sha256Hex(JSON.stringify([family, by.map((name) => headers[name] ?? null)]))}`;
}

async function load(cache: CachePort, key: string): Promise<Stored | null> {
  try {
    const found = await cache.match(key);
    if (found === undefined) return null;
    return unpack(new Uint8Array(await found.arrayBuffer()));
  } catch {
    return null;
  }
}

async function store(
  cache: CachePort,
  key: string,
  { kept, seconds, calledUrl, family, body }: Kept & Omit<Stored, "kept">,
): Promise<void> {
  const packed = pack({ ...kept, calledUrl, family }, body);
  const headers = { "cache-control": `max-age=${seconds}` };
  await cache.put(key, new Response(packed, { headers })).catch(() => undefined);
}

async function remove(cache: CachePort, key: string): Promise<void> {
  await cache.delete(key).catch(() => false);
}

/** The length of the head as four bytes, the head as JSON, the body. */
function pack(
  head: z.input<typeof HeadSchema> | object,
  body: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const text = utf8(JSON.stringify(head));
  const packed = new Uint8Array(4 + text.byteLength + body.byteLength);
  new DataView(packed.buffer).setUint32(0, text.byteLength);
  packed.set(text, 4);
  packed.set(body, 4 + text.byteLength);
  return packed;
}

/** Throws for what is not of this format. */
function unpack(packed: Uint8Array<ArrayBuffer>): Stored {
  const length = new DataView(packed.buffer).getUint32(0);
  const text = new TextDecoder().decode(packed.subarray(4, 4 + length));
  const { policy, calledUrl, family, ...kept } = HeadSchema.parse(JSON.parse(text));
  return {
    kept: { ...kept, policy: policy as unknown as KeptAnswer["policy"] },
    calledUrl,
    family,
    body: packed.subarray(4 + length),
  };
}
