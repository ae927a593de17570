-- Services of the operator's own behind the gateway. `definition` and `secrets` are JSON: a definition is read and written as a whole,
-- and one row is one version of it. `secrets` is header name → {sealed, updated_at}, each sealed for its row and name.
-- Times are milliseconds since the epoch.
CREATE TABLE upstreams (
  name TEXT PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  definition TEXT NOT NULL,
  secrets TEXT NOT NULL,
  is_enabled INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
