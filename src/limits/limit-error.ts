import { ApiError } from "#platform/errors";
import { limitHeaders, wholeSeconds } from "./core/headers";
import type { Denial, QuotaState } from "./core/ledger";

/** The 429 for a denial: it names the policy, and says when to come back and what is left of every quota. */
export function limitError(denial: Denial, quotas: readonly QuotaState[], nowMs: number): ApiError {
  const retryAfter = wholeSeconds(denial.waitMs);
  const limit = quotas.find((quota) => quota.name === denial.name)?.limit ?? 0;
  return new ApiError(denial.kind === "window" ? "RATE_LIMITED" : "TOO_MANY_CONCURRENT", {
    params: { policy: denial.name, retry_after: retryAfter, limit },
    extension: { policy: denial.name },
    headers: { "Retry-After": String(retryAfter), ...limitHeaders(quotas, nowMs) },
  });
}
