import type { Context } from "hono";
import { answerStream } from "#ai/guard";
import { modelNames, runToEnd } from "#ai/service";
import type { Answer, OpenRun, RunSpec, StreamFormat } from "#ai/service";
import type { AppEnv } from "#http/context";
import { sha256Hex } from "#platform/bytes";
import { systemClock } from "#platform/clock";
import { ApiError } from "#platform/errors";
import { describeError } from "#platform/log";
import { count } from "#platform/meter";
import { NO_COUNTS } from "./core/counts";
import { readDirectives } from "./core/directives";
import type { Directives } from "./core/directives";
import { keyText, storedName } from "./core/key";
import { isFresh, joinEndedMs, planOf } from "./core/plan";
import { worse } from "./core/verdict";
import type { CacheVerdict } from "./core/verdict";
import { countAnswers } from "./service";
import { readRecord } from "./store";
import type { KeptAnswer } from "./store";

/** What is asked, of the cache first. */
export interface CachedSpec extends Pick<RunSpec, "kind" | "request" | "context"> {
  /** Whatever else decides what the answer is, such as the version of a prompt. */
  readonly promptVersion: string;
  /** Whether an answer that is kept is told without a stream of its own: its kind's completion does not hear of it. */
  readonly isDirect?: boolean;
}

export interface CachedAnswer extends Answer {
  /** Whether it was there already. */
  readonly isCached: boolean;
  /** Null where there is none. */
  readonly streamId: string | null;
  /** Under which it is kept, for whoever finds it wanting; null where it is not. */
  readonly cacheKey: string | null;
}

/**
 * A whole answer, from the cache or from the model. Sets `X-Cache`, and `Age` on what was kept. Throws what `runToEnd` throws, and NOT_CACHED
 * where the caller wants no other than a kept one.
 */
export async function cachedAnswer(c: Context<AppEnv>, spec: CachedSpec): Promise<CachedAnswer> {
  const { ownerId, keyId } = c.get("principal");
  const looked = await lookUp(c, spec);
  const cacheKey = keyOf(looked.run);
  if (looked.found !== null && spec.isDirect === true) {
    tell(c, looked.found, "hit", false);
    return { ...looked.found.answer, isCached: true, streamId: null, cacheKey };
  }
  let [verdict, isJoined]: [CacheVerdict, boolean] = [looked.verdict, false];
  try {
    const answer = await runToEnd(c.env, { ...looked.run, ownerId, keyId });
    if (answer.isCached) verdict = "hit";
    isJoined = answer.isJoined;
    return { ...answer, cacheKey };
  } finally {
    tell(c, looked.found, verdict, isJoined);
  }
}

const keyOf = ({ context }: Lookup["run"]): string | null => {
  const key = context?.["cache_key"];
  return typeof key === "string" ? key : null;
};

/** As `cachedAnswer`, told as a stream: what is kept looks like what a model answers now. Throws what `answerStream` throws before it begins. */
export async function cachedStream(
  c: Context<AppEnv>,
  spec: CachedSpec,
  format: StreamFormat,
): Promise<Response> {
  const looked = await lookUp(c, spec);
  let [verdict, isJoined]: [CacheVerdict, boolean] = [looked.verdict, false];
  const onStarted = (run: OpenRun): void => {
    if (run.view.context["cached"] === true) verdict = "hit";
    isJoined = run.isJoined;
    tell(c, looked.found, verdict, isJoined);
  };
  try {
    return await answerStream(c, looked.run, format, onStarted);
  } catch (error) {
    tell(c, looked.found, verdict, isJoined);
    throw error;
  }
}

interface Lookup {
  /** As far as the cache itself knows. */
  readonly verdict: CacheVerdict;
  readonly found: KeptAnswer | null;
  /** What to run for the answer. */
  readonly run: Omit<RunSpec, "ownerId" | "keyId">;
}

async function lookUp(c: Context<AppEnv>, spec: CachedSpec): Promise<Lookup> {
  const { ai, cacheTtlSeconds, maxCacheSize: maxSize } = c.get("config");
  const { kind, request, context = {} } = spec;
  const ttlMs = cacheTtlSeconds * 1000;
  const directives = readDirectives(c.req.header("cache-control"));
  const plan = planOf(directives, { ttlMs, maxSize }, request);
  if (plan === "bypass") {
    requireModel(c, directives, "bypass");
    return { verdict: "bypass", found: null, run: { kind, request, context } };
  }
  const { ownerId } = c.get("principal");
  const key = await sha256Hex(
    keyText({
      ownerId,
      provider: ai.provider,
      model: request.model ?? modelNames(ai)[0] ?? "",
      promptVersion: spec.promptVersion,
      // Whoever names the model that is asked anyway asks the same.
      request: { ...request, model: null },
    }),
  );
  const name = storedName(key, c.get("cacheStanding"));
  const kept = { ...context, cache_key: key, cache_name: name };
  if (plan === "renew") {
    requireModel(c, directives, "bypass");
    return { verdict: "bypass", found: null, run: { kind, request, context: kept } };
  }
  const found = await find(c, name, ownerId);
  if (found !== null && isFresh(systemClock() - found.keptAtMs, ttlMs, directives))
    return {
      verdict: "hit",
      found,
      run: { kind, request, context: kept, recorded: found.answer },
    };
  requireModel(c, directives, "miss");
  return {
    verdict: "miss",
    found: null,
    run: {
      kind,
      request,
      context: kept,
      // The name, not the key: what was evicted or cleared while it was being made is not joined either.
      flightKey: name,
      joinEndedMs: joinEndedMs(ttlMs, directives),
    },
  };
}

/** A store that cannot be asked has nothing. */
async function find(c: Context<AppEnv>, name: string, ownerId: string): Promise<KeptAnswer | null> {
  try {
    return await readRecord(c.env.CACHE_KV, name, ownerId);
  } catch (error) {
    c.get("log").warn("cache.not_read", describeError(error));
    return null;
  }
}

/** Refuses where the model would have to be asked and the caller does not want that (RFC 9111 section 5.2.1.7). */
function requireModel(
  c: Context<AppEnv>,
  { isOnlyIfCached }: Directives,
  verdict: CacheVerdict,
): void {
  if (!isOnlyIfCached) return;
  tell(c, null, verdict, false);
  throw new ApiError("NOT_CACHED");
}

/** What was said of a request so far: some look several answers up. */
const TOLD = new WeakMap<Context<AppEnv>, CacheVerdict>();

/** Tells the caller what came of looking up, and the owner's gate, for which nobody waits. */
function tell(
  c: Context<AppEnv>,
  found: KeptAnswer | null,
  verdict: CacheVerdict,
  isJoined: boolean,
): void {
  const told = worse(TOLD.get(c) ?? null, verdict);
  TOLD.set(c, told);
  c.header("X-Cache", told);
  if (told === "hit" && found !== null)
    c.header("Age", String(Math.max(0, Math.floor((systemClock() - found.keptAtMs) / 1000))));
  else c.header("Age");
  c.get("logFields")["cache"] = told;
  const counts = {
    ...NO_COUNTS,
    ...(verdict === "hit" ? { hits: 1 } : {}),
    ...(verdict === "miss" ? { misses: 1, joined: isJoined ? 1 : 0 } : {}),
    ...(verdict === "bypass" ? { bypassed: 1 } : {}),
  };
  if (verdict === "hit") count("naru_cache_hits_total", { cache: "answers" });
  if (verdict === "miss") count("naru_cache_misses_total", { cache: "answers" });
  const log = c.get("log");
  c.executionCtx.waitUntil(
    countAnswers(c.env, c.get("principal").ownerId, counts).catch((error: unknown) => {
      log.warn("cache.not_counted", describeError(error));
    }),
  );
}
