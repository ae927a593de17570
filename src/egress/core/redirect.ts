/** How a redirect is followed (Fetch standard, "HTTP-redirect fetch"; RFC 9110 section 15.4). */
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";

export interface Hop {
  readonly url: URL;
  readonly method: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly hasBody: boolean;
}

/** Headers that may follow to another origin. Every other one may be a credential: a key's header can have any name. */
const CROSS_ORIGIN_HEADERS = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "content-type",
  "traceparent",
  "user-agent",
]);

/**
 * The hop that an answer asks for, or null where the answer is final: no redirect status, or one
 * without a `Location`. Refuses a target that is no URL, and a body that would go to another origin,
 * since a body may hold a secret just as a header may.
 */
export function nextHop(
  hop: Hop,
  status: number,
  location: string | null,
): Result<Hop | null, "malformed" | "body_to_other_origin"> {
  if (![301, 302, 303, 307, 308].includes(status) || location === null) return ok(null);
  const url = URL.parse(location, hop.url.href);
  if (url === null) return err("malformed");
  const toGet =
    (status === 303 && hop.method !== "GET" && hop.method !== "HEAD") ||
    ((status === 301 || status === 302) && hop.method === "POST");
  const hasBody = hop.hasBody && !toGet;
  const isSameOrigin = url.origin === hop.url.origin;
  if (hasBody && !isSameOrigin) return err("body_to_other_origin");
  const headers = Object.fromEntries(
    Object.entries(hop.headers).filter(
      ([name]) =>
        (isSameOrigin || CROSS_ORIGIN_HEADERS.has(name)) &&
        (hasBody || !hop.hasBody || !name.startsWith("content-")),
    ),
  );
  return ok({ url, method: toGet ? "GET" : hop.method, headers, hasBody });
}
