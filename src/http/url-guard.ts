import type { MiddlewareHandler } from "hono";
import { ApiError } from "#platform/errors";
import type { AppEnv } from "#http/context";

/** RFC 9110 section 4.1 asks for 8,000 octets at least. */
export const MAX_TARGET_LENGTH = 8192;

const CREDENTIAL_NAMES = new Set([
  "access_token",
  "api-key",
  "api_key",
  "apikey",
  "auth_token",
  "authorization",
  "bearer",
  "client_secret",
  "id_token",
  "jwt",
  "password",
  "refresh_token",
  "secret",
  "token",
  "x-api-key",
]);

/** An API key, a refresh token or a client's secret of ours, or a ticket for a socket. */
const OF_OURS =
  "nr_[a-z]+_\\w{8,}|nr[rc]_\\w{16,}|naru\\.ticket\\.|\\d{1,9}\\.[0-9a-hjkmnp-tv-z]{32}\\.[0-9a-hjkmnp-tv-z]{12}(?!\\w)";

/** One of these or a signed token, under whatever name it was put. */
const CREDENTIAL_VALUE = new RegExp(
  `^(?:${OF_OURS}|(?:bearer\\s+)?eyJ[\\w-]{8,}\\.[\\w-]+\\.[\\w-]*)`,
  "i",
);
const CREDENTIAL_OF_OURS = new RegExp(`^(?:${OF_OURS})`, "i");
/** Signed tokens that stand in a path are an upstream's own: links for one use are made of them. */
const SEGMENT_OF_OURS = new RegExp(`/(?:${OF_OURS})`, "i");
const GATEWAY = "/api/v1/gw/";

/**
 * Refuses a request target that is too long, and one that carries a credential: URLs stay in logs, histories and Referer
 * headers (RFC 6750 section 5.3), and those of upstreams in theirs. Refused rather than ignored, so that it is noticed.
 */
export const urlGuard: MiddlewareHandler<AppEnv> = async function guardUrl(c, next) {
  const { url } = c.req;
  const target = url.slice(url.indexOf("/", url.indexOf("//") + 2));
  if (target.length > MAX_TARGET_LENGTH) throw new ApiError("URI_TOO_LONG");
  if (holdsCredential(target)) throw new ApiError("CREDENTIAL_IN_URL");
  await next();
};

/** Whether a request's target carries a credential: in its query, and for an upstream, which gets it all, in its path. */
export function holdsCredential(target: string): boolean {
  const start = target.indexOf("?");
  const path = start < 0 ? target : target.slice(0, start);
  // What parameters of an upstream are called is its own affair; a credential of ours is none there either.
  const isForUpstream = path.startsWith(GATEWAY);
  if (isForUpstream && SEGMENT_OF_OURS.test(path)) return true;
  return start >= 0 && hasCredential(target.slice(start + 1), !isForUpstream);
}

/**
 * Whether a query string carries a credential, by its form or, with `byName`, by its name. An authorization code comes back in the URL
 * by standard (RFC 6749 section 4.1.2), works once, and looks like a signed token at some providers: it is none of ours.
 */
export function hasCredential(query: string, byName = true): boolean {
  for (const [name, value] of new URLSearchParams(query)) {
    if (name === "code" && !CREDENTIAL_OF_OURS.test(value)) continue;
    if (CREDENTIAL_VALUE.test(value)) return true;
    if (byName && CREDENTIAL_NAMES.has(name.toLowerCase())) return true;
  }
  return false;
}
