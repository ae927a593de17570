import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";

/** How a browser wants to end its way to a provider and back. */
export interface Landing {
  /** The refresh token in the `__Host-` cookie, and not in the answer. */
  readonly asCookie: boolean;
  /** The page that it goes on to, an absolute URL that `readReturn` allowed; null for the answer itself. */
  readonly returnTo: string | null;
}

/** In the address of a page; it travels in a cookie, which holds 4 KiB. */
export const MAX_RETURN_LENGTH = 1024;

/**
 * The page that `return_to` names: a path of this very deployment, or an absolute URL of its origin or of one of `origins`,
 * compared to the character. Whoever could name any other page would make a link to us that leads to them (RFC 9700
 * section 4.11). A fragment is refused, since an answer may need it.
 */
export function readReturn(
  text: string,
  publicUrl: string,
  origins: readonly string[],
): Result<string, "not_allowed"> {
  // Browsers read a backslash as a slash and drop tabs and line breaks: what is compared must be what is followed.
  if (text.length > MAX_RETURN_LENGTH || /[\\#\s\p{Cc}]/u.test(text)) return err("not_allowed");
  const isPath = text.startsWith("/") && !text.startsWith("//");
  if (!isPath && !/^https?:\/\/[^/]/i.test(text)) return err("not_allowed");
  const url = URL.parse(text, isPath ? publicUrl : undefined);
  if (url === null || url.username !== "" || url.password !== "") return err("not_allowed");
  const isAllowed = url.origin === publicUrl || (!isPath && origins.includes(url.origin));
  return isAllowed ? ok(url.href) : err("not_allowed");
}

/**
 * Where a browser is sent that has signed in. A page of another origin cannot read our cookies, so it is told its CSRF token
 * behind the `#`, which no server sees; the token is worth nothing without the cookie.
 */
export const landedUrl = (returnTo: string, publicUrl: string, csrfToken: string): string =>
  new URL(returnTo).origin === publicUrl ? returnTo : `${returnTo}#csrf_token=${csrfToken}`;

/** Where a browser is sent whose sign-in was refused: the same page, told why. */
export function refusedUrl(returnTo: string, code: string): string {
  const url = new URL(returnTo);
  url.searchParams.set("error", code);
  return url.href;
}
