import { errorText } from "#platform/errors";
import type { ErrorCode } from "#platform/errors";
import type { Locale } from "#platform/locale";
import type { Frame, StreamFormat, StreamView } from "./core/format";
import type { ModelEvent, ModelFailure } from "./core/port";

/** A frame with its number, from 1. */
export interface NumberedFrame extends Frame {
  readonly id: string;
  readonly isLast: boolean;
}

/** The frames of a stream behind the first `after`. The same whoever asks and however often: their numbers are what resumes it. */
export async function* framesOf(
  view: StreamView,
  events: AsyncIterable<ModelEvent>,
  format: StreamFormat,
  after: number,
): AsyncGenerator<NumberedFrame> {
  const map = format(view);
  let count = 0;
  for await (const event of events) {
    const isEnd = event.type === "done" || event.type === "error";
    const frames = map(event);
    for (const [index, frame] of frames.entries()) {
      count++;
      if (count > after)
        yield { ...frame, id: String(count), isLast: isEnd && index === frames.length - 1 };
    }
  }
}

/** What an `error` frame tells of a failure, in the language of who asked. */
export interface FailureText {
  readonly code: ErrorCode;
  readonly message: string;
  readonly detail: string | null;
  readonly is_retryable: boolean;
  readonly retry_after_ms?: number;
}

export function failureText(failure: ModelFailure, locale: Locale): FailureText {
  const { error, detail } = errorText(failure.code, locale, failure.params);
  const { code, isRetryable, retryAfterMs } = failure;
  return {
    code,
    message: error,
    detail,
    is_retryable: isRetryable,
    ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }),
  };
}
