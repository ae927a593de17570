import { MAX_EVENTS, MAX_EVENTS_CHARS, PAGE_EVENTS, TRIM_EVERY } from "./core/events";
import type { EventBody, TaskEvent } from "./core/events";

/** The event log of a shard's tasks; an entry of the schema's migrations. */
export const EVENTS_SCHEMA = `CREATE TABLE events (
    task_id TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (task_id, seq)
  ) STRICT, WITHOUT ROWID`;

/** Behind the end of a log one number stays free, for the event with which its streams close. */
const APPEND = `INSERT INTO events (task_id, seq, at, type, body) VALUES (?1,
    1 + COALESCE((SELECT seq + (type = 'result') FROM events WHERE task_id = ?1 ORDER BY seq DESC LIMIT 1), 0), ?2, ?3, ?4)
  RETURNING seq`;

/** Keeps the newest events that are within both bounds. */
const TRIM = `DELETE FROM events WHERE task_id = ?1 AND seq < (
    SELECT MIN(seq) FROM (
      SELECT seq, ROW_NUMBER() OVER newest AS number, SUM(LENGTH(body)) OVER newest AS chars
      FROM events WHERE task_id = ?1 WINDOW newest AS (ORDER BY seq DESC)
    ) WHERE number <= ?2 AND chars <= ?3
  )`;

// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface has no index signature
type StoredEvent = { seq: number; at: number; body: string };

/** The logs of a shard's tasks. Every call takes part in the transaction of the turn that makes it. */
export class EventLog {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  append(taskId: string, atMs: number, body: EventBody): void {
    const { seq } = this.#sql
      .exec<{ seq: number }>(APPEND, taskId, atMs, body.type, JSON.stringify(body))
      .one();
    if (seq % TRIM_EVERY === 0) this.#sql.exec(TRIM, taskId, MAX_EVENTS, MAX_EVENTS_CHARS);
  }

  /** The events behind `afterSeq`, oldest first, as many as one answer carries. */
  read(taskId: string, afterSeq: number): TaskEvent[] {
    return this.#sql
      .exec<StoredEvent>(
        "SELECT seq, at, body FROM events WHERE task_id = ? AND seq > ? ORDER BY seq LIMIT ?",
        taskId,
        afterSeq,
        PAGE_EVENTS,
      )
      .toArray()
      .map(({ seq, at, body }) => ({ seq, atMs: at, body: JSON.parse(body) as EventBody }));
  }

  /** The number of the newest event; 0 where a task has none, which only one of an earlier version has. */
  lastSeq(taskId: string): number {
    const last = this.#sql.exec<{ seq: number | null }>(
      "SELECT MAX(seq) AS seq FROM events WHERE task_id = ?",
      taskId,
    );
    return last.one().seq ?? 0;
  }

  drop(taskId: string): void {
    this.#sql.exec("DELETE FROM events WHERE task_id = ?", taskId);
  }
}
