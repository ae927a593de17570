/** What a browser tells of where a request came from; each undefined where the header is missing. */
export interface RequestOrigin {
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site` (Fetch Metadata). */
  readonly site: string | undefined;
}

/** What a deployment is reached under. */
export interface OwnOrigin {
  /** `PUBLIC_URL`, an origin; empty where it is not set, and then nothing is our own. */
  readonly publicUrl: string;
  /**
   * The host that the request was sent to, in development only: the sender chooses it, and whoever runs a server on a
   * machine of their own reaches it under names that no setting foresees. Null elsewhere.
   */
  readonly developmentHost: string | null;
}

/**
 * Whether a request that a cookie speaks for may come from where it says. A browser names the page's origin on every
 * POST, and scripts cannot change it: it must be this server's own, as the settings say, or one of `allowed`. Fetch
 * Metadata must not contradict it. A request that tells neither comes from no browser, which has no foreign pages.
 */
export function isTrustedOrigin(
  { origin, site }: RequestOrigin,
  own: OwnOrigin,
  allowed: readonly string[],
): boolean {
  // Pages without an origin of their own (sandboxed frames, data: URLs) say "null".
  const isOwn = origin !== undefined && isOwnOrigin(origin, own);
  if (origin !== undefined && !isOwn && !allowed.includes(origin)) return false;
  if (site === undefined || site === "same-origin") return true;
  // From a listed origin: another site or another host of this one. `none` is a person's own act, such as an address typed.
  return site === "none" ? origin === undefined : origin !== undefined && allowed.includes(origin);
}

const isOwnOrigin = (origin: string, { publicUrl, developmentHost }: OwnOrigin): boolean =>
  (publicUrl !== "" && origin === publicUrl) ||
  (developmentHost !== null && URL.canParse(origin) && new URL(origin).host === developmentHost);
