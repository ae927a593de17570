-- What people and models said to each other, and what it cost. Times are milliseconds since the epoch; objects are JSON text.

CREATE TABLE conversations (
  id TEXT PRIMARY KEY,
  owner_id TEXT NOT NULL,
  title TEXT NOT NULL,
  mode TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  -- Raised by each change; a change names the version that it saw.
  version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX conversations_by_owner ON conversations (owner_id, updated_at DESC, id DESC);

-- An answer that is still being written has its row from the start, so that a question never stands without its outcome.
CREATE TABLE messages (
  id TEXT PRIMARY KEY,
  conversation_id TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('system', 'user', 'assistant', 'tool')),
  content TEXT NOT NULL,
  model TEXT,
  prompt_tokens INTEGER,
  completion_tokens INTEGER,
  status TEXT NOT NULL CHECK (status IN ('pending', 'complete', 'failed')),
  error_code TEXT,
  finish_reason TEXT,
  -- Of an answer: the message that it answers. Two questions that are asked at once stay apart by it.
  reply_to TEXT,
  -- Of an answer: what it stands under in the cache of answers, where it does.
  cache_key TEXT,
  is_cached INTEGER NOT NULL DEFAULT 0 CHECK (is_cached IN (0, 1)),
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX messages_by_conversation ON messages (conversation_id, id);
CREATE INDEX messages_by_owner ON messages (owner_id, id);

CREATE TABLE history (
  id TEXT PRIMARY KEY,
  owner_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  question TEXT NOT NULL,
  answer TEXT NOT NULL,
  language TEXT,
  model TEXT,
  is_cached INTEGER NOT NULL DEFAULT 0 CHECK (is_cached IN (0, 1)),
  -- What it was said in, such as a conversation, with which it goes.
  source_id TEXT,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX history_by_owner ON history (owner_id, id DESC);
CREATE INDEX history_by_source ON history (source_id) WHERE source_id IS NOT NULL;

CREATE TABLE feedback (
  id TEXT PRIMARY KEY,
  owner_id TEXT NOT NULL,
  type TEXT NOT NULL CHECK (type IN ('positive', 'negative')),
  comment TEXT NOT NULL,
  message_id TEXT,
  code_snippet TEXT,
  user_question TEXT,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX feedback_by_owner ON feedback (owner_id, id DESC);
CREATE INDEX feedback_by_message ON feedback (message_id) WHERE message_id IS NOT NULL;

CREATE TABLE profiles (
  owner_id TEXT PRIMARY KEY,
  profile TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE TABLE settings (
  owner_id TEXT PRIMARY KEY,
  settings TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 1
) STRICT;

-- What each answer of a model used. The id is its run's, so that a run which is written twice counts once.
CREATE TABLE usage (
  id TEXT PRIMARY KEY,
  owner_id TEXT NOT NULL,
  -- Null for a signed-in person.
  key_id TEXT,
  -- UTC, YYYY-MM-DD.
  day TEXT NOT NULL,
  kind TEXT NOT NULL,
  model TEXT NOT NULL,
  prompt_tokens INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL,
  -- Whether the tokens were counted here from the texts, since the provider did not tell.
  is_estimated INTEGER NOT NULL CHECK (is_estimated IN (0, 1)),
  -- Millionths of a dollar; null where the model has no price in the settings.
  cost_microusd INTEGER,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX usage_by_owner ON usage (owner_id, day);
CREATE INDEX usage_by_key ON usage (key_id, day) WHERE key_id IS NOT NULL;

-- Calls that were let in, by the owner's gate, which counts them in memory and writes its totals here: a repeated or late write is harmless.
CREATE TABLE request_counts (
  owner_id TEXT NOT NULL,
  -- Empty for a signed-in person.
  key_id TEXT NOT NULL,
  -- UTC, YYYY-MM-DD.
  day TEXT NOT NULL,
  requests INTEGER NOT NULL,
  PRIMARY KEY (owner_id, key_id, day)
) STRICT, WITHOUT ROWID;
