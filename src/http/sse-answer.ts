import type { Context } from "hono";
import { ApiError } from "#platform/errors";
import type { ErrorCode } from "#platform/errors";
import { describeError } from "#platform/log";
import type { AppEnv } from "#http/context";
import { isDependencyFailure } from "#http/dependency-failure";
import { problemOf } from "#http/problem";
import { openSse, ReaderTooSlow } from "#http/sse";
import type { SseEvent, SseProducer, SseWatch } from "#http/sse";

export interface SseAnswerOptions {
  readonly watch?: SseWatch | undefined;
  /** What the caller saw last. */
  readonly resumedFrom?: string | undefined;
  /** Runs once when the stream is over, whoever ended it: gives back what the stream held. */
  readonly onOver?: () => Promise<void>;
}

/**
 * Answers with a stream of events. The producer gives the last event, by contract `done` or `error`; what it throws becomes an `error` event with
 * the members of a problem, in the caller's language, and a line in the log. A caller that leaves ends the producer.
 */
export function answerSse(
  c: Context<AppEnv>,
  produce: SseProducer,
  { watch, resumedFrom, onOver }: SseAnswerOptions = {},
): Response {
  const onFailure = (error: unknown): SseEvent => failureEvent(c, error);
  const stream = openSse(produce, { watch, resumedFrom, onFailure });
  // Where the runtime tells of a caller that left before it cancels the body.
  c.req.raw.signal.addEventListener("abort", stream.abandon);
  c.executionCtx.waitUntil(
    stream.finished
      .then(() => onOver?.())
      .catch((error: unknown) => {
        c.get("log").warn("stream.not_released", describeError(error));
      }),
  );
  return c.newResponse(stream.body, 200, {
    "Content-Type": "text/event-stream",
    // Neither kept nor held back to be compressed or gathered (nginx: `proxy_buffering`).
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
  });
}

/** The `error` event of a failure. Of what is no refusal of ours the log keeps a description and the caller learns only the request id. */
export function failureEvent(c: Context<AppEnv>, error: unknown): SseEvent {
  const { code, options } =
    error instanceof ApiError ? error : new ApiError(codeOf(error), { cause: error });
  const { cause, internal } = options;
  c.get("log")[code === "INTERNAL" ? "error" : "info"]("stream.failed", {
    error_code: code,
    error_internal: internal,
    ...(cause === undefined ? {} : describeError(cause)),
  });
  const problem = problemOf(c, code, options);
  const shape = c.get("errorShape");
  if (shape !== undefined) return { data: JSON.stringify(shape.present(problem).body) };
  return { event: "error", data: JSON.stringify(problem) };
}

function codeOf(error: unknown): ErrorCode {
  if (error instanceof ReaderTooSlow) return "READER_TOO_SLOW";
  return isDependencyFailure(error) ? "DEPENDENCY_UNAVAILABLE" : "INTERNAL";
}

/** What a reader saw last: the number in `Last-Event-ID`, 0 where there is none. INVALID_HEADER where it is no id that we gave. */
export function lastEventNumber(c: Context<AppEnv>): number {
  const header = c.req.header("last-event-id")?.trim() ?? "";
  if (header === "") return 0;
  if (!/^\d{1,15}$/.test(header))
    throw new ApiError("INVALID_HEADER", { params: { header: "Last-Event-ID" } });
  return Number(header);
}
