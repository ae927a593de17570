import { keyPrefix } from "./core/format";
import type { KeyEnvironment } from "./core/format";
import type { KeyRecord } from "./core/record";

/** One statement whatever the number of keys. An older copy never replaces a newer one, so a repeated or late write is harmless. */
const UPSERT = `INSERT INTO api_keys (id, owner_id, name, scopes, limits, prefix, created_at, expires_at, revoked_at, last_used_at, version)
  SELECT value ->> 'id', value ->> 'owner_id', value ->> 'name', value -> 'scopes', value -> 'limits', value ->> 'prefix',
    value ->> 'created_at', value ->> 'expires_at', value ->> 'revoked_at', value ->> 'last_used_at', value ->> 'version'
  FROM json_each(?1) WHERE true
  ON CONFLICT (id) DO UPDATE SET name = excluded.name, scopes = excluded.scopes, limits = excluded.limits,
    expires_at = excluded.expires_at, revoked_at = excluded.revoked_at, last_used_at = excluded.last_used_at,
    version = excluded.version
  WHERE excluded.version >= api_keys.version`;

/** Brings D1's index of an owner's keys up to date. No hash is in it: what recognises a key stays in the gate. */
export const keyIndexUpsert = (
  db: D1Database,
  ownerId: string,
  environment: KeyEnvironment,
  records: readonly KeyRecord[],
): D1PreparedStatement =>
  db.prepare(UPSERT).bind(
    JSON.stringify(
      records.map((record) => ({
        id: record.keyId,
        owner_id: ownerId,
        name: record.name,
        scopes: record.scopes,
        limits: record.limits,
        prefix: keyPrefix(environment, record.keyId),
        created_at: record.createdAtMs,
        expires_at: record.expiresAtMs,
        revoked_at: record.revokedAtMs,
        last_used_at: record.lastUsedAtMs,
        version: record.version,
      })),
    ),
  );
