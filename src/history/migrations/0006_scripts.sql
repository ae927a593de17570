-- Scripts that people wrote, one row for each version. Times are milliseconds since the epoch.

CREATE TABLE scripts (
  -- `usr_…`: nobody else sees it.
  owner_id TEXT NOT NULL,
  name TEXT NOT NULL,
  -- Semantic version without build metadata, as it is compared.
  version TEXT NOT NULL,
  -- SHA-256 of the definition, hexadecimal: a version has one content for ever.
  content_hash TEXT NOT NULL,
  -- The definition as JSON, its members in the order in which they were written; empty once it is deleted.
  definition TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- A deleted version keeps its row, so that its number never comes back with other content.
  deleted_at INTEGER,
  PRIMARY KEY (owner_id, name, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX scripts_present ON scripts (owner_id, name) WHERE deleted_at IS NULL;
