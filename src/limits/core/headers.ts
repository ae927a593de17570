import type { QuotaState } from "./ledger";

/**
 * The headers in which a client reads its limits: `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers,
 * structured fields, one item a policy) and the `X-RateLimit-*` that older clients know, for the tightest policy.
 * `t` is the time until some of the quota comes back, so with nothing left it is what Retry-After says.
 */
export interface LimitHeaders {
  readonly "RateLimit-Policy": string;
  readonly RateLimit: string;
  readonly "X-RateLimit-Limit": string;
  readonly "X-RateLimit-Remaining": string;
  /** Unix time in seconds at which some of the quota comes back. */
  readonly "X-RateLimit-Reset": string;
}

/** Whole seconds, rounded up, so that a client that waits them has waited long enough; never 0. */
export const wholeSeconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));

/** The headers for `quotas` at `nowMs` on the machine's clock; null where nothing limits. */
export function limitHeaders(quotas: readonly QuotaState[], nowMs: number): LimitHeaders | null {
  const [first] = quotas;
  if (first === undefined) return null;
  let policy = "";
  let left = "";
  let tightest = first;
  for (const quota of quotas) {
    const separator = policy === "" ? "" : ", ";
    policy += `${separator}"${quota.name}";q=${quota.limit}${windowParameter(quota)}`;
    left += `${separator}"${quota.name}";r=${quota.remaining}${resetParameter(quota)}`;
    if (isTighter(quota, tightest)) tightest = quota;
  }
  return {
    "RateLimit-Policy": policy,
    RateLimit: left,
    "X-RateLimit-Limit": String(tightest.limit),
    "X-RateLimit-Remaining": String(tightest.remaining),
    "X-RateLimit-Reset": String(Math.ceil((nowMs + (tightest.resetMs ?? 0)) / 1000)),
  };
}

const windowParameter = ({ windowMs }: QuotaState): string =>
  windowMs === null ? ';qu="concurrent-requests"' : `;w=${wholeSeconds(windowMs)}`;

const resetParameter = ({ resetMs }: QuotaState): string =>
  resetMs === null ? "" : `;t=${wholeSeconds(resetMs)}`;

/** Fewer left is tighter; between equals, the one that takes longer to come back. */
const isTighter = (a: QuotaState, b: QuotaState): boolean =>
  a.remaining < b.remaining || (a.remaining === b.remaining && (a.resetMs ?? 0) > (b.resetMs ?? 0));
