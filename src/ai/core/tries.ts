/**
 * Which source is asked next, and when. Until the first token, each failure sends the request on: at once to a source that
 * has not failed, else, after a growing and jittered wait that is never shorter than the source's own `Retry-After`, to the one
 * that is ready first. Times are milliseconds.
 */
import { backoffMs } from "#platform/retry";
import type { Backoff } from "#platform/retry";
import type { TryFailure } from "./failure";

export interface TryRules {
  /** Over all sources. */
  readonly maxTries: number;
  /** From the start to the beginning of the last try. */
  readonly budgetMs: number;
  readonly backoff: Backoff;
}

export const BACKOFF: Backoff = { baseMs: 250, capMs: 8_000 };

interface SourceStanding {
  readonly readyAtMs: number;
  readonly failures: number;
}

export interface Tries {
  readonly startedAtMs: number;
  readonly made: number;
  readonly sources: readonly SourceStanding[];
}

export const noTries = (sources: number, startedAtMs: number): Tries => ({
  startedAtMs,
  made: 0,
  sources: Array.from({ length: sources }, () => ({ readyAtMs: 0, failures: 0 })),
});

export type NextTry =
  | { readonly kind: "try"; readonly source: number; readonly waitMs: number }
  /** `readyInMs` is when some source might answer; null where none will. */
  | { readonly kind: "give_up"; readonly readyInMs: number | null };

/** The source that is ready first, the earlier of two that are. */
export function nextTry(tries: Tries, rules: TryRules, nowMs: number): NextTry {
  let source = 0;
  for (const [index, { readyAtMs }] of tries.sources.entries())
    if (readyAtMs < readyAt(tries, source)) source = index;
  const readyAtMs = readyAt(tries, source);
  const waitMs = Math.max(0, readyAtMs - nowMs);
  const isTooLate = nowMs + waitMs > tries.startedAtMs + rules.budgetMs;
  if (tries.made >= rules.maxTries || isTooLate)
    return { kind: "give_up", readyInMs: Number.isFinite(readyAtMs) ? waitMs : null };
  return { kind: "try", source, waitMs };
}

const readyAt = (tries: Tries, source: number): number =>
  tries.sources[source]?.readyAtMs ?? Infinity;

/** Takes in that a try at a source failed. `random` is in [0, 1). */
export function afterFailure(
  tries: Tries,
  source: number,
  failure: TryFailure,
  rules: TryRules,
  nowMs: number,
  random: number,
): Tries {
  const failures = (tries.sources[source]?.failures ?? 0) + 1;
  const waitMs = Math.max(failure.retryAfterMs ?? 0, backoffMs(rules.backoff, failures, random));
  const readyAtMs = failure.isRetryable ? nowMs + waitMs : Infinity;
  return {
    ...tries,
    made: tries.made + 1,
    sources: tries.sources.map((standing, index) =>
      index === source ? { readyAtMs, failures } : standing,
    ),
  };
}

/** Takes in that a source may not be asked at all; that is no try. */
export const afterRefusal = (tries: Tries, source: number): Tries => ({
  ...tries,
  sources: tries.sources.map((standing, index) =>
    index === source ? { ...standing, readyAtMs: Infinity } : standing,
  ),
});
