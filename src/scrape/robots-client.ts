import * as z from "zod";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import { fetchOutside, PRODUCT_TOKEN } from "#egress/service";
import type { Egress, OutsideFailure } from "#egress/service";
import {
  createRobotsReader,
  MAX_ROBOTS_BYTES,
  MAX_ROBOTS_REDIRECTS,
  robotsRecord,
  robotsTtlSeconds,
  robotsUrl,
} from "./core/robots";
import type { RobotsReader, RobotsRecord, RobotsVerdict } from "./core/robots";
import { retryAfterMs } from "./retry-after";

/** The site could not say what is allowed, so nothing is. It may be asked again after a while. */
export interface RobotsUnreachable {
  readonly kind: "robots_unreachable";
  readonly status: number;
  readonly retryAfterMs: number;
}

export interface RobotsPort {
  readonly judge: (
    url: URL,
    call: { readonly signal: AbortSignal; readonly traceparent: string },
  ) => Promise<Result<RobotsVerdict, OutsideFailure | RobotsUnreachable>>;
}

const RecordSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("rules"), text: z.string() }),
  z.object({ kind: z.literal("open") }),
]);

const FETCH_TIMEOUT_MS = 10_000;
/** Read in this isolate without asking KV: short beside the hour that rules are kept at least. */
const ISOLATE_TTL_MS = 60_000;
const UNREACHABLE_MS = 30_000;
const MAX_ORIGINS = 256;

type Remembered =
  | { readonly expiresAtMs: number; readonly reader: RobotsReader }
  | { readonly expiresAtMs: number; readonly unreachable: RobotsUnreachable };

/**
 * The rules of origins, from the isolate, else from KV (`robots:<origin>`, kept 1–24 h as the file's own headers say), else from
 * the site. KV holds copies only: losing one costs a fetch.
 */
export function createRobots(egress: Egress, kv: KVNamespace): RobotsPort {
  const remembered = new Map<string, Remembered>();
  const remember = (origin: string, entry: Remembered): void => {
    remembered.delete(origin);
    if (remembered.size >= MAX_ORIGINS) remembered.delete(remembered.keys().next().value ?? "");
    remembered.set(origin, entry);
  };
  const read = (origin: string, record: RobotsRecord): RobotsReader => {
    const reader = createRobotsReader(origin, record, PRODUCT_TOKEN);
    remember(origin, { reader, expiresAtMs: egress.clock() + ISOLATE_TTL_MS });
    return reader;
  };

  return {
    judge: async (url, call) => {
      const { origin } = url;
      const known = remembered.get(origin);
      if (known && egress.clock() < known.expiresAtMs)
        return "reader" in known ? ok(known.reader(url)) : err(known.unreachable);
      const kept = RecordSchema.safeParse(await kv.get(keyOf(origin), "json").catch(() => null));
      if (kept.success) return ok(read(origin, kept.data)(url));

      const answer = await fetchOutside(egress, {
        url: robotsUrl(url),
        trust: "user",
        signal: call.signal,
        traceparent: call.traceparent,
        maxBytes: MAX_ROBOTS_BYTES,
        truncate: true,
        timeoutMs: FETCH_TIMEOUT_MS,
        maxRedirects: MAX_ROBOTS_REDIRECTS,
      });
      if (!answer.ok) {
        // A chain that is too long or leads nowhere is a file that is not there (section 2.3.1.2).
        if (!isOwnRefusal(answer.error, origin)) return answer;
        return ok(read(origin, { kind: "open" })(url));
      }
      const { status, headers, bytes } = answer.value;
      const record = robotsRecord(status, bytes);
      if (record === null) {
        const waitMs = retryAfterMs(headers.get("retry-after"), egress.clock()) ?? UNREACHABLE_MS;
        const unreachable: RobotsUnreachable = {
          kind: "robots_unreachable",
          status,
          retryAfterMs: waitMs,
        };
        remember(origin, { unreachable, expiresAtMs: egress.clock() + UNREACHABLE_MS });
        return err(unreachable);
      }
      const expirationTtl = robotsTtlSeconds(headers.get("cache-control"));
      await kv.put(keyOf(origin), JSON.stringify(record), { expirationTtl }).catch(() => undefined);
      return ok(read(origin, record)(url));
    },
  };
}

const keyOf = (origin: string): string => `robots:${origin}`;

/** A refusal that a redirect of robots.txt ran into, and not the page's own address, which was judged before. */
const isOwnRefusal = (failure: OutsideFailure, origin: string): boolean =>
  failure.code === "TOO_MANY_REDIRECTS" ||
  (failure.code === "URL_NOT_ALLOWED" && new URL(failure.url).origin !== origin);
