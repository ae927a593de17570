import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import { checkUrl } from "./core/address-policy";
import { failure, refusedUrl } from "./failure";
import type { Egress, OutsideFailure } from "./request";

/** Somebody's request, handed on to an address of the operator's. */
export interface PassedRequest {
  readonly url: string;
  readonly method: string;
  /** All there are: nothing is added to them. */
  readonly headers: Headers;
  /** Sent as it comes; what it costs to hold it is nothing, whatever its length. */
  readonly body: ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> | null;
  /** Ends the call at any time, also while the answer's body is read: nobody waits for it any more. */
  readonly signal: AbortSignal;
  /** Aborted when the answer should have begun. */
  readonly deadline: AbortSignal;
}

/**
 * Hands a request on and its answer back as they are: both bodies stream, codings are not undone, redirects are answers,
 * and there is no cap on size. For addresses that the operator chose, and only those. A WebSocket's answer has its
 * `webSocket`. Fails with FETCH_TIMED_OUT where the deadline came first, with `isAborted` where the caller left, and with
 * FETCH_FAILED where there was no connection or it was lost.
 */
export async function passOutside(
  egress: Egress,
  request: PassedRequest,
): Promise<Result<Response, OutsideFailure>> {
  const { url, method, headers, body, signal, deadline } = request;
  const checked = checkUrl(url, "operator", egress.rules);
  if (!checked.ok) return err(refusedUrl(url.slice(0, 200), checked.error));
  const call = new AbortController();
  const stopped = Promise.withResolvers<never>();
  // Nobody may be waiting when it stops; that is no failure.
  stopped.promise.catch(() => undefined);
  const stop = (): void => {
    call.abort();
    stopped.reject(new Error("stopped"));
  };
  signal.addEventListener("abort", stop, { once: true });
  deadline.addEventListener("abort", stop, { once: true });
  if (signal.aborted || deadline.aborted) stop();
  try {
    const response = await Promise.race([
      stopped.promise,
      egress.fetch(url, {
        method,
        headers,
        ...(body === null ? {} : { body }),
        redirect: "manual",
        encodeResponseBody: "manual",
        signal: call.signal,
      }),
    ]);
    return ok(response);
  } catch {
    const more = { isRetryable: true, isTransport: true };
    const target = checked.value.url;
    if (signal.aborted)
      return err(failure("FETCH_FAILED", target, {}, { ...more, isAborted: true }));
    return err(failure(deadline.aborted ? "FETCH_TIMED_OUT" : "FETCH_FAILED", target, {}, more));
  } finally {
    deadline.removeEventListener("abort", stop);
  }
}
