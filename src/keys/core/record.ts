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

/** A secret that a rotation replaced, honoured for a while, so that whoever uses it can change over. */
export interface OldSecret {
  /** SHA-256, hexadecimal. */
  readonly hash: string;
  readonly untilMs: number;
}

/** An API key as the owner's gate keeps it, and never the secret. Times are milliseconds since the epoch. */
export interface KeyRecord {
  /** `key_…`. */
  readonly keyId: string;
  readonly name: string;
  /** SHA-256 of the secret, hexadecimal. */
  readonly hash: string;
  /** Youngest first. */
  readonly oldSecrets: readonly OldSecret[];
  readonly scopes: readonly string[];
  readonly createdAtMs: number;
  /** How long it lives from its making or rotation on; null for ever. */
  readonly lifetimeMs: number | null;
  /** Null never. */
  readonly expiresAtMs: number | null;
  readonly revokedAtMs: number | null;
  /** To the minute; null where it was never used. */
  readonly lastUsedAtMs: number | null;
  /** Raised by each change that somebody asked for; being used is none. */
  readonly version: number;
  /** The key's own quotas: each narrows the policy of that name, on calls that count against it. */
  readonly limits: Readonly<Record<string, LimitOverride>>;
}

/** A record of which only what matters is said. */
export const keyRecord = (
  given: Pick<KeyRecord, "keyId" | "hash" | "scopes"> & Partial<KeyRecord>,
): KeyRecord => ({
  name: "",
  oldSecrets: [],
  createdAtMs: 0,
  lifetimeMs: null,
  expiresAtMs: null,
  revokedAtMs: null,
  lastUsedAtMs: null,
  version: 1,
  limits: {},
  ...given,
});

/** What a client showed, after its tag was found genuine. */
export interface KeyCredential {
  readonly keyId: string;
  /** SHA-256 of the secret that was shown, hexadecimal. */
  readonly hash: string;
}

/** Why a genuine-looking key is refused. Clients learn only of `expired`; the log has the rest. */
export type KeyRefusal = "unknown" | "mismatch" | "revoked" | "expired" | "disabled";

/** A key that is good, and until when what was shown of it is: an old secret ends before its key. */
export interface GoodKey {
  readonly record: KeyRecord;
  readonly goodUntilMs: number | null;
}

/**
 * Whether a shown key is good at `nowMs`. The secret is compared first and in constant time, so that only
 * somebody who has it learns that a key was revoked or has expired.
 */
export function checkKey(
  record: KeyRecord | undefined,
  shown: KeyCredential,
  nowMs: number,
): Result<GoodKey, KeyRefusal> {
  if (record === undefined) return err("unknown");
  const isCurrent = equalTexts(record.hash, shown.hash);
  const old = record.oldSecrets.filter((secret) => equalTexts(secret.hash, shown.hash))[0];
  if (!isCurrent && old === undefined) return err("mismatch");
  if (record.revokedAtMs !== null) return err("revoked");
  const ends = [record.expiresAtMs, isCurrent ? null : (old?.untilMs ?? null)];
  const goodUntilMs = Math.min(...ends.map((atMs) => atMs ?? Infinity));
  if (goodUntilMs <= nowMs) return err("expired");
  return ok({ record, goodUntilMs: goodUntilMs === Infinity ? null : goodUntilMs });
}
