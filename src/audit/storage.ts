import type { AuditDetails, AuditEntry } from "./core/event";

/** One statement whatever the number of entries. A repeated write of the same entry is ignored, so an outbox may send it twice. */
const insertWhere = (
  condition: string,
): string => `INSERT INTO audit (id, at, actor_id, action, subject_id, address, details)
  SELECT value ->> 'id', value ->> 'at', value ->> 'actor_id', value ->> 'action', value ->> 'subject_id', value ->> 'address',
    value -> 'details'
  FROM json_each(?1) WHERE ${condition}
  ON CONFLICT (id) DO NOTHING`;

/**
 * A statement that appends to the audit log, alone or in a batch with what it tells of. With `if changed` it appends only
 * where the statement before it in the batch has changed a row: an attempt that came too late leaves no entry.
 */
export const auditInsert = (
  db: D1Database,
  entries: readonly AuditEntry[],
  when: "always" | "if changed" = "always",
): D1PreparedStatement =>
  db.prepare(insertWhere(when === "always" ? "true" : "changes() > 0")).bind(
    JSON.stringify(
      entries.map((entry) => ({
        id: entry.id,
        at: entry.atMs,
        actor_id: entry.actorId,
        action: entry.action,
        subject_id: entry.subjectId,
        address: entry.address,
        details: entry.details,
      })),
    ),
  );

export interface AuditQuery {
  readonly actorId: string | null;
  readonly subjectId: string | null;
  readonly action: string | null;
  /** Milliseconds, inclusive. */
  readonly fromMs: number | null;
  /** Milliseconds, exclusive. */
  readonly toMs: number | null;
  /** Only what is older than this entry. */
  readonly before: { readonly atMs: number; readonly id: string } | null;
  readonly limit: number;
}

/** A row of D1's `audit`. */
// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface has no index signature
type AuditRow = {
  id: string;
  at: number;
  actor_id: string | null;
  action: AuditEntry["action"];
  subject_id: string | null;
  address: string | null;
  details: string;
};

/** Entries that match, newest first. */
export async function queryAudit(db: D1Database, query: AuditQuery): Promise<AuditEntry[]> {
  const conditions: string[] = ["true"];
  const values: (string | number)[] = [];
  const narrow = (condition: string, ...own: (string | number | null)[]): void => {
    if (own.some((value) => value === null)) return;
    conditions.push(condition);
    values.push(...own.filter((value) => value !== null));
  };
  narrow("actor_id = ?", query.actorId);
  narrow("subject_id = ?", query.subjectId);
  narrow("action = ?", query.action);
  narrow("at >= ?", query.fromMs);
  narrow("at < ?", query.toMs);
  narrow("(at, id) < (?, ?)", query.before?.atMs ?? null, query.before?.id ?? null);
  const { results } = await db
    .prepare(
      `SELECT id, at, actor_id, action, subject_id, address, details FROM audit
       WHERE ${conditions.join(" AND ")} ORDER BY at DESC, id DESC LIMIT ?`,
    )
    .bind(...values, query.limit)
    .all<AuditRow>();
  return results.map((row) => ({
    id: row.id,
    atMs: row.at,
    actorId: row.actor_id,
    action: row.action,
    subjectId: row.subject_id,
    address: row.address,
    details: JSON.parse(row.details) as AuditDetails,
  }));
}
