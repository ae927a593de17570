import { equalTexts } from "#platform/bytes";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import type { Role } from "#platform/principal";
import type { LimitOverride } from "#platform/config";

/** Whose keys a gate holds. */
export interface OwnerRecord {
  /** `usr_…`. */
  readonly ownerId: string;
  readonly role: Role;
  /** The owner's own quotas, in place of the defaults of the same name; null switches one off. */
  readonly limits: Readonly<Record<string, LimitOverride | null>>;
  /** Nothing of a disabled owner's is let in. */
  readonly isDisabled?: boolean;
  /** The version of the person's record that this was read from; what is older never replaces what is younger. */
  readonly version?: number;
}

/** An API key as the owner's gate keeps it: everything that an admission asks of it, and never the secret. */
export interface KeyRecord {
  /** `key_…`. */
  readonly keyId: string;
  /** SHA-256 of the secret, hexadecimal. */
  readonly hash: string;
  readonly scopes: readonly string[];
  /** Milliseconds since the epoch; null never. */
  readonly expiresAtMs: number | null;
  readonly revokedAtMs: number | null;
  /** The key's own quotas: each narrows the policy of that name, on calls that count against it. */
  readonly limits: Readonly<Record<string, LimitOverride>>;
}

/** What a client showed, after its tag was found genuine. */
export interface KeyCredential {
  readonly keyId: string;
  /** SHA-256 of the secret that was shown, hexadecimal. */
  readonly hash: string;
}

/** Why a genuine-looking key is refused. Clients learn only of `expired`; the log has the rest. */
export type KeyRefusal = "unknown" | "mismatch" | "revoked" | "expired" | "disabled";

/**
 * Whether a shown key is good at `nowMs`. The secret is compared first and in constant time, so that only
 * somebody who has it learns that a key was revoked or has expired.
 */
export function checkKey(
  record: KeyRecord | undefined,
  shown: KeyCredential,
  nowMs: number,
): Result<KeyRecord, KeyRefusal> {
  if (record === undefined) return err("unknown");
  if (!equalTexts(record.hash, shown.hash)) return err("mismatch");
  if (record.revokedAtMs !== null) return err("revoked");
  if (record.expiresAtMs !== null && record.expiresAtMs <= nowMs) return err("expired");
  return ok(record);
}
