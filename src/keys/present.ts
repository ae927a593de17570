import { toTimestamp } from "#platform/clock";
import type { KeyRecord } from "./core/record";
import { prefixOf } from "./manage";
import type { ApiKeyBody } from "./schemas";

/** A key as its owner sees it. */
export function presentKey(env: object, record: KeyRecord, nowMs: number): ApiKeyBody {
  const oldest = Math.max(...record.oldSecrets.map((old) => old.untilMs));
  return {
    id: record.keyId,
    name: record.name,
    prefix: prefixOf(env, record.keyId),
    status: keyStatus(record, nowMs),
    scopes: [...record.scopes],
    limits: { ...record.limits },
    created_at: toTimestamp(record.createdAtMs),
    expires_at: timeOrNull(record.expiresAtMs),
    revoked_at: timeOrNull(record.revokedAtMs),
    last_used_at: timeOrNull(record.lastUsedAtMs),
    old_secrets_expire_at: oldest > nowMs ? toTimestamp(oldest) : null,
  };
}

/** Revoked wins: it was somebody's decision. */
export function keyStatus(record: KeyRecord, nowMs: number): ApiKeyBody["status"] {
  if (record.revokedAtMs !== null) return "revoked";
  return record.expiresAtMs !== null && record.expiresAtMs <= nowMs ? "expired" : "active";
}

/** What a change of a key has to match: everything but its use, which is nobody's change. */
export const keyVersionOf = (body: ApiKeyBody): object => ({ ...body, last_used_at: null });

const timeOrNull = (ms: number | null): string | null => (ms === null ? null : toTimestamp(ms));
