-- The index of tasks: what lists, searches and history read. The record itself is in the task's shard, which writes here.
-- Times are milliseconds since the epoch. An entry outlives its task's record by nothing: expires_at is set when the task ends.
CREATE TABLE tasks (
  id TEXT PRIMARY KEY,
  owner_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  version INTEGER NOT NULL,
  is_dead INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  error_code TEXT,
  error_params TEXT,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  completed_at INTEGER,
  expires_at INTEGER
) STRICT;
CREATE INDEX tasks_by_owner ON tasks (owner_id, id DESC);
CREATE INDEX tasks_by_status ON tasks (owner_id, status, id DESC);
CREATE INDEX tasks_by_expiry ON tasks (expires_at) WHERE expires_at IS NOT NULL;
