/** What is deleted by age, table by table. Each statement finds its rows by an index and takes at most `limit` of them. */
import { numberToBase32 } from "#platform/bytes";
import { TIME_LENGTH } from "#platform/ids";
import type { RetentionSetting } from "#platform/retention-settings";

export interface RetentionRule {
  /** What is counted in the log: the table. */
  readonly table: string;
  /** By which setting it goes; null for what has an end of its own, at which it goes. */
  readonly setting: RetentionSetting | null;
  /** For how long it stays after that end, where it has one. */
  readonly keptMs: number;
  /** With `?1` the time before which it goes, as `bound` gives it, and `?2` the most rows. */
  readonly sql: string;
  readonly bound: (beforeMs: number) => string | number;
}

/** Ids begin with their time: the first id that could have been made at that moment. */
const idFrom =
  (prefix: string) =>
  (ms: number): string =>
    `${prefix}_${numberToBase32(Math.max(0, ms), TIME_LENGTH)}`;
const asTime = (ms: number): number => ms;
const asDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const byId = (table: string, prefix: string, setting: RetentionSetting): RetentionRule => ({
  table,
  setting,
  keptMs: 0,
  sql: `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE id < ?1 ORDER BY id LIMIT ?2)`,
  bound: idFrom(prefix),
});

const byTime = (
  table: string,
  key: string,
  column: string,
  setting: RetentionSetting | null,
  keptMs = 0,
): RetentionRule => ({
  table,
  setting,
  keptMs,
  sql: `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE ${column} <= ?1 AND ${column} IS NOT NULL ORDER BY ${column} LIMIT ?2)`,
  bound: asTime,
});

/** Whoever is still late with what they have of an erased person has given up by then: a run's outbox after a week. */
const ERASED_KEPT_MS = 8 * 86_400_000;

export const RETENTION_RULES: readonly RetentionRule[] = [
  // The messages of a conversation go first, and with the last of them the conversation, by the rule after it.
  {
    table: "messages",
    setting: "RETENTION_CONVERSATIONS",
    keptMs: 0,
    sql: `DELETE FROM messages WHERE id IN (
        SELECT messages.id FROM conversations JOIN messages ON messages.conversation_id = conversations.id
        WHERE conversations.updated_at < ?1 LIMIT ?2)`,
    bound: asTime,
  },
  {
    table: "conversations",
    setting: "RETENTION_CONVERSATIONS",
    keptMs: 0,
    sql: `DELETE FROM conversations WHERE id IN (
        SELECT id FROM conversations WHERE updated_at < ?1
          AND NOT EXISTS (SELECT 1 FROM messages WHERE conversation_id = conversations.id) ORDER BY updated_at LIMIT ?2)`,
    bound: asTime,
  },
  byId("history", "hist", "RETENTION_HISTORY"),
  byId("feedback", "fb", "RETENTION_FEEDBACK"),
  byId("usage", "run", "RETENTION_USAGE"),
  {
    table: "request_counts",
    setting: "RETENTION_USAGE",
    keptMs: 0,
    sql: `DELETE FROM request_counts WHERE (owner_id, key_id, day) IN (
        SELECT owner_id, key_id, day FROM request_counts WHERE day < ?1 ORDER BY day LIMIT ?2)`,
    bound: asDay,
  },
  byTime("api_keys", "id", "revoked_at", "RETENTION_KEYS"),
  byTime("oauth_clients", "id", "revoked_at", "RETENTION_KEYS"),
  {
    table: "audit",
    setting: "RETENTION_AUDIT",
    keptMs: 0,
    sql: "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ?1 ORDER BY at LIMIT ?2)",
    bound: asTime,
  },
  // What has an end of its own. Shards take their part out of the index with each write, and an idle deployment writes none.
  byTime("tasks", "id", "expires_at", null),
  byTime("reset_links", "token_hash", "expires_at", null),
  byTime("used_signins", "state_hash", "expires_at", null),
  byTime("webhook_secrets", "id", "expires_at", null),
  byTime("erasures", "owner_id", "finished_at", null, ERASED_KEPT_MS),
];

/** Opens the audit log's lock for what is older, or shuts it where 0 is given. */
export const allowAuditExpiry = (db: D1Database, beforeMs: number): D1PreparedStatement =>
  db
    .prepare(
      "INSERT INTO audit_expiry (id, before) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET before = excluded.before",
    )
    .bind(beforeMs);
