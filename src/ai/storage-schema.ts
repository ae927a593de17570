import type { ObjectSchema } from "#platform/object-schema";

/** Made with the first run of an object. */
export const RUNS_SCHEMA: ObjectSchema = {
  part: "runs",
  table: "runs",
  steps: [
    `
  CREATE TABLE IF NOT EXISTS runs (
    id TEXT PRIMARY KEY, owner_id TEXT NOT NULL, key_id TEXT, kind TEXT NOT NULL, is_recorded INTEGER NOT NULL, prompt_tokens INTEGER NOT NULL,
    next_seq INTEGER NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER, is_ok INTEGER,
    usage TEXT, tries INTEGER NOT NULL, next_try_at INTEGER NOT NULL
  ) STRICT;
  -- One row a write, whose first event has the number in seq: what comes while a write is under way shares the next one.
  CREATE TABLE IF NOT EXISTS events (
    run_id TEXT NOT NULL, seq INTEGER NOT NULL, events TEXT NOT NULL, PRIMARY KEY (run_id, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS streams (
    id TEXT PRIMARY KEY, run_id TEXT NOT NULL, key_id TEXT, kind TEXT NOT NULL, context TEXT NOT NULL, created_at INTEGER NOT NULL,
    is_kept INTEGER NOT NULL
  ) STRICT;`,
    // Of the request that began the run (W3C Trace Context); null in runs of before.
    `ALTER TABLE runs ADD COLUMN traceparent TEXT`,
  ],
};
