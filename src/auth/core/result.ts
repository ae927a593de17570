import type { AuthResult } from "#platform/metric-table";
import type { SessionRefusal } from "./session";

/** Why a gate refuses a credential that looked good, as it is counted: keys and sessions that nobody knows apart. */
const OF_REFUSAL = {
  mismatch: "wrong_secret",
  revoked: "revoked",
  expired: "expired",
  disabled: "disabled",
  ended: "ended",
} as const satisfies Record<Exclude<SessionRefusal, "unknown"> | "mismatch", AuthResult>;

/** What a gate's refusal is counted as. A refusal that has no count yet does not compile. */
export function resultOfRefusal(
  kind: "key" | "session",
  refusal: keyof typeof OF_REFUSAL | "unknown",
): AuthResult {
  if (refusal === "unknown") return kind === "key" ? "unknown_key" : "unknown_session";
  return OF_REFUSAL[refusal];
}
