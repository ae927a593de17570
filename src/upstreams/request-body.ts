import type { TimerPort } from "#egress/service";
import { ApiError } from "#platform/errors";
import { isRepeatable } from "./core/retry-policy";
import type { Upstream } from "./core/upstream";
import { relayBody } from "./relay-body";
import type { RelayEnd } from "./relay-body";

/** A request's body on its way to an upstream. */
export interface PassedBody {
  readonly content: ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> | null;
  /** Whether the request may be sent again with it. */
  readonly isRepeatable: boolean;
  /** How a stream ended; null where all of it is here. */
  readonly ended: Promise<RelayEnd> | null;
}

/** A client that sends nothing for so long holds a connection to the upstream for nothing. */
const CLIENT_IDLE_MS = 60_000;

/**
 * The body of a request as it goes on. BODY_TOO_LARGE before a byte is read where its length is told; one that does not
 * tell is cut off where it has gone too far, and `ended` says so. BODY_NOT_ALLOWED for GET and HEAD: no meaning is defined
 * for one (RFC 9110 section 9.3.1), and the runtime sends none.
 */
export async function passBody(
  request: Pick<Request, "method" | "headers" | "body">,
  upstream: Pick<Upstream, "maxBodyBytes" | "retries" | "timeoutMs">,
  timer: TimerPort,
): Promise<PassedBody> {
  const { method, headers, body } = request;
  const told = headers.get("content-length");
  const length = told === null ? null : Number(told);
  if (body === null || length === 0)
    return { content: null, isRepeatable: isRepeatable(method, 0), ended: null };
  if (method === "GET" || method === "HEAD") throw await refuse(body, "BODY_NOT_ALLOWED");
  const limit = upstream.maxBodyBytes;
  if (length !== null && length > limit) throw await refuse(body, "BODY_TOO_LARGE", { limit });
  if (upstream.retries > 0 && isRepeatable(method, length)) {
    const bytes = await new Response(body).bytes();
    return { content: new Uint8Array(bytes), isRepeatable: true, ended: null };
  }
  const { readable, ended } = relayBody(body, {
    length,
    maxBytes: limit,
    idleMs: CLIENT_IDLE_MS,
    stallMs: upstream.timeoutMs,
    timer,
  });
  return { content: readable, isRepeatable: false, ended };
}

async function refuse(
  body: ReadableStream,
  code: "BODY_NOT_ALLOWED" | "BODY_TOO_LARGE",
  params = {},
): Promise<ApiError> {
  await body.cancel();
  return new ApiError(code, { params });
}
