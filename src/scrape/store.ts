/** Scripts that people wrote, in D1. A row is one version; what it holds never changes, also once it is deleted. */

export interface StoredVersion {
  readonly version: string;
  readonly contentHash: string;
  readonly createdAtMs: number;
}
export interface StoredScript extends StoredVersion {
  readonly name: string;
  /** JSON, its members in the order in which they were written. */
  readonly definitionJson: string;
}

/** A row of D1's `scripts`. */
// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface has no index signature
type ScriptRow = {
  name: string;
  version: string;
  content_hash: string;
  definition: string;
  created_at: number;
};

export interface ScriptLimits {
  /** Names with a version that is not deleted. */
  readonly names: number;
  /** Versions of one name that are not deleted. */
  readonly versions: number;
  /** Rows of one owner, deleted ones included, which keep no definition. */
  readonly rows: number;
}

export type InsertVerdict = "created" | "exists" | "conflict" | "full";

/**
 * Adds a version. `exists` where it is there with the same content, `conflict` where its number once had another one;
 * the limits are counted in the statement that inserts, so that two at once cannot both be the last.
 */
export async function insertVersion(
  db: D1Database,
  ownerId: string,
  script: StoredScript,
  limits: ScriptLimits,
): Promise<InsertVerdict> {
  const { name, version, contentHash, definitionJson, createdAtMs } = script;
  // A deleted version of the same content comes back; any other row of this number stays as it is.
  const { meta } = await db
    .prepare(
      `INSERT INTO scripts (owner_id, name, version, content_hash, definition, created_at)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6
       WHERE (SELECT count(DISTINCT name) FROM scripts WHERE owner_id = ?1 AND deleted_at IS NULL AND name <> ?2) < ?7
         AND (SELECT count(*) FROM scripts WHERE owner_id = ?1 AND name = ?2 AND deleted_at IS NULL AND version <> ?3) < ?8
         AND (SELECT count(*) FROM scripts WHERE owner_id = ?1) < ?9
       ON CONFLICT (owner_id, name, version)
         DO UPDATE SET deleted_at = NULL, definition = excluded.definition, created_at = excluded.created_at
         WHERE deleted_at IS NOT NULL AND content_hash = excluded.content_hash`,
    )
    .bind(
      ownerId,
      name,
      version,
      contentHash,
      definitionJson,
      createdAtMs,
      limits.names,
      limits.versions,
      limits.rows,
    )
    .run();
  if (meta.changes > 0) return "created";
  const row = await db
    .prepare(
      "SELECT content_hash, deleted_at FROM scripts WHERE owner_id = ? AND name = ? AND version = ?",
    )
    .bind(ownerId, name, version)
    .first<{ content_hash: string; deleted_at: number | null }>();
  if (row !== null && row.content_hash !== contentHash) return "conflict";
  return row === null || row.deleted_at !== null ? "full" : "exists";
}

/** The versions of an owner's script that are not deleted, in no order; few, as the limits say. */
export async function listVersions(
  db: D1Database,
  ownerId: string,
  name: string,
): Promise<StoredVersion[]> {
  const { results } = await db
    .prepare(
      `SELECT version, content_hash, created_at FROM scripts
       WHERE owner_id = ? AND name = ? AND deleted_at IS NULL`,
    )
    .bind(ownerId, name)
    .all<Pick<ScriptRow, "version" | "content_hash" | "created_at">>();
  return results.map((row) => ({
    version: row.version,
    contentHash: row.content_hash,
    createdAtMs: row.created_at,
  }));
}

/** One version with its definition; null where there is none. */
export async function findVersion(
  db: D1Database,
  ownerId: string,
  name: string,
  version: string,
): Promise<StoredScript | null> {
  const row = await db
    .prepare(
      "SELECT * FROM scripts WHERE owner_id = ? AND name = ? AND version = ? AND deleted_at IS NULL",
    )
    .bind(ownerId, name, version)
    .first<ScriptRow>();
  return row && toScript(row);
}

/** The names and versions of an owner's scripts that are not deleted, by name, after `afterName` where it is given. */
export async function listNames(
  db: D1Database,
  query: { readonly ownerId: string; readonly afterName: string | null; readonly limit: number },
): Promise<{ readonly name: string; readonly versions: readonly string[] }[]> {
  const { results } = await db
    .prepare(
      `SELECT name, json_group_array(version) AS versions FROM scripts
       WHERE owner_id = ?1 AND deleted_at IS NULL AND (?2 IS NULL OR name > ?2)
       GROUP BY name ORDER BY name LIMIT ?3`,
    )
    .bind(query.ownerId, query.afterName, query.limit)
    .all<{ name: string; versions: string }>();
  return results.map(({ name, versions }) => ({
    name,
    versions: JSON.parse(versions) as string[],
  }));
}

/** Several scripts, each in the version given, in one call to the database. */
export async function findVersions(
  db: D1Database,
  ownerId: string,
  wanted: readonly { readonly name: string; readonly version: string }[],
): Promise<StoredScript[]> {
  if (wanted.length === 0) return [];
  const answers = await db.batch<ScriptRow>(
    wanted.map(({ name, version }) =>
      db
        .prepare(
          "SELECT * FROM scripts WHERE owner_id = ? AND name = ? AND version = ? AND deleted_at IS NULL",
        )
        .bind(ownerId, name, version),
    ),
  );
  return answers.flatMap(({ results }) => results.map(toScript));
}

/** Deletes one version of an owner's script, or all of them. Answers how many there were. */
export async function deleteVersions(
  db: D1Database,
  ownerId: string,
  name: string,
  version: string | null,
  nowMs: number,
): Promise<number> {
  const { meta } = await db
    .prepare(
      `UPDATE scripts SET deleted_at = ?4, definition = ''
       WHERE owner_id = ?1 AND name = ?2 AND (?3 IS NULL OR version = ?3) AND deleted_at IS NULL`,
    )
    .bind(ownerId, name, version, nowMs)
    .run();
  return meta.changes;
}

const toScript = (row: ScriptRow): StoredScript => ({
  name: row.name,
  version: row.version,
  contentHash: row.content_hash,
  definitionJson: row.definition,
  createdAtMs: row.created_at,
});
