import { OFFER_MEMORY_MS, SEEN_STEP_MS, WORKER_ACTIVE_MS, WORKER_MEMORY_MS } from "./core/limits";

/** A task that waits for a worker of its kind. */
export interface Offer {
  readonly taskId: string;
  readonly kind: string;
}

/** A worker as it registered. */
export interface WorkerRecord {
  readonly id: string;
  readonly ownerId: string;
  readonly kinds: readonly string[];
}

const SCHEMA = `CREATE TABLE IF NOT EXISTS ready (
    seq INTEGER PRIMARY KEY, task_id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, offered_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS ready_by_kind ON ready (kind, seq);
  CREATE TABLE IF NOT EXISTS workers (
    id TEXT PRIMARY KEY, owner_id TEXT NOT NULL, kinds TEXT NOT NULL, seen_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;`;

/**
 * A pool in its object's SQLite: which tasks are ready, and which workers are known. Neither is the record: a task that is lost from
 * here is offered again by its shard, and a worker that is lost registers again.
 */
export class PoolStorage {
  readonly #sql: SqlStorage;
  readonly #workers = new Map<string, WorkerRecord>();
  readonly #seenAtMs = new Map<string, number>();
  readonly #writtenAtMs = new Map<string, number>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(SCHEMA);
    for (const row of sql.exec<{ id: string; owner_id: string; kinds: string; seen_at: number }>(
      "SELECT id, owner_id, kinds, seen_at FROM workers",
    )) {
      const kinds = JSON.parse(row.kinds) as string[];
      this.#workers.set(row.id, { id: row.id, ownerId: row.owner_id, kinds });
      this.#seenAtMs.set(row.id, row.seen_at);
    }
  }

  /** Puts tasks at the end; one that is there already keeps its place. */
  offer(offers: readonly Offer[], nowMs: number): void {
    this.#sql.exec(
      `INSERT INTO ready (task_id, kind, offered_at)
       SELECT value ->> 'taskId', value ->> 'kind', ?2 FROM json_each(?1) WHERE true ON CONFLICT (task_id) DO NOTHING`,
      JSON.stringify(offers),
      nowMs,
    );
  }

  /** Takes out the tasks of these kinds that have waited longest. */
  take(kinds: readonly string[], max: number): string[] {
    return this.#sql
      .exec<{ task_id: string; seq: number }>(
        `DELETE FROM ready WHERE seq IN
           (SELECT seq FROM ready WHERE kind IN (SELECT value FROM json_each(?)) ORDER BY seq LIMIT ?)
         RETURNING task_id, seq`,
        JSON.stringify(kinds),
        max,
      )
      .toArray()
      .sort((a, b) => a.seq - b.seq)
      .map((row) => row.task_id);
  }

  keepWorker(worker: WorkerRecord, nowMs: number): void {
    this.#workers.set(worker.id, worker);
    this.#sql.exec(
      "INSERT OR REPLACE INTO workers (id, owner_id, kinds, seen_at) VALUES (?, ?, ?, ?)",
      worker.id,
      worker.ownerId,
      JSON.stringify(worker.kinds),
      nowMs,
    );
    this.#seenAtMs.set(worker.id, nowMs);
    this.#writtenAtMs.set(worker.id, nowMs);
  }

  /** The worker if it is this owner's, heard of at this moment. */
  see(id: string, ownerId: string, nowMs: number): WorkerRecord | null {
    const worker = this.#workers.get(id);
    if (worker?.ownerId !== ownerId) return null;
    this.#seenAtMs.set(id, nowMs);
    if (nowMs - (this.#writtenAtMs.get(id) ?? 0) >= SEEN_STEP_MS) {
      this.#writtenAtMs.set(id, nowMs);
      this.#sql.exec("UPDATE workers SET seen_at = ? WHERE id = ?", nowMs, id);
    }
    return worker;
  }

  active(nowMs: number): string[] {
    return [...this.#seenAtMs]
      .filter(([, seenAtMs]) => seenAtMs > nowMs - WORKER_ACTIVE_MS)
      .map(([id]) => id);
  }

  /** Forgets who was not heard of and what was not taken for a long time. True where something is left. */
  prune(nowMs: number): boolean {
    for (const [id, seenAtMs] of this.#seenAtMs) {
      if (seenAtMs > nowMs - WORKER_MEMORY_MS) continue;
      this.#workers.delete(id);
      this.#seenAtMs.delete(id);
      this.#writtenAtMs.delete(id);
      this.#sql.exec("DELETE FROM workers WHERE id = ?", id);
    }
    this.#sql.exec("DELETE FROM ready WHERE offered_at <= ?", nowMs - OFFER_MEMORY_MS);
    const ready = this.#sql.exec<{ count: number }>("SELECT count(*) AS count FROM ready").one();
    return this.#workers.size > 0 || ready.count > 0;
  }
}
