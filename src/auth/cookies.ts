import { equalTexts, toBase64Url } from "#platform/bytes";
import type { Config } from "#platform/config";
import { hmacSha256 } from "#platform/hmac";
import { refreshKey } from "./sessions";
import type { SessionTokens } from "./sessions";

/**
 * Both names begin with `__Host-`, so that a browser takes them from this very host over TLS (or loopback) only, and no
 * subdomain can plant them (RFC 6265bis section 4.1.3.2).
 */
export const REFRESH_COOKIE = "__Host-refresh";
/** Read by the page's scripts, which repeat it in `X-CSRF-Token`. */
export const CSRF_COOKIE = "__Host-csrf";
const ATTRIBUTES = "Path=/; Secure; SameSite=Strict";

/** The `Set-Cookie` values that keep a session in a browser: the token where no script reads it, and its CSRF token. */
const sessionCookies = (tokens: SessionTokens, csrfToken: string): string[] => [
  `${REFRESH_COOKIE}=${tokens.refresh_token}; ${ATTRIBUTES}; HttpOnly; Max-Age=${tokens.refresh_expires_in}`,
  `${CSRF_COOKIE}=${csrfToken}; ${ATTRIBUTES}; Max-Age=${tokens.refresh_expires_in}`,
];

/** A session as a browser gets it: the refresh token in its cookie and not in the body. */
export async function browserSession(config: Config, tokens: SessionTokens) {
  const csrfToken = await csrfTokenOf(config, tokens.session_id);
  const { refresh_token: _inCookie, ...rest } = tokens;
  return { cookies: sessionCookies(tokens, csrfToken), body: { ...rest, csrf_token: csrfToken } };
}

/** The `Set-Cookie` values that take both back. */
export const clearedCookies = (): string[] => [
  `${REFRESH_COOKIE}=; ${ATTRIBUTES}; HttpOnly; Max-Age=0`,
  `${CSRF_COOKIE}=; ${ATTRIBUTES}; Max-Age=0`,
];

/** The value of a cookie in a `Cookie` header; undefined where there is none, or two of the name, which nobody sets. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  const values = (header ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? values[0] : undefined;
}

/** The CSRF token of a session: made from its id under the server's secret, so that a planted cookie cannot match. */
export const csrfTokenOf = async (config: Config, sessionId: string): Promise<string> =>
  toBase64Url(await hmacSha256(await refreshKey(config), `csrf ${sessionId}`));

export const isCsrfToken = async (
  config: Config,
  sessionId: string,
  shown: string | undefined,
): Promise<boolean> => equalTexts(shown ?? "", await csrfTokenOf(config, sessionId));
