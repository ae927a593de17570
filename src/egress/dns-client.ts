/**
 * Asks a resolver over HTTPS (RFC 8484's idea, in the JSON form that Cloudflare and Google serve) whether a
 * name leads to public addresses only. It fails closed: no answer is no permission.
 *
 * What it cannot do: a Worker neither chooses nor sees the address that its `fetch` connects to, so a name
 * that answers differently the second time (DNS rebinding) passes. The `global_fetch_strictly_public` flag and the
 * platform's own network stand behind this check.
 */
import * as z from "zod";
import type { Clock } from "#platform/clock";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import { collectBody } from "./body-reader";
import { isPublicAddress } from "./core/address-policy";
import type { FetchPort, TimerPort } from "./ports";
import { createWatch } from "./watch";

export type DnsRefusal =
  /** Some address of the name is not public. */
  | "private_address"
  /** The name does not exist or has no address; asking again will not help soon. */
  | "no_address"
  /** The resolver did not answer as it should. */
  | "unavailable";

/** Whether every address of a host name is public. */
export type Resolver = (
  host: string,
  signal?: AbortSignal,
) => Promise<Result<readonly string[], DnsRefusal>>;

const TIMEOUT_MS = 5_000;
const MAX_ANSWER_BYTES = 65_536;
const MAX_CACHED = 512;
/** Kept briefly, whatever the record says: the shorter, the less a changed record can hide. */
const MAX_TTL_MS = 30_000;
const RECORD_TYPES = { A: 1, AAAA: 28 } as const;

const AnswerSchema = z.object({
  Status: z.number(),
  Answer: z
    .array(z.object({ type: z.number(), TTL: z.number().optional(), data: z.string() }))
    .max(1000)
    .optional(),
});

interface Lookup {
  readonly addresses: readonly string[];
  readonly ttlMs: number;
}

export interface DnsOptions {
  readonly dohUrl: string;
  readonly fetch: FetchPort;
  readonly timer: TimerPort;
  readonly clock: Clock;
}

export function createResolver(options: DnsOptions): Resolver {
  const cache = new Map<string, { addresses: readonly string[]; expiresAtMs: number }>();

  return async function resolvePublic(host, signal) {
    const cached = cache.get(host);
    if (cached && options.clock() < cached.expiresAtMs) return ok(cached.addresses);
    cache.delete(host);
    const answers = await Promise.all([
      lookUp(options, host, "A", signal),
      lookUp(options, host, "AAAA", signal),
    ]);
    const found: Lookup[] = [];
    for (const answer of answers) {
      if (!answer.ok) return answer;
      found.push(answer.value);
    }
    const addresses = found.flatMap((lookup) => lookup.addresses);
    if (addresses.length === 0) return err("no_address");
    // One private address among public ones is enough: the runtime may pick any of them.
    if (!addresses.every(isPublicAddress)) return err("private_address");
    if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value ?? "");
    const ttlMs = Math.min(MAX_TTL_MS, ...found.map((lookup) => lookup.ttlMs));
    cache.set(host, { addresses, expiresAtMs: options.clock() + ttlMs });
    return ok(addresses);
  };
}

async function lookUp(
  options: DnsOptions,
  host: string,
  type: keyof typeof RECORD_TYPES,
  signal: AbortSignal | undefined,
): Promise<Result<Lookup, DnsRefusal>> {
  const watch = createWatch(options.timer, TIMEOUT_MS, signal);
  try {
    const url = new URL(options.dohUrl);
    url.searchParams.set("name", host);
    url.searchParams.set("type", type);
    const response = await watch.race(() =>
      options.fetch(url.href, {
        headers: { accept: "application/dns-json" },
        redirect: "manual",
        signal: watch.signal,
      }),
    );
    if (response.status !== 200) return err("unavailable");
    const caps = { maxBytes: MAX_ANSWER_BYTES, idleMs: TIMEOUT_MS, truncate: false };
    const bytes = await collectBody(response.body, caps, watch);
    const answer = AnswerSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    // 3 is NXDOMAIN (RFC 1035 section 4.1.1); every other code is the resolver's or the zone's trouble.
    if (answer.Status === 3) return ok({ addresses: [], ttlMs: MAX_TTL_MS });
    if (answer.Status !== 0) return err("unavailable");
    const records = (answer.Answer ?? []).filter((record) => record.type === RECORD_TYPES[type]);
    return ok({
      addresses: records.map((record) => record.data),
      ttlMs: Math.min(MAX_TTL_MS, ...records.map((record) => (record.TTL ?? 0) * 1000)),
    });
  } catch {
    return err("unavailable");
  } finally {
    watch.close();
  }
}
