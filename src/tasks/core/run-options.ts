import { fromTimestamp } from "#platform/clock";
import type { NewTask } from "./lifecycle";
import type { Priority } from "./state";
import { MAX_ATTEMPTS, MAX_DELAY_S, RETENTION_MS, START_WITHIN_MS } from "./timing";

/** How a caller wants a task to be run, as the wire has it; what is absent has its default. */
export interface RunOptions {
  readonly priority?: Priority | undefined;
  /** Seconds from now. */
  readonly delay_seconds?: number | undefined;
  /** RFC 3339. */
  readonly run_at?: string | undefined;
  /** Seconds within which a worker has to take it, counted from when it may run. */
  readonly queue_ttl?: number | undefined;
  readonly max_attempts?: number | undefined;
  /** Seconds that its record is kept after its end. */
  readonly result_ttl?: number | undefined;
  readonly callback_url?: string | undefined;
}

type Scheduled = Pick<
  NewTask,
  "priority" | "notBeforeMs" | "startWithinMs" | "maxAttempts" | "retentionMs" | "callbackUrl"
>;

/** The options as the record has them. A time in the past is now. */
export function applyOptions(options: RunOptions, nowMs: number): Scheduled {
  return {
    priority: options.priority ?? "normal",
    notBeforeMs: runAtMs(options, nowMs),
    startWithinMs: options.queue_ttl === undefined ? START_WITHIN_MS : options.queue_ttl * 1000,
    maxAttempts: options.max_attempts ?? MAX_ATTEMPTS,
    retentionMs: options.result_ttl === undefined ? RETENTION_MS : options.result_ttl * 1000,
    callbackUrl: options.callback_url ?? null,
  };
}

/** When the task may run: 0 for at once. */
function runAtMs({ delay_seconds: delayS, run_at: runAt }: RunOptions, nowMs: number): number {
  const atMs = runAt === undefined ? nowMs + (delayS ?? 0) * 1000 : fromTimestamp(runAt);
  return atMs > nowMs ? atMs : 0;
}

export interface OptionFault {
  readonly field: keyof RunOptions;
  readonly code: "conflict" | "too_far";
}

/** What no schema sees: options that contradict each other, and a time that is too far ahead. */
export function checkOptions(options: RunOptions, nowMs: number): readonly OptionFault[] {
  const { delay_seconds: delayS, run_at: runAt } = options;
  if (runAt === undefined) return [];
  if (delayS !== undefined) return [{ field: "run_at", code: "conflict" }];
  return fromTimestamp(runAt) - nowMs > MAX_DELAY_S * 1000
    ? [{ field: "run_at", code: "too_far" }]
    : [];
}

/** The options that stand in a body, and what else does. */
export function splitOptions<T extends RunOptions>(
  body: T,
): { readonly options: RunOptions; readonly rest: Omit<T, keyof RunOptions> } {
  const {
    priority,
    delay_seconds,
    run_at,
    queue_ttl,
    max_attempts,
    result_ttl,
    callback_url,
    ...rest
  } = body;
  return {
    options: { priority, delay_seconds, run_at, queue_ttl, max_attempts, result_ttl, callback_url },
    rest,
  };
}
