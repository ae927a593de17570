import { utf8 } from "#platform/bytes";
import type { TaskBook } from "./core/desk";
import { isLegal, isTerminal, TASK_STATUSES } from "./core/state";
import type { KeptResult, TaskRow, TaskStatus } from "./core/state";
import {
  CHUNK_BYTES,
  CONSUMER_ACTIVE_MS,
  MAX_INLINE_RESULT_BYTES,
  RETENTION_MS,
} from "./core/timing";
import {
  CHANGING_COLUMNS,
  changingValues,
  fromStored,
  TASK_COLUMNS,
  toIndexEntry,
} from "./storage-rows";
import type { IndexEntry, StoredTask } from "./storage-rows";
import { migrate } from "./storage-schema";

export { flushIndex } from "./storage-index";
export type { IndexEntry } from "./storage-rows";

/** What a shard counts, exact at every moment: the counters move in the transaction of the state. */
export interface ShardStats {
  /** Tasks by kind and status. Terminal ones count everything that ever ended; the others what stands at this moment. */
  readonly counts: readonly {
    readonly kind: string;
    readonly status: TaskStatus;
    readonly count: number;
  }[];
  readonly activeConsumers: readonly string[];
  readonly lastClaimAtMs: number | null;
}

/** An input beyond this leaves the row, which is rewritten at every heartbeat. */
const MAX_INLINE_INPUT_BYTES = 8 * 1024;

const INSERT = `INSERT INTO tasks (${TASK_COLUMNS}, input, due_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, 0, '[]', NULL, ?, NULL, NULL, 0, ?, ?)`;
const UPDATE = `UPDATE tasks SET ${CHANGING_COLUMNS.map((column) => `${column} = ?`).join(", ")}, due_at = ? WHERE id = ?`;
const COUNT = `INSERT INTO counters (kind, status, count) VALUES (?, ?, ?)
  ON CONFLICT (kind, status) DO UPDATE SET count = count + excluded.count`;

/** The book of one shard, in its object's SQLite. */
export class SqlTaskBook implements TaskBook {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
    migrate(storage);
  }

  find(id: string): TaskRow | null {
    const found = this.#sql
      .exec<StoredTask>(`SELECT ${TASK_COLUMNS} FROM tasks WHERE id = ?`, id)
      .toArray()[0];
    return found ? fromStored(found) : null;
  }

  insert(row: TaskRow, inputJson: string, dueAtMs: number): void {
    const isInline = inputJson.length <= MAX_INLINE_INPUT_BYTES;
    if (!isInline) this.#keepChunks(row.id, "input", utf8(inputJson));
    this.#sql.exec(
      INSERT,
      row.id,
      row.ownerId,
      row.kind,
      row.lane,
      row.status,
      row.version,
      row.attempts,
      row.maxAttempts,
      row.fence,
      row.timeoutMs,
      row.createdAtMs,
      row.startedAtMs,
      row.completedAtMs,
      row.notBeforeMs,
      row.startByMs,
      row.sends,
      row.sentAtMs,
      row.wakeAtMs,
      row.deadLetters,
      row.traceparent,
      isInline ? inputJson : null,
      dueAtMs,
    );
    this.#count(row.kind, row.status, 1);
    this.#toIndex(row);
  }

  save(before: TaskRow, after: TaskRow, dueAtMs: number): void {
    if (before.status !== after.status) {
      if (!isLegal(before.status, after.status))
        throw new Error(`A task never goes from ${before.status} to ${after.status}.`);
      this.#count(before.kind, before.status, -1);
      this.#count(after.kind, after.status, 1);
    }
    this.#sql.exec(UPDATE, ...changingValues(after), dueAtMs, after.id);
    if (before.version !== after.version) this.#toIndex(after);
    // An ended task is never run again: its input has served.
    if (isTerminal(after.status) && !isTerminal(before.status)) this.#dropChunks(after.id, "input");
  }

  /** Forgets a task that ended. The counters keep it: they tell what was ever done. */
  remove(row: TaskRow): void {
    this.#dropChunks(row.id, "result");
    this.#sql.exec("DELETE FROM outbox WHERE task_id = ?", row.id);
    this.#sql.exec("DELETE FROM tasks WHERE id = ?", row.id);
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

  countQueued(): number {
    return this.#sql
      .exec<{ n: number }>(
        "SELECT COALESCE(SUM(count), 0) AS n FROM counters WHERE status = 'queued'",
      )
      .one().n;
  }

  due(nowMs: number, limit: number): TaskRow[] {
    return this.#sql
      .exec<StoredTask>(
        `SELECT ${TASK_COLUMNS} FROM tasks WHERE due_at <= ? ORDER BY due_at LIMIT ?`,
        nowMs,
        limit,
      )
      .toArray()
      .map(fromStored);
  }

  /** When the next task is due, or null where the book is empty. */
  nextDueAtMs(): number | null {
    return this.#sql.exec<{ at: number | null }>("SELECT MIN(due_at) AS at FROM tasks").one().at;
  }

  seeConsumer(consumerId: string, nowMs: number): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO consumers (id, seen_at) VALUES (?, ?)",
      consumerId,
      nowMs,
    );
  }

  noteClaim(nowMs: number): void {
    this.#sql.exec("INSERT OR REPLACE INTO marks (name, value) VALUES ('last_claim_at', ?)", nowMs);
  }

  prune(nowMs: number): void {
    this.#sql.exec("DELETE FROM idempotency WHERE expires_at <= ?", nowMs);
    this.#sql.exec("DELETE FROM consumers WHERE seen_at <= ?", nowMs - CONSUMER_ACTIVE_MS);
  }

  readStats(nowMs: number): ShardStats {
    const known = new Set<string>(TASK_STATUSES);
    return {
      counts: this.#sql
        .exec<{ kind: string; status: TaskStatus; count: number }>(
          "SELECT kind, status, count FROM counters",
        )
        .toArray()
        .filter((row) => known.has(row.status)),
      activeConsumers: this.#sql
        .exec<{ id: string }>(
          "SELECT id FROM consumers WHERE seen_at > ?",
          nowMs - CONSUMER_ACTIVE_MS,
        )
        .toArray()
        .map((row) => row.id),
      lastClaimAtMs:
        this.#sql
          .exec<{ value: number }>("SELECT value FROM marks WHERE name = 'last_claim_at'")
          .toArray()[0]?.value ?? null,
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
        toIndexEntry(row, row.completedAtMs === null ? null : row.completedAtMs + RETENTION_MS),
      );
  }

  hasUnindexed(): boolean {
    return this.#sql.exec("SELECT 1 FROM outbox LIMIT 1").toArray().length > 0;
  }

  /** The index has these; what changed meanwhile stays to be written. */
  markIndexed(entries: readonly IndexEntry[]): void {
    for (const { id, version } of entries)
      this.#sql.exec("DELETE FROM outbox WHERE task_id = ? AND version = ?", id, version);
  }

  #toIndex(row: TaskRow): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO outbox (task_id, version) VALUES (?, ?)",
      row.id,
      row.version,
    );
  }

  #count(kind: string, status: TaskStatus, by: number): void {
    this.#sql.exec(COUNT, kind, status, by);
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
