import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import { checkUrl } from "./core/address-policy";
import { failureOf, refusedUrl } from "./failure";
import type { Egress, OutsideFailure } from "./request";
import { createWatch } from "./watch";

/** Somebody's request, handed on to an address of the operator's. */
export interface PassedRequest {
  readonly url: string;
  readonly method: string;
  /** All there are: nothing is added to them. */
  readonly headers: Headers;
  /** Sent as it comes; what it costs to hold it is nothing, whatever its length. */
  readonly body: ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> | null;
  /** Milliseconds to the head of the answer. */
  readonly timeoutMs: number;
  /** Ends the call, at any time: also while the answer's body is read. */
  readonly signal: AbortSignal;
}

/**
 * Hands a request on and its answer back as they are: both bodies stream, codings are not undone, redirects are answers,
 * and there is no cap on size. For addresses that the operator chose, and only those. A WebSocket's answer has its
 * `webSocket`. Once there is an answer, only `signal` ends the call.
 */
export async function passOutside(
  egress: Egress,
  request: PassedRequest,
): Promise<Result<Response, OutsideFailure>> {
  const { url, method, headers, body, timeoutMs } = request;
  const checked = checkUrl(url, "operator", egress.rules);
  if (!checked.ok) return err(refusedUrl(url.slice(0, 200), checked.error));
  const watch = createWatch(egress.timer, timeoutMs, request.signal);
  const call = new AbortController();
  const endCall = (): void => call.abort();
  try {
    watch.signal.addEventListener("abort", endCall, { once: true });
    const response = await watch.race(() =>
      egress.fetch(url, {
        method,
        headers,
        ...(body === null ? {} : { body }),
        redirect: "manual",
        encodeResponseBody: "manual",
        signal: call.signal,
      }),
    );
    watch.signal.removeEventListener("abort", endCall);
    request.signal.addEventListener("abort", endCall, { once: true });
    return ok(response);
  } catch (error) {
    const limits = { maxBytes: Infinity, timeoutMs };
    return err(failureOf(error, new URL(url), limits, watch, true));
  } finally {
    watch.close();
  }
}
