/** What a browser tells of where a request came from; each undefined where the header is missing. */
export interface RequestOrigin {
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site` (Fetch Metadata). */
  readonly site: string | undefined;
}

/**
 * Whether a request that a cookie speaks for may come from where it says. A browser names the page's origin on every
 * POST, and scripts cannot change it: it must be this server's own host or one of `allowed`. Fetch Metadata must not
 * contradict it. A request that tells neither comes from no browser, which has no foreign pages.
 * `host` is the host and port that the request was sent to.
 */
export function isTrustedOrigin(
  { origin, site }: RequestOrigin,
  host: string,
  allowed: readonly string[],
): boolean {
  // Pages without an origin of their own (sandboxed frames, data: URLs) say "null".
  const isOwn = origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
  if (origin !== undefined && !isOwn && !allowed.includes(origin)) return false;
  if (site === undefined || site === "same-origin") return true;
  // From a listed origin: another site or another host of this one. `none` is a person's own act, such as an address typed.
  return site === "none" ? origin === undefined : origin !== undefined && allowed.includes(origin);
}
