import CachePolicy from "http-cache-semantics";
import * as z from "zod";
import { sha256Hex, utf8 } from "#platform/bytes";
import type { Clock } from "#platform/clock";
import { count } from "#platform/meter";
import type { OutsideResponse, RedirectStep } from "#egress/service";
import type { FetchResult } from "./visit";

/** How an answer came to be: from the cache alone, from the cache after the site said that it still holds, or from the site. */
export interface CacheNote {
  readonly status: "hit" | "revalidated" | "miss";
  /** Seconds since the site made what is read; 0 for what has just come from it. */
  readonly age: number;
}

export interface PageQuestion {
  readonly ownerId: string;
  readonly url: string;
  /** The headers of the request by which an answer may vary, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The caller takes nothing older, in seconds; 0 has the site asked in any case. Null leaves it to the site's own headers. */
  readonly maxAgeSeconds: number | null;
}

export interface PageAnswer {
  readonly fetched: FetchResult;
  readonly note: CacheNote;
}

export type PageLookup =
  | { readonly isFresh: true; readonly answer: PageAnswer }
  | {
      readonly isFresh: false;
      /** What to ask the site with, so that it may answer that nothing changed. */
      readonly headers: Readonly<Record<string, string>>;
      /** Takes what the site answered, keeps it where that is allowed, and gives what is to be read. */
      readonly absorb: (fetched: FetchResult) => Promise<PageAnswer>;
    };

export interface PageCache {
  readonly look: (question: PageQuestion) => Promise<PageLookup>;
}

/** Beyond its freshness a page is worth keeping only as something to compare with. */
const KEPT_FOR_COMPARISON_S = 86_400;
/** What KV takes at least, and as long as we keep anything of others. */
const MIN_TTL_S = 60;
const MAX_TTL_S = 7 * 86_400;
/** The name of a page's entry holds the format of its content: another format is another name. Whose it is comes next, so that an owner's are found together. */
const PREFIX = "page:1:";
const placeOf = (ownerId: string): string => `${PREFIX}${ownerId}:`;

/** Of one call: each is a call of its own, of which an invocation may make a thousand. */
const DELETED_AT_ONCE = 200;

/** Deletes the pages of an owner, at most so many. Answers whether that was all; KV's lists may be a minute late. */
export async function erasePages(kv: KVNamespace, ownerId: string): Promise<boolean> {
  const { keys, list_complete: isAll } = await kv.list({
    prefix: placeOf(ownerId),
    limit: DELETED_AT_ONCE,
  });
  await Promise.all(keys.map(({ name }) => kv.delete(name)));
  return isAll;
}

const HeadSchema = z.object({
  policy: z.record(z.string(), z.unknown()),
  finalUrl: z.string(),
  redirects: z.array(z.object({ url: z.string(), status: z.number() })),
  contentType: z.string().nullable(),
});

interface Entry {
  readonly policy: CachePolicy;
  readonly finalUrl: string;
  readonly redirects: readonly RedirectStep[];
  readonly contentType: string | null;
  readonly bytes: Uint8Array;
}

/**
 * Pages by their sites' own headers (RFC 9111, judged by http-cache-semantics as for a shared cache: nothing that is `private`, `no-store` or
 * sets a cookie). Each owner has pages of their own, so that nobody learns from an answer's age what another has read. Freshness is what the
 * site said, never guessed from a date. KV holds copies only: a page that is lost or can't be read is fetched.
 */
export function createPageCache(kv: KVNamespace, clock: Clock): PageCache {
  /** The library reads the time itself; this is its door for another clock. */
  class Policy extends CachePolicy {
    now(): number {
      return clock();
    }
  }

  const load = async (key: string): Promise<Entry | null> => {
    try {
      const stored = await kv.get(key, "arrayBuffer");
      return stored && unpack(new Uint8Array(stored), (object) => Policy.fromObject(object));
    } catch {
      return null;
    }
  };

  const keep = async (key: string, entry: Entry): Promise<void> => {
    const headers = entry.policy.responseHeaders();
    const isComparable = headers["etag"] !== undefined || headers["last-modified"] !== undefined;
    const freshS = Math.max(0, Math.ceil(entry.policy.timeToLive() / 1000));
    const expirationTtl = Math.min(MAX_TTL_S, freshS + (isComparable ? KEPT_FOR_COMPARISON_S : 0));
    if (expirationTtl === 0) return;
    // A page that can't be kept is still a page.
    await kv
      .put(key, pack(entry), { expirationTtl: Math.max(MIN_TTL_S, expirationTtl) })
      .catch(() => undefined);
  };

  return {
    look: async ({ ownerId, url, headers, maxAgeSeconds }) => {
      const key = `${placeOf(ownerId)}${await sha256Hex(url)}`;
      const request = { url, method: "GET", headers: { ...headers } };
      const entry = await load(key);
      const asked = { ...request, headers: { ...request.headers, ...freshness(maxAgeSeconds) } };
      if (entry?.policy.satisfiesWithoutRevalidation(asked) === true) {
        count("naru_cache_hits_total", { cache: "pages" });
        return { isFresh: true, answer: answerFrom(entry, "hit") };
      }

      const forget = () => kv.delete(key).catch(() => undefined);
      return {
        isFresh: false,
        headers: conditionsOf(entry, request),
        absorb: async (fetched) => {
          const miss = { fetched, note: { status: "miss", age: 0 } } as const;
          if (!fetched.ok) return miss;
          // A page that the site says still holds comes from the cache; one that was never had is neither.
          const isHeld = entry !== null && fetched.value.status === 304;
          if (isHeld) count("naru_cache_hits_total", { cache: "pages" });
          else count("naru_cache_misses_total", { cache: "pages" });
          const { status, redirects } = fetched.value;
          const response = { status, headers: plainHeaders(fetched.value.headers) };
          if (status === 304) {
            const revalidated =
              entry && redirects.length === 0 ? confirm(entry, request, response.headers) : null;
            // It compared with something else than was asked for: the next attempt asks without conditions.
            if (!entry || revalidated === null) {
              await forget();
              return miss;
            }
            const renewed: Entry = { ...entry, policy: revalidated };
            await keep(key, renewed);
            return answerFrom(renewed, "revalidated");
          }
          if (status !== 200) return miss;
          const policy = new Policy(request, response, { shared: true, cacheHeuristic: 0 });
          if (policy.storable() && mayBeRepeated(fetched.value))
            await keep(key, { policy, ...describe(fetched.value) });
          else if (entry) await forget();
          return miss;
        },
      };
    },
  };
}

/** A way that is not for good may lead elsewhere the next time, and what came over plain http at the end of a way over https is not worth trust. */
const mayBeRepeated = ({ redirects, isDowngraded }: OutsideResponse): boolean =>
  !isDowngraded && redirects.every(({ status }) => status === 301 || status === 308);

const freshness = (maxAgeSeconds: number | null): Record<string, string> => {
  if (maxAgeSeconds === null) return {};
  return { "cache-control": maxAgeSeconds === 0 ? "no-cache" : `max-age=${maxAgeSeconds}` };
};

/** The policy of an entry that the site says still holds; null where its mark is another. Many sites leave their marks out of a 304. */
function confirm(
  { policy }: Entry,
  request: CachePolicy.HttpRequest,
  headers: Record<string, string>,
): CachePolicy | null {
  const known = policy.responseHeaders();
  const marks = {
    ...("etag" in known && { etag: known["etag"] }),
    ...("last-modified" in known && { "last-modified": known["last-modified"] }),
  };
  const confirmed = policy.revalidatedPolicy(request, {
    status: 304,
    headers: { ...marks, ...headers },
  });
  return confirmed.matches ? confirmed.policy : null;
}

/** Only where the page stood at its own address: another address would compare with something else. */
function conditionsOf(
  entry: Entry | null,
  request: CachePolicy.HttpRequest,
): Readonly<Record<string, string>> {
  if (!entry || entry.redirects.length > 0) return {};
  const headers = entry.policy.revalidationHeaders(request);
  return Object.fromEntries(
    ["if-none-match", "if-modified-since"].flatMap((name) => {
      const value = headers[name];
      return typeof value === "string" ? [[name, value]] : [];
    }),
  );
}

function answerFrom(entry: Entry, status: "hit" | "revalidated"): PageAnswer {
  const { finalUrl, redirects, bytes, contentType } = entry;
  const headers = new Headers(contentType === null ? {} : { "content-type": contentType });
  return {
    fetched: {
      ok: true,
      value: { finalUrl, redirects, bytes, headers, status: 200, isDowngraded: false },
    },
    note: { status, age: Math.max(0, Math.floor(entry.policy.age())) },
  };
}

const describe = ({ finalUrl, redirects, bytes, headers }: OutsideResponse) => ({
  finalUrl,
  redirects,
  bytes,
  contentType: headers.get("content-type"),
});

const plainHeaders = (headers: Headers): Record<string, string> => Object.fromEntries(headers);

/** The length of the head as four bytes, the head as JSON, the page. */
function pack({ bytes, policy, ...rest }: Entry): Uint8Array {
  const head = utf8(JSON.stringify({ ...rest, policy: policy.toObject() }));
  const packed = new Uint8Array(4 + head.byteLength + bytes.byteLength);
  new DataView(packed.buffer).setUint32(0, head.byteLength);
  packed.set(head, 4);
  packed.set(bytes, 4 + head.byteLength);
  return packed;
}

/** Throws for what is not of this format. */
function unpack(
  packed: Uint8Array,
  revive: (object: CachePolicy.CachePolicyObject) => CachePolicy,
): Entry {
  const length = new DataView(packed.buffer, packed.byteOffset).getUint32(0);
  const head = HeadSchema.parse(
    JSON.parse(new TextDecoder().decode(packed.subarray(4, 4 + length))),
  );
  const policy = revive(head.policy as unknown as CachePolicy.CachePolicyObject);
  return { ...head, policy, bytes: packed.subarray(4 + length) };
}
