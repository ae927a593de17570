import type { JsonObject } from "#platform/json-value";
import type { Directives } from "./directives";

/**
 * `use`: told from the cache where it has the answer, kept there where not. `renew`: the model answers whatever is kept, and its answer
 * is kept. `bypass`: neither.
 */
export type CachePlan = "use" | "renew" | "bypass";

export interface CacheLimits {
  readonly ttlMs: number;
  /** Answers of one owner. */
  readonly maxSize: number;
}

/** What of a request decides whether it may be answered by what was answered before. */
export interface Cacheable {
  readonly temperature: number | null;
  readonly extra?: JsonObject;
}

/** Above it a request asks for chance: the same answer again is not what it wants. */
const MAX_TEMPERATURE = 1;
/** For how long a run that ended is joined: the store may tell of its answer a minute late, and the run itself is kept so long. */
const JOIN_ENDED_MS = 5 * 60_000;

/** What the cache does for a request. One that offers tools or asks for chance uses it only where `max-age` asks for that. */
export function planOf(
  directives: Directives,
  { ttlMs, maxSize }: CacheLimits,
  request: Cacheable,
): CachePlan {
  if (ttlMs === 0 || maxSize === 0 || directives.isNoStore) return "bypass";
  if (!isRepeatable(request) && directives.maxAgeMs === null) return "bypass";
  return directives.isNoCache ? "renew" : "use";
}

/** What a tool call does is done outside and at its time; an agent that asks again wants the model to decide again. */
function isRepeatable({ temperature, extra = {} }: Cacheable): boolean {
  return (
    (temperature ?? 0) <= MAX_TEMPERATURE &&
    extra["tools"] === undefined &&
    extra["functions"] === undefined
  );
}

/** Whether an answer of this age may be told. */
export const isFresh = (
  ageMs: number,
  ttlMs: number,
  { maxAgeMs, minFreshMs }: Directives,
): boolean =>
  ageMs < ttlMs - (minFreshMs ?? 0) &&
  // `max-age=0` is what asks for an answer of this moment, even within one millisecond.
  (maxAgeMs === null || (maxAgeMs > 0 && ageMs <= maxAgeMs));

/** How long ago a run may have ended that is joined instead of asking the model again. */
export const joinEndedMs = (ttlMs: number, { maxAgeMs, minFreshMs }: Directives): number =>
  Math.max(0, Math.min(JOIN_ENDED_MS, ttlMs - (minFreshMs ?? 0), maxAgeMs ?? Infinity));

/** Answers that came to their own end. One that was cut off by a bound, or by a filter, is not what anybody asked for. */
export const isWhole = (finishReason: string): boolean =>
  finishReason === "stop" || finishReason === "tool_calls";
