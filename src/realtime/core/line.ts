import { errorText } from "#platform/errors";
import type { ErrorCode, ErrorParams } from "#platform/errors";
import type { Attachment } from "./attachment";
import { NO_OUTFLOW } from "./backpressure";
import type { Outflow } from "./backpressure";
import { fullBucket } from "./bucket";
import type { Bucket } from "./bucket";
import type { Codec } from "./codec";
import { codecFor } from "./codecs";
import { CLOSE, reconnectAfter } from "./codes";
import type { CloseCause } from "./codes";

/** What a gateway knows of a socket; the attachment alone outlives its sleep. */
export interface Line {
  readonly socket: WebSocket;
  attachment: Attachment;
  bucket: Bucket;
  outflow: Outflow;
  /** Faulty frames in a row. */
  faults: number;
  /** When its credential was last found good. */
  checkedAtMs: number;
  isClosing: boolean;
  /** Frames of one socket are taken one after the other. */
  turn: Promise<void>;
}

/** A line that has said nothing yet, or nothing since its object woke up. */
export const newLine = (socket: WebSocket, attachment: Attachment, nowMs: number): Line => ({
  socket,
  attachment,
  bucket: fullBucket(nowMs),
  outflow: NO_OUTFLOW,
  faults: 0,
  checkedAtMs: nowMs,
  isClosing: false,
  turn: Promise.resolve(),
});

/** A client shows by its pings that it is there; one that has missed three of them is gone. */
export const SILENCE_MS = 90_000;

export const codecOf = ({ attachment }: Line): Codec => codecFor(attachment.protocol);

/** What may be said with a refusal. Where there is a time after which to try again, the refusal is a passing one. */
export interface RefusalDetails {
  readonly params?: ErrorParams;
  readonly retryAfterMs?: number;
  readonly data?: object;
}

/** The data of an `error` frame, in the reader's language. */
export function refusalData(line: Line, code: ErrorCode, more: RefusalDetails): object {
  const text = errorText(code, line.attachment.identity.locale, more.params);
  const temporary = more.retryAfterMs !== undefined;
  return {
    code,
    message: text.error,
    detail: text.detail,
    temporary,
    ...(temporary && { retry_after_ms: more.retryAfterMs }),
    ...more.data,
  };
}

/** How a line is closed, and what its reader is told before. */
export function farewell(
  codec: Codec,
  cause: CloseCause,
): { readonly code: number; readonly reason: string; readonly data: object } {
  const { code, reason } = codec.close[cause];
  const reconnect = reconnectAfter(CLOSE[cause].code);
  const delayMs = reconnect === "backoff" ? 1_000 : 0;
  return { code, reason, data: { code, reason, reconnect, delay_ms: delayMs } };
}
