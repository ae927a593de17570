import { changeWithEntry } from "#audit/service";
import type { AuditEvent } from "#audit/service";
import { readRow } from "./storage";
import type {
  StoredDefinition,
  StoredSecrets,
  StoredUpstream,
  UpstreamBox,
  UpstreamRow,
} from "./storage";

/** What is written of an upstream. */
export interface UpstreamRecord {
  readonly id: string;
  readonly name: string;
  readonly definition: StoredDefinition;
  readonly secrets: StoredSecrets;
  readonly isEnabled: boolean;
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** Upstreams by name, those after `afterName`. */
export async function listUpstreams(
  box: UpstreamBox,
  query: { readonly afterName: string | null; readonly limit: number },
): Promise<StoredUpstream[]> {
  const { results } = await box.db
    .prepare("SELECT * FROM upstreams WHERE name > ? ORDER BY name LIMIT ?")
    .bind(query.afterName ?? "", query.limit)
    .all<UpstreamRow>();
  return Promise.all(results.map((row) => readRow(box, row)));
}

/** Adds an upstream. `taken` where the name has one, `full` where there are `limit` already, both seen by the statement itself. */
export async function insertUpstream(
  db: D1Database,
  record: UpstreamRecord,
  limit: number,
  event: AuditEvent,
): Promise<"added" | "taken" | "full"> {
  const insert = db
    .prepare(
      `INSERT INTO upstreams (name, id, definition, secrets, is_enabled, version, created_at, updated_at)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE (SELECT count(*) FROM upstreams) < ?9
       ON CONFLICT (name) DO NOTHING`,
    )
    .bind(...valuesOf(record), record.version, record.createdAtMs, record.updatedAtMs, limit);
  if (await changeWithEntry(db, insert, event)) return "added";
  const row = await db.prepare("SELECT 1 FROM upstreams WHERE name = ?").bind(record.name).first();
  return row === null ? "full" : "taken";
}

/** Puts a record in place of the version before it. False where that is not the present one. */
export const updateUpstream = (
  db: D1Database,
  record: UpstreamRecord,
  event: AuditEvent,
): Promise<boolean> =>
  changeWithEntry(
    db,
    db
      .prepare(
        `UPDATE upstreams SET definition = ?3, secrets = ?4, is_enabled = ?5, version = ?6, updated_at = ?7
         WHERE name = ?1 AND id = ?2 AND version = ?6 - 1`,
      )
      .bind(...valuesOf(record), record.version, record.updatedAtMs),
    event,
  );

/** Deletes one version of an upstream. False where it is not the present one. */
export const deleteUpstreamRow = (
  db: D1Database,
  { id, version }: { readonly id: string; readonly version: number },
  event: AuditEvent,
): Promise<boolean> =>
  changeWithEntry(
    db,
    db.prepare("DELETE FROM upstreams WHERE id = ? AND version = ?").bind(id, version),
    event,
  );

const valuesOf = ({ name, id, definition, secrets, isEnabled }: UpstreamRecord) => [
  name,
  id,
  JSON.stringify(definition),
  JSON.stringify(secrets),
  Number(isEnabled),
];
