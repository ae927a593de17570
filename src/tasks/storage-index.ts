import type { IndexEntry } from "./storage-rows";

/** One statement whatever the number of entries: D1's cost is by statement, and it binds at most 100 values. */
const UPSERT = `INSERT INTO tasks (id, owner_id, kind, status, version, is_dead, attempts, error_code, error_params, created_at, started_at,
    completed_at, expires_at, priority, not_before)
  SELECT value ->> 'id', value ->> 'owner_id', value ->> 'kind', value ->> 'status', value ->> 'version', value ->> 'is_dead',
    value ->> 'attempts', value ->> 'error_code', value ->> 'error_params', value ->> 'created_at', value ->> 'started_at',
    value ->> 'completed_at', value ->> 'expires_at', value ->> 'priority', value ->> 'not_before'
  FROM json_each(?1) WHERE true
  ON CONFLICT (id) DO UPDATE SET status = excluded.status, version = excluded.version, is_dead = excluded.is_dead,
    attempts = excluded.attempts, error_code = excluded.error_code, error_params = excluded.error_params,
    started_at = excluded.started_at, completed_at = excluded.completed_at, expires_at = excluded.expires_at,
    not_before = excluded.not_before
  WHERE excluded.version > tasks.version`;

const EXPIRE = `DELETE FROM tasks WHERE id IN (SELECT id FROM tasks WHERE expires_at <= ?1 LIMIT 500)`;

const BATCH = 500;

/** Writes all that the index lacks, batch by batch. Throws where D1 can't be reached; what is written by then is marked. */
export async function flushIndex(
  db: D1Database,
  book: { readonly unindexed: (limit: number) => IndexEntry[] },
  mark: (done: readonly IndexEntry[]) => Promise<void>,
  nowMs: number,
): Promise<void> {
  for (;;) {
    const entries = book.unindexed(BATCH);
    if (entries.length === 0) return;
    await writeIndex(db, entries, nowMs);
    await mark(entries);
    if (entries.length < BATCH) return;
  }
}

/** Brings the index up to what a shard knows. An older entry never replaces a newer one, so a repeated or late write is harmless. */
async function writeIndex(
  db: D1Database,
  entries: readonly IndexEntry[],
  nowMs: number,
): Promise<void> {
  await db.batch([
    db.prepare(UPSERT).bind(JSON.stringify(entries)),
    db.prepare(EXPIRE).bind(nowMs),
  ]);
}
