import type { UpstreamComplaint } from "./openai-wire";
import type { ModelFailure } from "./port";

/** How a try at one source ended, when it ended badly. */
export interface TryFailure extends ModelFailure {
  /** Whether its breaker should count it. */
  readonly isHostFault: boolean;
  /** Whether another source could do better, where this one never will with this request. */
  readonly isSourceFault: boolean;
}

export type GarbledReason =
  | "cut"
  | "malformed"
  | "content_type"
  | "empty"
  | "too_large"
  | "upstream_error";

const base = { isRetryable: true, isHostFault: true, isSourceFault: true } as const;

/** Nothing came: refused, reset, not resolved. */
export const unreachable = (internal: string): TryFailure => ({
  ...base,
  code: "MODEL_UNAVAILABLE",
  internal,
});

/** Something came that is no answer, or not all of one. */
export const garbled = (reason: GarbledReason, internal: string = reason): TryFailure => ({
  ...base,
  code: "MODEL_ERROR",
  params: { reason },
  // What is too long once will be so again.
  isRetryable: reason !== "too_large",
  internal,
});

export type LatePhase = "first_token" | "idle" | "total";

/** It took too long. */
export const late = (phase: LatePhase): TryFailure => ({
  ...base,
  code: "MODEL_TIMEOUT",
  params: { phase },
  internal: `timeout: ${phase}`,
});

/** What an error status of an upstream means. `complaint` is what its body says; no part of that body goes any further. */
export function failureOfStatus(
  status: number,
  complaint: UpstreamComplaint,
  retryAfterMs: number | undefined,
): TryFailure {
  const internal = `upstream status ${status}`;
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === 429)
    return { ...base, code: "MODEL_RATE_LIMITED", isHostFault: false, internal, ...wait };
  // The deployment's key is bad, has no credit, or may not do this: the caller can do nothing about it.
  if (status === 401 || status === 402 || status === 403)
    return { ...base, code: "MODEL_UNAVAILABLE", isRetryable: false, isHostFault: false, internal };
  if (status === 404)
    return { ...base, code: "MODEL_NOT_FOUND", isRetryable: false, isHostFault: false, internal };
  if (status === 408 || status === 409 || status === 425 || status >= 500)
    return { ...base, code: "MODEL_UNAVAILABLE", internal, ...wait };
  if (status < 400)
    return { ...base, code: "MODEL_ERROR", params: { reason: "content_type" }, internal };
  return {
    code: "MODEL_REFUSED",
    params: { reason: complaint.isContextTooLong ? "context_too_long" : "request" },
    isRetryable: false,
    isHostFault: false,
    // The same request is as wrong elsewhere.
    isSourceFault: false,
    internal,
  };
}
