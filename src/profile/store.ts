import type { JsonObject } from "#platform/json-value";

/** What an owner keeps of one kind: one row each, replaced as a whole. */
export type Shelf = "profiles" | "settings";

/** Column of the JSON text, by table. Both are literals of ours: no name in a statement comes from outside. */
const COLUMN = { profiles: "profile", settings: "settings" } as const;

export interface Shelved {
  readonly value: JsonObject;
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly updatedAtMs: number;
}

/** Null where the owner keeps nothing. */
export async function readShelf(
  db: D1Database,
  shelf: Shelf,
  ownerId: string,
): Promise<Shelved | null> {
  const row = await db
    .prepare(
      `SELECT ${COLUMN[shelf]} AS value, version, updated_at FROM ${shelf} WHERE owner_id = ?`,
    )
    .bind(ownerId)
    .first<{ value: string; version: number; updated_at: number }>();
  return (
    row && {
      value: JSON.parse(row.value) as JsonObject,
      version: row.version,
      updatedAtMs: row.updated_at,
    }
  );
}

/**
 * Replaces what an owner keeps. False where `ifVersion` is another version than the one that stands there; 0 means that nothing does, null
 * that any may be replaced.
 */
export async function writeShelf(
  db: D1Database,
  shelf: Shelf,
  ownerId: string,
  value: JsonObject,
  { ifVersion, nowMs }: { readonly ifVersion: number | null; readonly nowMs: number },
): Promise<boolean> {
  const column = COLUMN[shelf];
  const { meta } = await db
    .prepare(
      `INSERT INTO ${shelf} (owner_id, ${column}, updated_at)
       SELECT ?1, ?2, ?3 WHERE ?4 IS NULL OR ?4 = coalesce((SELECT version FROM ${shelf} WHERE owner_id = ?1), 0)
       ON CONFLICT (owner_id) DO UPDATE SET ${column} = excluded.${column}, updated_at = excluded.updated_at, version = version + 1`,
    )
    .bind(ownerId, JSON.stringify(value), nowMs, ifVersion)
    .run();
  return meta.changes > 0;
}
