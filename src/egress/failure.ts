import type { ErrorCode, ErrorParams } from "#platform/errors";
import { TooLarge } from "./body-reader";
import type { UrlRefusal } from "./core/address-policy";
import { acceptsType } from "./core/media-type";
import type { DnsRefusal } from "./dns-client";
import type { OutsideFailure, OutsideRequest } from "./request";
import type { Watch } from "./watch";

type Limits = Pick<OutsideRequest, "accept" | "maxBytes" | "method" | "timeoutMs" | "truncate">;

export function failure(
  code: ErrorCode,
  url: URL,
  params: ErrorParams,
  more: Partial<OutsideFailure> = {},
): OutsideFailure {
  return {
    kind: "egress",
    code,
    params: { host: url.host, ...params },
    isRetryable: false,
    isTransport: false,
    isAborted: false,
    url: url.href,
    ...more,
  };
}

/** The address policy said no. `url` is text, since what it refuses may be no URL at all. */
export const refusedUrl = (url: string, refusal: UrlRefusal): OutsideFailure => ({
  kind: "egress",
  code: "URL_NOT_ALLOWED",
  params: { host: URL.parse(url)?.host ?? "", reason: refusal, url: shown(url) },
  isRetryable: false,
  isTransport: false,
  isAborted: false,
  url,
  refusal,
});

const MAX_SHOWN_URL = 200;

/** A refused address as its caller may read it: of a redirect's target, which somebody else chose, no password is passed on. */
function shown(address: string): string {
  const url = URL.parse(address);
  if (url !== null) {
    url.username = "";
    url.password = "";
  }
  return (url?.href ?? address).slice(0, MAX_SHOWN_URL);
}

export const refusedRedirect = (url: URL): OutsideFailure =>
  failure(
    "URL_NOT_ALLOWED",
    url,
    { reason: "redirect", url: shown(url.href) },
    { refusal: "redirect" },
  );

export function dnsFailure(url: URL, refusal: DnsRefusal, watch: Watch): OutsideFailure {
  if (refusal === "private_address")
    return failure("URL_NOT_ALLOWED", url, { reason: refusal, url: shown(url.href) }, { refusal });
  return failure(
    "DNS_FAILED",
    url,
    {},
    {
      isRetryable: refusal === "unavailable",
      isAborted: watch.reason() === "aborted",
      refusal,
    },
  );
}

/** The body is packed in a way that nobody here can undo. */
export const unknownCoding = (response: Response, url: URL): OutsideFailure =>
  failure("UNSUPPORTED_CONTENT", url, {
    content_encoding: (response.headers.get("content-encoding") ?? "").slice(0, 100),
  });

/** What a thrown error was, told by the watch rather than by the error, whose texts differ between runtimes. */
export function failureOf(
  error: unknown,
  url: URL,
  limits: Limits,
  watch: Watch,
  isTransport: boolean,
): OutsideFailure {
  if (error instanceof TooLarge)
    return failure("RESPONSE_TOO_LARGE", url, { limit: limits.maxBytes });
  const reason = watch.reason();
  if (reason === "aborted")
    return failure("FETCH_FAILED", url, {}, { isRetryable: true, isAborted: true });
  if (reason === null) return failure("FETCH_FAILED", url, {}, { isRetryable: true, isTransport });
  const seconds = Math.round(limits.timeoutMs / 1000);
  return failure("FETCH_TIMED_OUT", url, { seconds }, { isRetryable: true, isTransport });
}

/** What a successful answer's own headers already rule out, before a byte of its body is read. */
export function contentRefusal(
  response: Response,
  url: URL,
  limits: Limits,
): OutsideFailure | null {
  if (!response.ok) return null;
  const contentType = response.headers.get("content-type");
  if (limits.accept !== undefined && !acceptsType(limits.accept, contentType))
    return failure("UNSUPPORTED_CONTENT", url, {
      content_type: (contentType ?? "").slice(0, 100),
      accepts: limits.accept.join(", "),
    });
  // Of a compressed body it is the size on the wire; unfolded it is hardly smaller.
  const length = Number(response.headers.get("content-length") ?? 0);
  return length > limits.maxBytes && limits.truncate !== true && limits.method !== "HEAD"
    ? failure("RESPONSE_TOO_LARGE", url, { limit: limits.maxBytes })
    : null;
}
