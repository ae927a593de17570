-- The secrets under which webhooks are signed. Sealed under ENCRYPTION_KEYS for their owner and id, since a signature needs the secret itself.
-- Times are milliseconds since the epoch.
CREATE TABLE webhook_secrets (
  id TEXT PRIMARY KEY,
  owner_id TEXT NOT NULL,
  sealed TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- Null for the one in force; for an older one, until when it signs beside its successor.
  expires_at INTEGER
) STRICT;
CREATE INDEX webhook_secrets_by_owner ON webhook_secrets (owner_id);
-- Two that are in force at once would leave it to chance which one the owner was shown.
CREATE UNIQUE INDEX webhook_secrets_in_force ON webhook_secrets (owner_id) WHERE expires_at IS NULL;
