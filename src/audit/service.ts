import { systemClock } from "#platform/clock";
import { newId } from "#platform/ids";
import { toEntry } from "./core/event";
import type { AuditEntry, AuditEvent } from "./core/event";
import { auditInsert, queryAudit } from "./storage";
import type { AuditQuery } from "./storage";

export type { AuditAction, AuditDetails, AuditEntry, AuditEvent } from "./core/event";
export type { AuditQuery } from "./storage";

/**
 * Appends to the audit log. Throws where D1 cannot be reached: whoever may not go on without a record awaits it, and
 * whoever must not be held up by it (an object that is itself the record) keeps the entry and writes it later.
 */
export async function recordAudit(env: Pick<Env, "DB">, event: AuditEvent): Promise<void> {
  await auditStatement(env, event).run();
}

/** The same as a statement, to be committed in one batch with the change that it tells of; see `auditInsert`. */
export const auditStatement = (
  env: Pick<Env, "DB">,
  event: AuditEvent,
  when?: "always" | "if changed",
): D1PreparedStatement => auditInsert(env.DB, [makeEntry(event)], when);

/** Whether a statement changed anything; if so, the entry of it stands in the log by the same transaction. */
export async function changeWithEntry(
  db: D1Database,
  statement: D1PreparedStatement,
  event: AuditEvent,
): Promise<boolean> {
  const [changed] = await db.batch([statement, auditStatement({ DB: db }, event, "if changed")]);
  return (changed?.meta.changes ?? 0) > 0;
}

/** An entry made now, for an outbox. */
export function makeEntry(event: AuditEvent): AuditEntry {
  const nowMs = systemClock();
  return toEntry(event, newId("aud", nowMs), nowMs);
}

/** A page of the log, newest first, and whether there is more. */
export async function listAudit(
  env: Pick<Env, "DB">,
  query: AuditQuery,
): Promise<{ readonly entries: readonly AuditEntry[]; readonly hasMore: boolean }> {
  const entries = await queryAudit(env.DB, { ...query, limit: query.limit + 1 });
  return { entries: entries.slice(0, query.limit), hasMore: entries.length > query.limit };
}
