import { MAX_EVENTS, MAX_EVENTS_CHARS, PAGE_EVENTS, TRIM_EVERY } from "./core/events";
import type { EventBody, TaskEvent, TimedBody } from "./core/events";

/** The longer logs of a shard's tasks; an entry of the schema's migrations. */
export const EVENTS_SCHEMA = `CREATE TABLE events (
    task_id TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (task_id, seq)
  ) STRICT, WITHOUT ROWID`;

/** The newest part of each log stands in its task's row, which the change that it tells of writes anyway. An entry of the schema's migrations. */
export const INLINE_LOG_SCHEMA = "ALTER TABLE tasks ADD COLUMN log TEXT NOT NULL DEFAULT ''";

/** A log of the usual life, and somewhat more, stays in the row; what is longer moves to the table. */
const MAX_INLINE_CHARS = 2_000;

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

/** Parts of a statement that changes a task's row: add lines to its log, and tell how long it is then. */
export const APPEND_LINES = "log = log || ?";
export const RETURNING_CHARS = "RETURNING LENGTH(log) AS chars";

// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface has no index signature
export type LogSize = { chars: number };

/** Events as the lines of a log in its task's row. */
export const linesOf = (events: readonly TimedBody[]): string =>
  events.map((event) => `${JSON.stringify(event)}\n`).join("");

// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface has no index signature
type StoredEvent = { seq: number; at: number; body: string };

/** The logs of a shard's tasks. Every call takes part in the transaction of the turn that makes it. */
export class EventLog {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  append(taskId: string, events: readonly TimedBody[]): void {
    const update = `UPDATE tasks SET ${APPEND_LINES} WHERE id = ? ${RETURNING_CHARS}`;
    this.trim(taskId, this.#sql.exec<LogSize>(update, linesOf(events), taskId).toArray()[0]);
  }

  /** To be called after whatever has added lines, with the size that it returned. */
  trim(taskId: string, size: LogSize | undefined): void {
    if (size === undefined || size.chars <= MAX_INLINE_CHARS) return;
    for (const { atMs, body } of this.#inline(taskId)) {
      const { seq } = this.#sql
        .exec<{ seq: number }>(APPEND, taskId, atMs, body.type, JSON.stringify(body))
        .one();
      if (seq % TRIM_EVERY === 0) this.#sql.exec(TRIM, taskId, MAX_EVENTS, MAX_EVENTS_CHARS);
    }
    this.#sql.exec("UPDATE tasks SET log = '' WHERE id = ?", taskId);
  }

  /** The events behind `afterSeq`, oldest first, as many as one answer carries. */
  read(taskId: string, afterSeq: number): TaskEvent[] {
    const stored = this.#sql
      .exec<StoredEvent>(
        "SELECT seq, at, body FROM events WHERE task_id = ? AND seq > ? ORDER BY seq LIMIT ?",
        taskId,
        afterSeq,
        PAGE_EVENTS,
      )
      .toArray()
      .map(({ seq, at, body }) => ({ seq, atMs: at, body: JSON.parse(body) as EventBody }));
    if (stored.length === PAGE_EVENTS) return stored;
    const inline = this.#numbered(taskId).filter(({ seq }) => seq > afterSeq);
    return [...stored, ...inline].slice(0, PAGE_EVENTS);
  }

  /** The number of the newest event; 0 where a task has none, which only one of an earlier version has. */
  lastSeq(taskId: string): number {
    return this.#numbered(taskId).at(-1)?.seq ?? this.#lastStored(taskId)?.seq ?? 0;
  }

  drop(taskId: string): void {
    this.#sql.exec("DELETE FROM events WHERE task_id = ?", taskId);
  }

  #inline(taskId: string): TimedBody[] {
    const [row] = this.#sql
      .exec<{ log: string }>("SELECT log FROM tasks WHERE id = ?", taskId)
      .toArray();
    return (row?.log ?? "")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as TimedBody);
  }

  /** What stands in the row, with the numbers that `APPEND` would give. */
  #numbered(taskId: string): TaskEvent[] {
    const last = this.#lastStored(taskId);
    let next = last === null ? 1 : last.seq + (last.type === "result" ? 2 : 1);
    return this.#inline(taskId).map(({ atMs, body }) => {
      const seq = next;
      next += body.type === "result" ? 2 : 1;
      return { seq, atMs, body };
    });
  }

  #lastStored(taskId: string): { readonly seq: number; readonly type: string } | null {
    const [last] = this.#sql
      .exec<{ seq: number; type: string }>(
        "SELECT seq, type FROM events WHERE task_id = ? ORDER BY seq DESC LIMIT 1",
        taskId,
      )
      .toArray();
    return last ?? null;
  }
}
