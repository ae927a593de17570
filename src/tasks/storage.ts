import { utf8 } from "#platform/bytes";
import { systemClock } from "#platform/clock";
import type { Clock } from "#platform/clock";
import { makeSchema } from "#platform/object-schema";
import { isDeadLetter, isReplay } from "./core/dead-letters";
import { eventsOfChange } from "./core/events";
import { Agenda } from "./core/agenda";
import type { TaskBook } from "./core/desk";
import type { ShardPart } from "./core/shard-part";
import { isLegal, isTerminal } from "./core/state";
import type { KeptResult, TaskRow } from "./core/state";
import { CHUNK_BYTES, MAX_INLINE_RESULT_BYTES } from "./core/timing";
import {
  CHANGING_COLUMNS,
  changingValues,
  fromStored,
  newValues,
  TASK_COLUMNS,
  toIndexEntry,
} from "./storage-rows";
import type { IndexEntry, StoredTask } from "./storage-rows";
import { Counters } from "./storage-counters";
import { readWaiting } from "./storage-stats";
import type { ShardStats } from "./storage-stats";
import { APPEND_LINES, EventLog, linesOf, RETURNING_CHARS } from "./storage-events";
import type { LogSize } from "./storage-events";
import { IndexOutbox } from "./storage-outbox";
import { Presence } from "./storage-presence";
import { TASKS_SCHEMA } from "./storage-schema";

export { SqlDeliveryBook } from "./storage-deliveries";
export { EventLog };
export { WatchBook } from "./storage-watches";
export type { Watch } from "./storage-watches";
export { flushIndex } from "./storage-index";
export type { IndexEntry } from "./storage-rows";
export type { ShardStats } from "./storage-stats";

const INSERT = `INSERT INTO tasks (${TASK_COLUMNS}, input, due_at, log) VALUES (${"?, ".repeat(TASK_COLUMNS.split(",").length)}?, ?, ?)`;
const SET = `UPDATE tasks SET ${CHANGING_COLUMNS.map((column) => `${column} = ?`).join(", ")}, due_at = ?`;
const UPDATE = `${SET} WHERE id = ?`;
const UPDATE_AND_TELL = `${SET}, ${APPEND_LINES} WHERE id = ? ${RETURNING_CHARS}`;

/** The tasks that have not ended, and those that have. Named, since the planner would rather read the whole table than look rows up by these. */
const LIVE = "tasks INDEXED BY tasks_live WHERE completed_at IS NULL";
const ENDED = "tasks INDEXED BY tasks_ended WHERE completed_at IS NOT NULL";

/** The book of one shard, in its object's SQLite. */
export class SqlTaskBook implements TaskBook {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  readonly #parts: readonly ShardPart[];
  readonly #counters: Counters;
  readonly #presence: Presence;
  readonly #outbox: IndexOutbox;
  readonly #log: EventLog;
  readonly #now: Clock;
  /** Null until it is asked for, and again where a change was taken back. */
  #agenda: Agenda | null = null;

  /** `parts` follow what is written; more may join the list later. */
  constructor(
    storage: DurableObjectStorage,
    parts: readonly ShardPart[] = [],
    now: Clock = systemClock,
  ) {
    this.#storage = storage;
    this.#now = now;
    this.#parts = parts;
    this.#sql = storage.sql;
    makeSchema(storage, TASKS_SCHEMA);
    this.#counters = new Counters(storage.sql);
    this.#presence = new Presence(storage.sql);
    this.#outbox = new IndexOutbox(storage.sql);
    this.#log = new EventLog(storage.sql);
  }

  /** Applies a change all or nothing. */
  transact<T>(change: () => T): T {
    this.#counters.begin();
    this.#outbox.begin();
    try {
      return this.#storage.transactionSync(change);
    } catch (error) {
      this.#counters.undo();
      this.#outbox.undo();
      this.#agenda = null;
      throw error;
    }
  }

  /** Resolves when all that was applied is on the disk. */
  commit(): Promise<void> {
    this.#counters.seal();
    return this.#storage.sync();
  }

  /** Whose turn it is. Read from the rows that have not ended, at most what a shard takes in, once in an object's life. */
  agenda(): Agenda {
    if (this.#agenda) return this.#agenda;
    this.#agenda = new Agenda();
    for (const status of ["running", "queued"])
      for (const row of this.#sql.exec<StoredTask>(
        `SELECT ${TASK_COLUMNS} FROM ${LIVE} AND status = ? ORDER BY id`,
        status,
      ))
        this.#agenda.put(fromStored(row), this.#now());
    return this.#agenda;
  }

  find(id: string): TaskRow | null {
    const found = this.#sql
      .exec<StoredTask>(`SELECT ${TASK_COLUMNS} FROM tasks WHERE id = ?`, id)
      .toArray()[0];
    return found ? fromStored(found) : null;
  }

  insert(row: TaskRow, inputJson: string, dueAtMs: number): void {
    if (row.hasChunkedInput) this.#keepChunks(row.id, "input", utf8(inputJson));
    const input = row.hasChunkedInput ? null : inputJson;
    this.#sql.exec(INSERT, ...newValues(row), input, dueAtMs, this.#tell(null, row));
    this.#counters.add(row.kind, row.status, 1);
    this.#outbox.add(row.id);
    this.#agenda?.put(row, this.#now());
    for (const part of this.#parts) part.saved?.(null, row);
  }

  save(before: TaskRow, after: TaskRow, dueAtMs: number): void {
    if (before.status !== after.status) {
      if (!isLegal(before.status, after.status) && !isReplay(before, after))
        throw new Error(`A task never goes from ${before.status} to ${after.status}.`);
      this.#counters.add(before.kind, before.status, -1);
      this.#counters.add(after.kind, after.status, 1);
    }
    const lines = this.#tell(before, after);
    const values = [...changingValues(after), dueAtMs];
    if (lines === "") this.#sql.exec(UPDATE, ...values, after.id);
    else
      this.#log.trim(
        after.id,
        this.#sql.exec<LogSize>(UPDATE_AND_TELL, ...values, lines, after.id).toArray()[0],
      );
    if (before.version !== after.version) this.#outbox.add(after.id);
    // An ended task is never run again, so its input has served; a dead letter may be.
    if (after.hasChunkedInput && isTerminal(after.status) && !isDeadLetter(after))
      this.#dropChunks(after.id, "input");
    this.#agenda?.put(after, this.#now());
    for (const part of this.#parts) part.saved?.(before, after);
  }

  /** Forgets a task that ended. The counters keep it: they tell what was ever done. */
  remove(row: TaskRow): void {
    this.#dropChunks(row.id, "result");
    if (row.hasChunkedInput) this.#dropChunks(row.id, "input");
    this.#outbox.drop(row.id);
    this.#sql.exec("DELETE FROM tasks WHERE id = ?", row.id);
    for (const part of this.#parts) part.forgotten?.(row);
  }

  readInput(id: string): string {
    const inline = this.#sql
      .exec<{ input: string | null }>("SELECT input FROM tasks WHERE id = ?", id)
      .one().input;
    if (inline !== null) return inline;
    const decoder = new TextDecoder();
    let json = "";
    for (const { data } of this.#sql.exec<{ data: ArrayBuffer }>(
      "SELECT data FROM chunks WHERE task_id = ? AND part = 'input' ORDER BY seq",
      id,
    ))
      json += decoder.decode(data, { stream: true });
    return json + decoder.decode();
  }

  keepResult(id: string, json: string): KeptResult {
    const bytes = utf8(json);
    if (bytes.byteLength <= MAX_INLINE_RESULT_BYTES)
      return { bytes: bytes.byteLength, chunks: 0, inlineJson: json };
    const chunks = this.#keepChunks(id, "result", bytes);
    return { bytes: bytes.byteLength, chunks, inlineJson: null };
  }

  /** One chunk of a large result, counted from 0, or null behind the last. */
  readResultChunk(id: string, seq: number): ArrayBuffer | null {
    const found = this.#sql
      .exec<{ data: ArrayBuffer }>(
        "SELECT data FROM chunks WHERE task_id = ? AND part = 'result' AND seq = ?",
        id,
        seq,
      )
      .toArray()[0];
    return found?.data ?? null;
  }

  findKey(
    ownerId: string,
    key: string,
    nowMs: number,
  ): { taskId: string; fingerprint: string } | null {
    const found = this.#sql
      .exec<{ taskId: string; fingerprint: string }>(
        "SELECT task_id AS taskId, fingerprint FROM idempotency WHERE owner_id = ? AND key = ? AND expires_at > ?",
        ownerId,
        key,
        nowMs,
      )
      .toArray()[0];
    return found ?? null;
  }

  keepKey(
    ownerId: string,
    key: string,
    value: { taskId: string; fingerprint: string; expiresAtMs: number },
  ): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO idempotency (owner_id, key, task_id, fingerprint, expires_at) VALUES (?, ?, ?, ?, ?)",
      ownerId,
      key,
      value.taskId,
      value.fingerprint,
      value.expiresAtMs,
    );
  }

  /** The ids of an owner's tasks, at most `limit`, from behind `after` on. Reads the whole table, which is asked for seldom. */
  idsOfOwner(ownerId: string, after: string, limit: number): string[] {
    return this.#sql
      .exec<{ id: string }>(
        "SELECT id FROM tasks WHERE owner_id = ? AND id > ? ORDER BY id LIMIT ?",
        ownerId,
        after,
        limit,
      )
      .toArray()
      .map(({ id }) => id);
  }

  dropKeys(ownerId: string): void {
    this.#sql.exec("DELETE FROM idempotency WHERE owner_id = ?", ownerId);
  }

  countQueued(): number {
    return this.#counters.sum("queued");
  }

  /** What is due, longest first; what has ended and is to be forgotten comes after what still has to run. */
  due(nowMs: number, limit: number): TaskRow[] {
    const read = (rows: string, most: number): StoredTask[] =>
      this.#sql
        .exec<StoredTask>(
          `SELECT ${TASK_COLUMNS} FROM ${rows} AND due_at <= ? ORDER BY due_at LIMIT ?`,
          nowMs,
          most,
        )
        .toArray();
    const live = read(LIVE, limit);
    const ended = live.length < limit ? read(ENDED, limit - live.length) : [];
    return [...live, ...ended].map(fromStored);
  }

  /** When the next task is due, or null where the book is empty. */
  nextDueAtMs(): number | null {
    const [live, ended] = [LIVE, ENDED].map(
      (rows) =>
        this.#sql.exec<{ at: number | null }>(`SELECT MIN(due_at) AS at FROM ${rows}`).one().at,
    );
    return live == null || ended == null ? (live ?? ended ?? null) : Math.min(live, ended);
  }

  seeConsumer(consumerId: string, nowMs: number): void {
    this.#presence.see(consumerId, nowMs);
  }

  noteClaim(nowMs: number): void {
    this.#presence.noteClaim(nowMs);
  }

  prune(nowMs: number): void {
    this.#sql.exec("DELETE FROM idempotency WHERE expires_at <= ?", nowMs);
    this.#presence.prune(nowMs);
  }

  readStats(nowMs: number): ShardStats {
    return {
      counts: this.#counters.list(),
      replayed: this.#counters.listReplayed(),
      activeConsumers: this.#presence.active(nowMs),
      lastClaimAtMs: this.#presence.lastClaimAtMs(),
      waiting: readWaiting(this.#sql, nowMs),
    };
  }

  /** Entries that the index lacks, oldest task first. */
  unindexed(limit: number): IndexEntry[] {
    return this.#sql
      .exec<StoredTask>(
        `SELECT ${TASK_COLUMNS} FROM tasks WHERE id IN (SELECT task_id FROM outbox ORDER BY task_id LIMIT ?)`,
        limit,
      )
      .toArray()
      .map(fromStored)
      .map((row) =>
        toIndexEntry(row, row.completedAtMs === null ? null : row.completedAtMs + row.retentionMs),
      );
  }

  hasUnindexed(): boolean {
    return !this.#outbox.isEmpty();
  }

  /** The index has these; what changed meanwhile stays to be written. */
  markIndexed(entries: readonly IndexEntry[]): void {
    this.#outbox.settle(entries);
  }

  /** What the task's log is told of a change: it is written with the record, in one statement. */
  #tell(before: TaskRow | null, after: TaskRow): string {
    const atMs = this.#now();
    return linesOf(eventsOfChange(before, after).map((body) => ({ atMs, body })));
  }

  #keepChunks(id: string, part: "input" | "result", bytes: Uint8Array): number {
    let seq = 0;
    for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) {
      const data = bytes.slice(at, at + CHUNK_BYTES).buffer;
      this.#sql.exec(
        "INSERT INTO chunks (task_id, part, seq, data) VALUES (?, ?, ?, ?)",
        id,
        part,
        seq,
        data,
      );
      seq += 1;
    }
    return seq;
  }

  #dropChunks(id: string, part: "input" | "result"): void {
    this.#sql.exec("DELETE FROM chunks WHERE task_id = ? AND part = ?", id, part);
  }
}
