import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import { childOf } from "#platform/trace-context";
import { inSpan } from "#platform/tracing";
import type { SpanAttributes } from "#platform/tracing";
import { checkUrl, portOf } from "./core/address-policy";
import { nextHop } from "./core/redirect";
import type { Hop } from "./core/redirect";
import { USER_AGENT } from "./core/user-agent";
import {
  contentRefusal,
  dnsFailure,
  failure,
  failureOf,
  refusedRedirect,
  refusedUrl,
} from "./failure";
import type {
  Egress,
  OutsideAnswer,
  OutsideFailure,
  OutsideRequest,
  RedirectStep,
} from "./request";
import type { Watch } from "./watch";

export type Opened = OutsideAnswer & { readonly response: Response };

/** Goes from hop to hop until an answer is final. Its body is unread; the caller reads or cancels it. */
export async function followHops<Refusal>(
  egress: Egress,
  request: OutsideRequest<Refusal>,
  watch: Watch,
): Promise<Result<Opened, OutsideFailure | Refusal>> {
  const start = URL.parse(String(request.url));
  if (start === null) return err(refusedUrl(String(request.url).slice(0, 200), "malformed"));
  let hop: Hop = {
    url: start,
    method: (request.method ?? "GET").toUpperCase(),
    headers: headersOf(request),
    hasBody: request.body !== undefined,
  };
  const redirects: RedirectStep[] = [];
  let isDowngraded = false;
  for (;;) {
    const admitted = await admitHop(egress, request, watch, hop.url);
    if (!admitted.ok) return admitted;
    const url = admitted.value;
    const sent = await send(egress, request, watch, { ...hop, url });
    if (!sent.ok) return sent;
    const response = sent.value;
    const next = nextHop({ ...hop, url }, response.status, response.headers.get("location"));
    // One that follows none is handed every redirect as it is, also one that could not be followed.
    if (request.maxRedirects === 0 || (next.ok && next.value === null)) {
      const refusal = contentRefusal(response, url, request);
      if (refusal !== null) {
        discard(response);
        return err(refusal);
      }
      const { status, headers } = response;
      return ok({ response, finalUrl: url.href, status, headers, redirects, isDowngraded });
    }
    discard(response);
    if (!next.ok || next.value === null) return err(refusedRedirect(url));
    if (redirects.length >= request.maxRedirects)
      return err(failure("TOO_MANY_REDIRECTS", url, { limit: request.maxRedirects }));
    redirects.push({ url: url.href, status: response.status });
    isDowngraded ||= url.protocol === "https:" && next.value.url.protocol === "http:";
    hop = next.value;
  }
}

/** The address policy, what the name resolves to, and the caller's own say: the same for the first hop as for the last. */
async function admitHop<Refusal>(
  egress: Egress,
  request: OutsideRequest<Refusal>,
  watch: Watch,
  target: URL,
): Promise<Result<URL, OutsideFailure | Refusal>> {
  const checked = checkUrl(target, request.trust, egress.rules);
  if (!checked.ok) return err(refusedUrl(target.href, checked.error));
  const { url, needsDns } = checked.value;
  try {
    if (needsDns) {
      const resolved = await watch.race(() => egress.resolve(url.hostname, watch.signal));
      if (!resolved.ok) return err(dnsFailure(url, resolved.error, watch));
    }
    const { admit } = request;
    if (admit) {
      const admitted = await watch.race(() => admit(url));
      if (!admitted.ok) return admitted;
    }
    return ok(url);
  } catch (error) {
    return err(failureOf(error, url, request, watch, false));
  }
}

async function send(
  egress: Egress,
  request: OutsideRequest<unknown>,
  watch: Watch,
  hop: Hop,
): Promise<Result<Response, OutsideFailure>> {
  try {
    const response = await inSpan(hop.method, attributesOf(hop.url, hop.method), async (span) => {
      const answer = await watch.race(() =>
        egress.fetch(hop.url.href, {
          method: hop.method,
          headers: tracedHeaders(hop.headers, request.traceparent),
          // The runtime would follow to anywhere, and hide the hops.
          redirect: "manual",
          signal: watch.signal,
          ...(hop.hasBody && request.body !== undefined ? { body: request.body } : {}),
        }),
      );
      span.set({ "http.response.status_code": answer.status });
      if (answer.status >= 400) span.fail(String(answer.status));
      return answer;
    });
    return ok(response);
  } catch (error) {
    return err(failureOf(error, hop.url, request, watch, true));
  }
}

/** What a span tells of a hop: never more of an address than its origin (OpenTelemetry semantic conventions, "HTTP client"). */
const attributesOf = (url: URL, method: string): SpanAttributes => ({
  "http.request.method": method,
  "server.address": url.hostname,
  "server.port": portOf(url),
  "url.scheme": url.protocol.slice(0, -1),
});

/**
 * Each hop is a span of its own in the same trace. A `tracestate` or `baggage` of the client never goes along: what is out there belongs to
 * somebody else.
 */
const tracedHeaders = (
  headers: Readonly<Record<string, string>>,
  traceparent: string | undefined,
): Readonly<Record<string, string>> =>
  traceparent === undefined ? headers : { ...headers, traceparent: childOf(traceparent) };

/** Nothing reads this body: its transfer ends here, and a peer that is already gone is no news. */
export function discard(response: Response): void {
  response.body?.cancel().catch(() => {});
}

function headersOf(request: OutsideRequest<unknown>): Record<string, string> {
  const headers: Record<string, string> = { "user-agent": USER_AGENT };
  if (request.accept !== undefined)
    headers["accept"] =
      request.accept.filter((entry) => !entry.startsWith("*+")).join(", ") || "*/*";
  for (const [name, value] of Object.entries(request.headers ?? {}))
    headers[name.toLowerCase()] = value;
  return headers;
}
