-- Who may come in. Times are milliseconds since the epoch; lists and objects are JSON text. No secret stands here in a form that
-- could be used: passwords are argon2id strings, keys live in their owner's gate, link and client secrets are SHA-256 of random text.

-- The record of people. What a gate and an Account hold of one is brought there from here. limits: policy name to quota, as RATE_LIMITS has it.
CREATE TABLE users (
  id TEXT PRIMARY KEY,
  -- In lower case and NFC when it is written; NOCASE keeps a slip of that from making two people of one.
  email TEXT NOT NULL COLLATE NOCASE UNIQUE,
  name TEXT NOT NULL,
  -- Null for who signs in with a provider only.
  password_hash TEXT,
  role TEXT NOT NULL DEFAULT 'user' CHECK (role IN ('admin', 'user', 'service', 'worker')),
  is_disabled INTEGER NOT NULL DEFAULT 0 CHECK (is_disabled IN (0, 1)),
  limits TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  -- Raised by each change; a change names the version that it saw.
  version INTEGER NOT NULL DEFAULT 1
) STRICT;

-- The index of API keys. The record that decides is in the owner's gate, which writes here by outbox.
CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  owner_id TEXT NOT NULL,
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,
  limits TEXT,
  -- The beginning of the key, for people to tell their keys apart.
  prefix TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  last_used_at INTEGER,
  version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX api_keys_by_owner ON api_keys (owner_id, id DESC);

-- Which account at a provider belongs to whom. The e-mail is what the provider said, for people to read; nothing is decided by it.
CREATE TABLE oauth_identities (
  provider TEXT NOT NULL,
  subject TEXT NOT NULL,
  user_id TEXT NOT NULL,
  email TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (provider, subject)
) STRICT;
CREATE INDEX oauth_identities_by_user ON oauth_identities (user_id);

-- Clients of our own token endpoint.
CREATE TABLE oauth_clients (
  id TEXT PRIMARY KEY,
  owner_id TEXT NOT NULL,
  name TEXT NOT NULL,
  secret_hash TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT;
CREATE INDEX oauth_clients_by_owner ON oauth_clients (owner_id, id DESC);

-- One-use links that set a new password.
CREATE TABLE reset_links (
  token_hash TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER,
  -- The admin who issued it; null where the person asked for it by mail.
  issued_by TEXT
) STRICT;
CREATE INDEX reset_links_by_user ON reset_links (user_id);
CREATE INDEX reset_links_by_expiry ON reset_links (expires_at);

-- What was done to whom by whom. Rows are only ever added.
CREATE TABLE audit (
  id TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  actor_id TEXT,
  action TEXT NOT NULL,
  subject_id TEXT,
  address TEXT,
  details TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE INDEX audit_by_time ON audit (at DESC, id DESC);
CREATE INDEX audit_by_actor ON audit (actor_id, at DESC);
CREATE INDEX audit_by_subject ON audit (subject_id, at DESC);
CREATE INDEX audit_by_action ON audit (action, at DESC);

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append only'); END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append only'); END;
-- INSERT OR REPLACE removes a row without the trigger above; and an outbox that writes an entry twice means it once.
CREATE TRIGGER audit_is_never_replaced BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN SELECT RAISE(IGNORE); END;
