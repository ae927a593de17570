import type { ErrorCode, ErrorParams } from "#platform/errors";
import type { LogLevel } from "./events";
import type { JsonObject, JsonValue } from "#platform/json-value";

/** One run of a task, as an executor sees it. */
export interface TaskRun {
  readonly taskId: string;
  readonly ownerId: string;
  readonly kind: string;
  /** Counts from 1. */
  readonly attempt: number;
  readonly input: JsonObject;
  /** Aborted when the task is cancelled, overruns or loses its lease. */
  readonly signal: AbortSignal;
  /** When the task's time is over, counted from its first attempt, in milliseconds since the epoch of the shard's clock. */
  readonly deadlineMs: number;
  /** W3C Trace Context to send along to every outside hop. */
  readonly traceparent: string;
  /** Shows followers how far the run is, within half a second; of several in that time the latest. At most 4 KiB as JSON, else dropped. */
  readonly reportProgress?: (progress: JsonValue) => void;
  /** Shows followers a line of text, at most 2,000 characters; beyond 50 lines in half a second they are counted and dropped. */
  readonly reportLog?: (level: LogLevel, message: string) => void;
}

/** What became of a run. An executor never throws for what it expects. */
export type RunOutcome =
  | { readonly status: "completed"; readonly data: JsonValue }
  | {
      readonly status: "failed";
      readonly code: ErrorCode;
      readonly params?: ErrorParams;
      /** Whether another attempt could end differently. */
      readonly retryable: boolean;
      /** Not before so many milliseconds, as the target asked. */
      readonly retryAfterMs?: number;
    }
  /** The target is busy: the task goes back to its shard and no attempt is spent. The code says what it waits for. */
  | {
      readonly status: "deferred";
      readonly notBeforeMs: number;
      readonly code: ErrorCode;
      readonly params?: ErrorParams;
    };

export type Executor = (run: TaskRun) => Promise<RunOutcome>;
