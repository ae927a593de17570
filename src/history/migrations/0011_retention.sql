-- What is kept no longer: by age, and because its person wants it gone. Times are milliseconds since the epoch.

-- People whose data is being erased. From here on nothing of theirs is written any more: a run, a shard or an outbox that is late with it finds the door
-- shut by the triggers below. The id, which by then stands nowhere else, goes when the longest of those has given up.
CREATE TABLE erasures (
  owner_id TEXT PRIMARY KEY,
  requested_at INTEGER NOT NULL,
  finished_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX erasures_finished ON erasures (finished_at) WHERE finished_at IS NOT NULL;

CREATE TRIGGER erased_api_keys BEFORE INSERT ON api_keys WHEN EXISTS (SELECT 1 FROM erasures WHERE owner_id = NEW.owner_id)
BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER erased_oauth_identities BEFORE INSERT ON oauth_identities WHEN EXISTS (SELECT 1 FROM erasures WHERE owner_id = NEW.user_id)
BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER erased_oauth_clients BEFORE INSERT ON oauth_clients WHEN EXISTS (SELECT 1 FROM erasures WHERE owner_id = NEW.owner_id)
BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER erased_reset_links BEFORE INSERT ON reset_links WHEN EXISTS (SELECT 1 FROM erasures WHERE owner_id = NEW.user_id)
BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER erased_tasks BEFORE INSERT ON tasks WHEN EXISTS (SELECT 1 FROM erasures WHERE owner_id = NEW.owner_id)
BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER erased_webhook_secrets BEFORE INSERT ON webhook_secrets WHEN EXISTS (SELECT 1 FROM erasures WHERE owner_id = NEW.owner_id)
BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER erased_scripts BEFORE INSERT ON scripts WHEN EXISTS (SELECT 1 FROM erasures WHERE owner_id = NEW.owner_id)
BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER erased_conversations BEFORE INSERT ON conversations WHEN EXISTS (SELECT 1 FROM erasures WHERE owner_id = NEW.owner_id)
BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER erased_messages BEFORE INSERT ON messages WHEN EXISTS (SELECT 1 FROM erasures WHERE owner_id = NEW.owner_id)
BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER erased_history BEFORE INSERT ON history WHEN EXISTS (SELECT 1 FROM erasures WHERE owner_id = NEW.owner_id)
BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER erased_feedback BEFORE INSERT ON feedback WHEN EXISTS (SELECT 1 FROM erasures WHERE owner_id = NEW.owner_id)
BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER erased_profiles BEFORE INSERT ON profiles WHEN EXISTS (SELECT 1 FROM erasures WHERE owner_id = NEW.owner_id)
BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER erased_settings BEFORE INSERT ON settings WHEN EXISTS (SELECT 1 FROM erasures WHERE owner_id = NEW.owner_id)
BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER erased_usage BEFORE INSERT ON usage WHEN EXISTS (SELECT 1 FROM erasures WHERE owner_id = NEW.owner_id)
BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER erased_request_counts BEFORE INSERT ON request_counts WHEN EXISTS (SELECT 1 FROM erasures WHERE owner_id = NEW.owner_id)
BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER erased_rooms BEFORE INSERT ON rooms WHEN EXISTS (SELECT 1 FROM erasures WHERE owner_id = NEW.owner_id)
BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER erased_room_members BEFORE INSERT ON room_members WHEN EXISTS (SELECT 1 FROM erasures WHERE owner_id = NEW.user_id)
BEGIN SELECT RAISE(IGNORE); END;

-- Up to when entries of the audit log may go; no row where all of them stay.
CREATE TABLE audit_expiry (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  before INTEGER NOT NULL
) STRICT;

-- The log stays append only but for two things: an entry that has had its time goes, and one of a person who is being erased stays and no longer says who it was.
DROP TRIGGER audit_is_never_changed;
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
WHEN NEW.id <> OLD.id OR NEW.at <> OLD.at OR NEW.action <> OLD.action
  OR (NEW.actor_id IS NOT OLD.actor_id AND NEW.actor_id NOT LIKE 'erased\_%' ESCAPE '\')
  OR (NEW.subject_id IS NOT OLD.subject_id AND NEW.subject_id NOT LIKE 'erased\_%' ESCAPE '\')
  OR (NEW.address IS NOT OLD.address AND NEW.address IS NOT NULL)
  OR NOT EXISTS (SELECT 1 FROM erasures WHERE finished_at IS NULL)
BEGIN SELECT RAISE(ABORT, 'the audit log is append only'); END;
DROP TRIGGER audit_is_never_deleted;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit WHEN OLD.at >= coalesce((SELECT before FROM audit_expiry), 0)
BEGIN SELECT RAISE(ABORT, 'the audit log is append only'); END;

-- What is deleted by age is found by these; the other tables are found by their ids, which begin with their time.
CREATE INDEX rooms_by_owner ON rooms (owner_id);
CREATE INDEX conversations_by_time ON conversations (updated_at);
CREATE INDEX request_counts_by_day ON request_counts (day);
CREATE INDEX api_keys_revoked ON api_keys (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX oauth_clients_revoked ON oauth_clients (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX webhook_secrets_by_expiry ON webhook_secrets (expires_at) WHERE expires_at IS NOT NULL;
