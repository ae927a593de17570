import { DELIVERIES_SCHEMA } from "./storage-deliveries";
import { EVENTS_SCHEMA, INLINE_LOG_SCHEMA } from "./storage-events";
import { WATCHES_SCHEMA } from "./storage-watches";

/** Each entry brings the schema from its index to the next version. Entries are never changed, only added. */
const MIGRATIONS = [
  `CREATE TABLE tasks (
    id TEXT PRIMARY KEY, owner_id TEXT NOT NULL, kind TEXT NOT NULL, lane TEXT NOT NULL, status TEXT NOT NULL, version INTEGER NOT NULL,
    attempts INTEGER NOT NULL, max_attempts INTEGER NOT NULL, fence INTEGER NOT NULL, timeout_ms INTEGER NOT NULL,
    created_at INTEGER NOT NULL, started_at INTEGER, completed_at INTEGER, not_before INTEGER NOT NULL, start_by INTEGER NOT NULL,
    sends INTEGER NOT NULL, sent_at INTEGER NOT NULL, wake_at INTEGER NOT NULL, dead_letters INTEGER NOT NULL,
    lease TEXT, fault TEXT, is_dead INTEGER NOT NULL, history TEXT NOT NULL, progress TEXT, traceparent TEXT NOT NULL,
    input TEXT, has_chunked_input INTEGER NOT NULL, result TEXT, result_bytes INTEGER, result_chunks INTEGER NOT NULL, due_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX tasks_by_due ON tasks (due_at);
  CREATE TABLE chunks (
    task_id TEXT NOT NULL, part TEXT NOT NULL, seq INTEGER NOT NULL, data BLOB NOT NULL, UNIQUE (task_id, part, seq)
  ) STRICT;
  CREATE TABLE idempotency (
    owner_id TEXT NOT NULL, key TEXT NOT NULL, task_id TEXT NOT NULL, fingerprint TEXT NOT NULL, expires_at INTEGER NOT NULL,
    PRIMARY KEY (owner_id, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX idempotency_by_expiry ON idempotency (expires_at);
  CREATE TABLE counters (kind TEXT NOT NULL, status TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (kind, status)) STRICT, WITHOUT ROWID;
  CREATE TABLE outbox (task_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE TABLE consumers (id TEXT PRIMARY KEY, seen_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE marks (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;`,
  `ALTER TABLE tasks ADD COLUMN priority TEXT NOT NULL DEFAULT 'normal';
  ALTER TABLE tasks ADD COLUMN callback_url TEXT;
  ALTER TABLE tasks ADD COLUMN retention_ms INTEGER NOT NULL DEFAULT 604800000;
  CREATE INDEX tasks_waiting ON tasks (kind, not_before, created_at) WHERE status = 'queued';
  CREATE INDEX tasks_running ON tasks (owner_id) WHERE status = 'running';`,
  EVENTS_SCHEMA,
  DELIVERIES_SCHEMA,
  // Every page that a commit touches is written to the disk: what has not ended is found by one small index, which a claim touches once.
  `DROP INDEX tasks_by_due; DROP INDEX tasks_waiting; DROP INDEX tasks_running;
  CREATE INDEX tasks_live ON tasks (due_at) WHERE completed_at IS NULL;
  CREATE INDEX tasks_ended ON tasks (due_at) WHERE completed_at IS NOT NULL;`,
  INLINE_LOG_SCHEMA,
  WATCHES_SCHEMA,
];

/** Brings the schema up to date, all of it or none. */
export function migrate(storage: DurableObjectStorage): void {
  const { sql } = storage;
  storage.transactionSync(() => {
    sql.exec("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)");
    const stored = sql.exec<{ version: number }>("SELECT version FROM schema_version").toArray()[0];
    const version = stored?.version ?? 0;
    for (const statements of MIGRATIONS.slice(version)) sql.exec(statements);
    if (!stored) sql.exec("INSERT INTO schema_version (version) VALUES (?)", MIGRATIONS.length);
    else if (version < MIGRATIONS.length)
      sql.exec("UPDATE schema_version SET version = ?", MIGRATIONS.length);
  });
}
