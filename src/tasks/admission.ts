import { ApiError } from "#platform/errors";
import type { SubmitVerdict } from "./core/desk";

type Refusal = Exclude<SubmitVerdict, { readonly task: unknown }>;

/** What a shard's refusal is to the caller. */
export function refusalOf(verdict: Refusal): ApiError {
  if (verdict.verdict === "key_reused") return new ApiError("IDEMPOTENCY_KEY_REUSED");
  const code = verdict.verdict === "own_backlog" ? "TOO_MANY_TASKS" : "QUEUE_FULL";
  return new ApiError(code, {
    headers: { "Retry-After": String(Math.ceil(verdict.retryAfterMs / 1000)) },
  });
}
