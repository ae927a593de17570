import type { DeliveryAttempt, DeliveryLease, DeliveryRow, DeliveryStatus } from "./core/delivery";

/** The deliveries of a shard's ended tasks; an entry of the schema's migrations. They outlive the records of their tasks. */
export const DELIVERIES_SCHEMA = `CREATE TABLE deliveries (
    id TEXT PRIMARY KEY, task_id TEXT NOT NULL, owner_id TEXT NOT NULL, url TEXT NOT NULL, event TEXT NOT NULL, body TEXT NOT NULL,
    traceparent TEXT NOT NULL, status TEXT NOT NULL, attempts INTEGER NOT NULL, lease TEXT, not_before INTEGER NOT NULL,
    sends INTEGER NOT NULL, due_at INTEGER NOT NULL, created_at INTEGER NOT NULL, ended_at INTEGER, history TEXT NOT NULL
  ) STRICT;
  CREATE INDEX deliveries_by_due ON deliveries (due_at);
  CREATE INDEX deliveries_by_task ON deliveries (task_id, id);`;

// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface has no index signature
type StoredDelivery = {
  id: string;
  task_id: string;
  owner_id: string;
  url: string;
  event: string;
  body: string;
  traceparent: string;
  status: string;
  attempts: number;
  lease: string | null;
  not_before: number;
  sends: number;
  due_at: number;
  created_at: number;
  ended_at: number | null;
  history: string;
};

const COLUMNS = `id, task_id, owner_id, url, event, body, traceparent, status, attempts, lease, not_before, sends, due_at, created_at,
  ended_at, history`;

const fromStored = (row: StoredDelivery): DeliveryRow => ({
  id: row.id,
  taskId: row.task_id,
  ownerId: row.owner_id,
  url: row.url,
  event: row.event,
  body: row.body,
  traceparent: row.traceparent,
  status: row.status as DeliveryStatus,
  attempts: row.attempts,
  lease: row.lease === null ? null : (JSON.parse(row.lease) as DeliveryLease),
  notBeforeMs: row.not_before,
  sends: row.sends,
  dueAtMs: row.due_at,
  createdAtMs: row.created_at,
  endedAtMs: row.ended_at,
  history: JSON.parse(row.history) as DeliveryAttempt[],
});

/** The deliveries of one shard, in its object's SQLite. Every call takes part in the transaction of the turn that makes it. */
export class SqlDeliveryBook {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  insert(row: DeliveryRow): void {
    this.#sql.exec(
      `INSERT INTO deliveries (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      row.id,
      row.taskId,
      row.ownerId,
      row.url,
      row.event,
      row.body,
      row.traceparent,
      row.status,
      row.attempts,
      null,
      row.notBeforeMs,
      row.sends,
      row.dueAtMs,
      row.createdAtMs,
      row.endedAtMs,
      JSON.stringify(row.history),
    );
  }

  save(row: DeliveryRow): void {
    this.#sql.exec(
      `UPDATE deliveries SET status = ?, attempts = ?, lease = ?, not_before = ?, sends = ?, due_at = ?, ended_at = ?, history = ?
       WHERE id = ?`,
      row.status,
      row.attempts,
      row.lease && JSON.stringify(row.lease),
      row.notBeforeMs,
      row.sends,
      row.dueAtMs,
      row.endedAtMs,
      JSON.stringify(row.history),
      row.id,
    );
  }

  /** An owner's deliveries by id, from behind `after` on. Reads the whole table, which is asked for seldom. */
  ofOwner(ownerId: string, after: string, limit: number): DeliveryRow[] {
    return this.#select("owner_id = ? AND id > ? ORDER BY id LIMIT ?", ownerId, after, limit);
  }

  removeOwner(ownerId: string): void {
    this.#sql.exec("DELETE FROM deliveries WHERE owner_id = ?", ownerId);
  }

  remove(id: string): void {
    this.#sql.exec("DELETE FROM deliveries WHERE id = ?", id);
  }

  find(id: string): DeliveryRow | null {
    return this.#select("id = ?", id)[0] ?? null;
  }

  /** Of a task, oldest first: one, or one more for each time that the task was run again from its dead letter. */
  ofTask(taskId: string): DeliveryRow[] {
    return this.#select("task_id = ? ORDER BY id", taskId);
  }

  /** What is due, longest first. */
  due(nowMs: number, limit: number): DeliveryRow[] {
    return this.#select("due_at <= ? ORDER BY due_at LIMIT ?", nowMs, limit);
  }

  /** When the next one is due, or null where there is none. */
  nextDueAtMs(): number | null {
    return this.#sql.exec<{ at: number | null }>("SELECT MIN(due_at) AS at FROM deliveries").one()
      .at;
  }

  #select(condition: string, ...values: (string | number)[]): DeliveryRow[] {
    return this.#sql
      .exec<StoredDelivery>(`SELECT ${COLUMNS} FROM deliveries WHERE ${condition}`, ...values)
      .toArray()
      .map(fromStored);
  }
}
