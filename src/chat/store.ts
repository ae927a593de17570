import type { KeptMessage } from "./core/window";

export interface Conversation {
  readonly id: string;
  readonly title: string;
  readonly mode: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** Raised by each change, messages included. */
  readonly version: number;
}

export interface Message extends KeptMessage {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly status: "pending" | "complete" | "failed";
  readonly errorCode: string | null;
  readonly model: string | null;
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  readonly finishReason: string | null;
  readonly isCached: boolean;
  readonly createdAtMs: number;
}

// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface has no index signature
type ConversationRow = {
  id: string;
  title: string;
  mode: string;
  created_at: number;
  updated_at: number;
  version: number;
};

// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface has no index signature
type MessageRow = {
  id: string;
  role: Message["role"];
  content: string;
  model: string | null;
  prompt_tokens: number | null;
  completion_tokens: number | null;
  status: Message["status"];
  error_code: string | null;
  finish_reason: string | null;
  reply_to: string | null;
  is_cached: number;
  created_at: number;
};

const CONVERSATION = "id, title, mode, created_at, updated_at, version";
const MESSAGE =
  "id, role, content, model, prompt_tokens, completion_tokens, status, error_code, finish_reason, reply_to, is_cached, created_at";

const toConversation = (row: ConversationRow): Conversation => ({
  id: row.id,
  title: row.title,
  mode: row.mode,
  createdAtMs: row.created_at,
  updatedAtMs: row.updated_at,
  version: row.version,
});

const toMessage = (row: MessageRow): Message => ({
  id: row.id,
  role: row.role,
  content: row.content,
  status: row.status,
  errorCode: row.error_code,
  model: row.model,
  promptTokens: row.prompt_tokens,
  completionTokens: row.completion_tokens,
  finishReason: row.finish_reason,
  replyTo: row.reply_to,
  isCached: row.is_cached === 1,
  createdAtMs: row.created_at,
});

/** A statement that makes a conversation. */
export const insertConversation = (
  db: D1Database,
  ownerId: string,
  { id, title, mode, createdAtMs, updatedAtMs, version }: Conversation,
): D1PreparedStatement =>
  db
    .prepare(
      "INSERT INTO conversations (id, owner_id, title, mode, created_at, updated_at, version) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(id, ownerId, title, mode, createdAtMs, updatedAtMs, version);

/** Null for another owner's, as for none. */
export async function findConversation(
  db: D1Database,
  ownerId: string,
  id: string,
): Promise<Conversation | null> {
  const row = await db
    .prepare(`SELECT ${CONVERSATION} FROM conversations WHERE id = ? AND owner_id = ?`)
    .bind(id, ownerId)
    .first<ConversationRow>();
  return row && toConversation(row);
}

/** Where a list of conversations goes on: behind this one. */
export interface ConversationPosition {
  readonly updatedAtMs: number;
  readonly id: string;
}

/** An owner's conversations, the one that changed last first. */
export async function queryConversations(
  db: D1Database,
  ownerId: string,
  before: ConversationPosition | null,
  limit: number,
): Promise<Conversation[]> {
  const { results } = await db
    .prepare(
      `SELECT ${CONVERSATION} FROM conversations WHERE owner_id = ?1 AND (?2 IS NULL OR (updated_at, id) < (?2, ?3))
       ORDER BY updated_at DESC, id DESC LIMIT ?4`,
    )
    .bind(ownerId, before?.updatedAtMs ?? null, before?.id ?? "", limit)
    .all<ConversationRow>();
  return results.map(toConversation);
}

export interface MessageQuery {
  readonly ownerId: string;
  readonly conversationId: string;
  /** Only what comes behind this message in the order of the list. */
  readonly after: string | null;
  readonly isNewestFirst: boolean;
  /** Only whole ones, not what failed or is being written. */
  readonly isComplete: boolean;
  readonly limit: number;
  /** Nothing comes behind so many characters; one message always does. */
  readonly maxChars: number;
}

export interface MessagePage {
  readonly messages: readonly Message[];
  readonly hasMore: boolean;
}

/** A conversation's messages by their ids, which sort by time. */
export async function queryMessages(db: D1Database, query: MessageQuery): Promise<MessagePage> {
  const [than, order] = query.isNewestFirst ? ["<", "DESC"] : [">", "ASC"];
  const { results } = await db
    .prepare(
      `SELECT * FROM (
         SELECT *, count(*) OVER () AS found,
           coalesce(sum(length(content)) OVER (ORDER BY id ${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
         FROM (
           SELECT ${MESSAGE} FROM messages WHERE conversation_id = ?1 AND owner_id = ?2 AND (?3 IS NULL OR id ${than} ?3)
             AND (?4 = 0 OR status = 'complete') ORDER BY id ${order} LIMIT ?5 + 1
         )
       ) WHERE before < ?6 ORDER BY id ${order} LIMIT ?5`,
    )
    .bind(
      query.conversationId,
      query.ownerId,
      query.after,
      query.isComplete ? 1 : 0,
      query.limit,
      query.maxChars,
    )
    .all<MessageRow & { found: number }>();
  return {
    messages: results.map(toMessage),
    hasMore: (results[0]?.found ?? 0) > results.length,
  };
}

/** Whether a message is there and the owner's. */
export async function hasMessage(db: D1Database, ownerId: string, id: string): Promise<boolean> {
  const found = await db
    .prepare("SELECT 1 FROM messages WHERE id = ? AND owner_id = ?")
    .bind(id, ownerId)
    .first();
  return found !== null;
}

/** What the answers of a conversation stand under in the cache. */
export async function cacheKeysOf(
  db: D1Database,
  ownerId: string,
  conversationId: string,
  limit: number,
): Promise<string[]> {
  const { results } = await db
    .prepare(
      `SELECT DISTINCT cache_key FROM messages WHERE conversation_id = ? AND owner_id = ? AND cache_key IS NOT NULL LIMIT ?`,
    )
    .bind(conversationId, ownerId, limit)
    .all<{ cache_key: string }>();
  return results.map((row) => row.cache_key);
}

export interface ConversationChange {
  readonly title: string | null;
  readonly mode: string | null;
  /** The version that was seen; null where any may be changed. */
  readonly ifVersion: number | null;
}

/** Changes a conversation; null where it is not there (any more) in that version. */
export async function changeConversation(
  db: D1Database,
  ownerId: string,
  id: string,
  { title, mode, ifVersion }: ConversationChange,
  nowMs: number,
): Promise<Conversation | null> {
  const row = await db
    .prepare(
      `UPDATE conversations SET title = coalesce(?3, title), mode = coalesce(?4, mode), updated_at = ?5, version = version + 1
       WHERE id = ?1 AND owner_id = ?2 AND (?6 IS NULL OR version = ?6) RETURNING ${CONVERSATION}`,
    )
    .bind(id, ownerId, title, mode, nowMs, ifVersion)
    .first<ConversationRow>();
  return row && toConversation(row);
}

const THIS_VERSION =
  "EXISTS (SELECT 1 FROM conversations WHERE id = ?1 AND owner_id = ?2 AND (?3 IS NULL OR version = ?3))";

/**
 * Removes a conversation with all that was said in it, in one transaction: its messages, its entries in the history, and from feedback
 * what it quotes. False where it is not there in that version.
 */
export async function deleteConversation(
  db: D1Database,
  ownerId: string,
  id: string,
  ifVersion: number | null,
): Promise<boolean> {
  const bound = (sql: string): D1PreparedStatement => db.prepare(sql).bind(id, ownerId, ifVersion);
  const results = await db.batch([
    bound(
      `UPDATE feedback SET message_id = NULL, code_snippet = NULL, user_question = NULL
       WHERE owner_id = ?2 AND message_id IN (SELECT id FROM messages WHERE conversation_id = ?1) AND ${THIS_VERSION}`,
    ),
    bound(`DELETE FROM history WHERE source_id = ?1 AND owner_id = ?2 AND ${THIS_VERSION}`),
    bound(`DELETE FROM messages WHERE conversation_id = ?1 AND owner_id = ?2 AND ${THIS_VERSION}`),
    bound(
      "DELETE FROM conversations WHERE id = ?1 AND owner_id = ?2 AND (?3 IS NULL OR version = ?3)",
    ),
  ]);
  return (results.at(-1)?.meta.changes ?? 0) > 0;
}
