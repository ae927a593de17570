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

/** An API key of ours, or a signed token, under whatever name it was put. */
const CREDENTIAL_VALUE = /^(?:nr_[a-z]+_\w{8,}|(?:bearer\s+)?eyJ[\w-]{8,}\.[\w-]+\.[\w-]*)/i;

/**
 * Refuses a request target that is too long, and one whose query carries a credential: URLs stay in logs,
 * histories and Referer headers (RFC 6750 section 5.3). Refused rather than ignored, so that it is noticed.
 */
export const urlGuard: MiddlewareHandler<AppEnv> = async function guardUrl(c, next) {
  const { url } = c.req;
  const target = url.slice(url.indexOf("/", url.indexOf("//") + 2));
  if (target.length > MAX_TARGET_LENGTH) throw new ApiError("URI_TOO_LONG");
  const start = target.indexOf("?");
  // What parameters of an upstream are called is its own affair; a credential of ours is none there either.
  const areOurs = !target.startsWith("/api/v1/gw/");
  if (start >= 0 && hasCredential(target.slice(start + 1), areOurs))
    throw new ApiError("CREDENTIAL_IN_URL");
  await next();
};

/**
 * Whether a query string carries a credential, by its form or, with `byName`, by its name. An authorization code comes back in the URL
 * by standard (RFC 6749 section 4.1.2), works once, and looks like a signed token at some providers: it is none of ours.
 */
export function hasCredential(query: string, byName = true): boolean {
  for (const [name, value] of new URLSearchParams(query)) {
    if (name === "code" && !value.startsWith("nr_")) continue;
    if (CREDENTIAL_VALUE.test(value)) return true;
    if (byName && CREDENTIAL_NAMES.has(name.toLowerCase())) return true;
  }
  return false;
}
