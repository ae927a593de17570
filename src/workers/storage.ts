import { makeSchema } from "#platform/object-schema";
import type { ObjectSchema } from "#platform/object-schema";
import { OFFER_MEMORY_MS, SEEN_STEP_MS, WORKER_ACTIVE_MS, WORKER_MEMORY_MS } from "./core/limits";
import { OfferTurns } from "./core/offer-turns";
import type { OfferLine } from "./core/offer-turns";

/** A task that waits for a worker of its kind. */
export interface Offer extends OfferLine {
  readonly taskId: string;
}

/** A worker as it registered. */
export interface WorkerRecord {
  readonly id: string;
  readonly ownerId: string;
  readonly kinds: readonly string[];
}

export const POOL_SCHEMA: ObjectSchema = {
  part: "pool",
  table: "offers",
  steps: [
    `CREATE TABLE IF NOT EXISTS offers (
    seq INTEGER PRIMARY KEY, task_id TEXT NOT NULL UNIQUE, owner_id TEXT NOT NULL, stride INTEGER NOT NULL,
    kind TEXT NOT NULL, offered_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS offers_by_line ON offers (owner_id, stride, seq);
  CREATE TABLE IF NOT EXISTS workers (
    id TEXT PRIMARY KEY, owner_id TEXT NOT NULL, kinds TEXT NOT NULL, seen_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;`,
  ],
};

/**
 * A pool in its object's SQLite: which tasks are ready, and which workers are known. Neither is the record: a task that is lost from
 * here is offered again by its shard, and a worker that is lost registers again.
 */
export class PoolStorage {
  readonly #sql: SqlStorage;
  /** Follows what stands in the table. */
  readonly #turns = new OfferTurns();
  readonly #workers = new Map<string, WorkerRecord>();
  readonly #seenAtMs = new Map<string, number>();
  readonly #writtenAtMs = new Map<string, number>();

  constructor(storage: DurableObjectStorage) {
    const { sql } = storage;
    this.#sql = sql;
    makeSchema(storage, POOL_SCHEMA);
    for (const row of sql.exec<LineRow & { count: number }>(
      "SELECT owner_id, stride, kind, count(*) AS count FROM offers GROUP BY owner_id, stride, kind ORDER BY min(seq)",
    ))
      this.#turns.enter(lineOf(row), row.count);
    for (const row of sql.exec<{ id: string; owner_id: string; kinds: string; seen_at: number }>(
      "SELECT id, owner_id, kinds, seen_at FROM workers",
    )) {
      const kinds = JSON.parse(row.kinds) as string[];
      this.#workers.set(row.id, { id: row.id, ownerId: row.owner_id, kinds });
      this.#seenAtMs.set(row.id, row.seen_at);
    }
  }

  /** Puts tasks at the end of their lines; one that is there already keeps its place. */
  offer(offers: readonly Offer[], nowMs: number): void {
    const entered = this.#sql.exec<LineRow>(
      `INSERT INTO offers (task_id, owner_id, stride, kind, offered_at)
       SELECT value ->> 'taskId', value ->> 'ownerId', value ->> 'stride', value ->> 'kind', ?2 FROM json_each(?1)
       WHERE true ON CONFLICT (task_id) DO NOTHING RETURNING owner_id, stride, kind`,
      JSON.stringify(offers),
      nowMs,
    );
    for (const row of entered) this.#turns.enter(lineOf(row));
  }

  /** Takes out up to `max` tasks of these kinds, each from the line whose turn it is. */
  take(kinds: readonly string[], max: number): Offer[] {
    const taken: Offer[] = [];
    while (taken.length < max) {
      const line = this.#turns.next(kinds);
      if (line === null) break;
      const [row] = this.#sql
        .exec<LineRow & { task_id: string }>(
          `DELETE FROM offers WHERE seq =
           (SELECT seq FROM offers WHERE owner_id = ? AND stride = ? AND kind IN (SELECT value FROM json_each(?))
            ORDER BY seq LIMIT 1)
         RETURNING task_id, owner_id, stride, kind`,
          line.ownerId,
          line.stride,
          JSON.stringify(kinds),
        )
        .toArray();
      if (row === undefined) break;
      const offer = { taskId: row.task_id, ...lineOf(row) };
      this.#turns.leave(offer);
      taken.push(offer);
    }
    return taken;
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

  /** Forgets an owner's workers, and the tasks that wait for one. */
  dropOwner(ownerId: string): void {
    const dropped = this.#sql.exec<LineRow>(
      "DELETE FROM offers WHERE owner_id = ? RETURNING owner_id, stride, kind",
      ownerId,
    );
    for (const row of dropped) this.#turns.leave(lineOf(row));
    for (const [id, worker] of this.#workers) {
      if (worker.ownerId !== ownerId) continue;
      this.#workers.delete(id);
      this.#seenAtMs.delete(id);
      this.#writtenAtMs.delete(id);
      this.#sql.exec("DELETE FROM workers WHERE id = ?", id);
    }
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
    const forgotten = this.#sql.exec<LineRow>(
      "DELETE FROM offers WHERE offered_at <= ? RETURNING owner_id, stride, kind",
      nowMs - OFFER_MEMORY_MS,
    );
    for (const row of forgotten) this.#turns.leave(lineOf(row));
    const left = this.#sql.exec<{ count: number }>("SELECT count(*) AS count FROM offers").one();
    return this.#workers.size > 0 || left.count > 0;
  }
}

interface LineRow extends Record<string, SqlStorageValue> {
  readonly owner_id: string;
  readonly stride: number;
  readonly kind: string;
}

const lineOf = (row: LineRow): OfferLine => ({
  ownerId: row.owner_id,
  stride: row.stride,
  kind: row.kind,
});
