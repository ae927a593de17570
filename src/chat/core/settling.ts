/** An answer that nobody completes after so long lost whatever was to write it: longer than any run may take. */
export const LOST_AFTER_MS = 20 * 60_000;

export interface AnswerState {
  readonly status: "pending" | "complete" | "failed";
  readonly errorCode: string | null;
}

/** The state of an answer at `nowMs`: one that is pending for ever is one that failed. */
export const stateOf = (
  { status, errorCode }: AnswerState,
  createdAtMs: number,
  nowMs: number,
): AnswerState =>
  status === "pending" && nowMs - createdAtMs >= LOST_AFTER_MS
    ? { status: "failed", errorCode: "STREAM_INTERRUPTED" }
    : { status, errorCode };
