import { ApiError } from "#platform/errors";
import type { SubmitVerdict } from "./core/desk";

type Refusal = Exclude<SubmitVerdict, { readonly task: unknown }>;

/** What a shard's refusal is to the caller. */
export function refusalOf(verdict: Refusal): ApiError {
  if (verdict.verdict === "key_reused") return new ApiError("IDEMPOTENCY_KEY_REUSED");
  return new ApiError("QUEUE_FULL", {
    headers: { "Retry-After": String(Math.ceil(verdict.retryAfterMs / 1000)) },
  });
}
