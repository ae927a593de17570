import type { ObjectSchema } from "#platform/object-schema";
import { DELIVERIES_SCHEMA } from "./storage-deliveries";
import { EVENTS_SCHEMA, INLINE_LOG_SCHEMA } from "./storage-events";
import { WATCHES_SCHEMA } from "./storage-watches";

/** The tables of a shard. Its first step has no IF NOT EXISTS: shards have recorded their version from their first day. */
export const TASKS_SCHEMA: ObjectSchema = {
  part: "tasks",
  table: "tasks",
  steps: [
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
  ],
};
