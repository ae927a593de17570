import type { Locale } from "#platform/locale";
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
  readonly limit: number;
}

/** A conversation's messages by their ids, which sort by time. */
export async function queryMessages(db: D1Database, query: MessageQuery): Promise<Message[]> {
  const [than, order] = query.isNewestFirst ? ["<", "DESC"] : [">", "ASC"];
  const { results } = await db
    .prepare(
      `SELECT ${MESSAGE} FROM messages WHERE conversation_id = ?1 AND owner_id = ?2 AND (?3 IS NULL OR id ${than} ?3)
       ORDER BY id ${order} LIMIT ?4`,
    )
    .bind(query.conversationId, query.ownerId, query.after, query.limit)
    .all<MessageRow>();
  return results.map(toMessage);
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

const THIS = "EXISTS (SELECT 1 FROM conversations WHERE id = ?1 AND owner_id = ?2";
const THIS_VERSION = `${THIS} AND (?3 IS NULL OR version = ?3))`;

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

export interface NewTurn {
  readonly ownerId: string;
  readonly conversation: Conversation;
  readonly isNew: boolean;
  readonly questionId: string;
  readonly answerId: string;
  readonly question: string;
  readonly locale: Locale;
  readonly nowMs: number;
}

/** Writes a question and the row that its answer will stand in, with their conversation. False where that was deleted meanwhile. */
export async function writeTurn(db: D1Database, turn: NewTurn): Promise<boolean> {
  const { ownerId, conversation, isNew, questionId, answerId, question, nowMs } = turn;
  const { id, title, mode } = conversation;
  const message = `INSERT INTO messages (id, conversation_id, owner_id, role, content, status, reply_to, created_at)
    SELECT ?3, ?1, ?2, ?4, ?5, ?6, ?7, ?8 WHERE ${THIS})`;
  const results = await db.batch([
    isNew
      ? insertConversation(db, ownerId, conversation)
      : db
          .prepare(
            `UPDATE conversations SET title = iif(title = '', ?3, title), mode = ?4, updated_at = ?5, version = version + 1
             WHERE id = ?1 AND owner_id = ?2`,
          )
          .bind(id, ownerId, title, mode, nowMs),
    db.prepare(message).bind(id, ownerId, questionId, "user", question, "complete", null, nowMs),
    db.prepare(message).bind(id, ownerId, answerId, "assistant", "", "pending", questionId, nowMs),
  ]);
  return (results.at(-1)?.meta.changes ?? 0) > 0;
}

/** Takes back a turn of which nothing was asked, and its conversation where it began with it. */
export async function dropTurn(
  db: D1Database,
  { ownerId, conversation, isNew, questionId, answerId }: NewTurn,
): Promise<void> {
  await db.batch([
    db
      .prepare("DELETE FROM messages WHERE id IN (?, ?) AND owner_id = ?")
      .bind(questionId, answerId, ownerId),
    db
      .prepare(
        `DELETE FROM conversations WHERE ?1 = 1 AND id = ?2 AND owner_id = ?3
         AND NOT EXISTS (SELECT 1 FROM messages WHERE conversation_id = ?2)`,
      )
      .bind(isNew ? 1 : 0, conversation.id, ownerId),
  ]);
}

export interface EndedAnswer {
  readonly ownerId: string;
  readonly conversationId: string;
  readonly messageId: string;
  readonly status: "complete" | "failed";
  readonly content: string;
  readonly errorCode: string | null;
  readonly model: string | null;
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  readonly finishReason: string | null;
  readonly cacheKey: string | null;
  readonly isCached: boolean;
  readonly nowMs: number;
}

/**
 * Writes how an answer ended into its row. Safe to run again, and an answer that is there is never taken away by a failure that is told
 * late. False where there is no such row any more: the conversation was deleted.
 */
export async function writeAnswer(db: D1Database, answer: EndedAnswer): Promise<boolean> {
  const { ownerId, conversationId, messageId, status, nowMs } = answer;
  const open = status === "complete" ? "status <> 'complete'" : "status = 'pending'";
  const results = await db.batch([
    db
      .prepare(
        `UPDATE conversations SET updated_at = ?3, version = version + 1 WHERE id = ?1 AND owner_id = ?2
         AND EXISTS (SELECT 1 FROM messages WHERE id = ?4 AND conversation_id = ?1 AND ${open})`,
      )
      .bind(conversationId, ownerId, nowMs, messageId),
    db
      .prepare(
        `UPDATE messages SET status = ?3, content = ?4, error_code = ?5, model = ?6, prompt_tokens = ?7, completion_tokens = ?8,
           finish_reason = ?9, cache_key = ?10, is_cached = ?11 WHERE id = ?1 AND owner_id = ?2 AND ${open}`,
      )
      .bind(
        messageId,
        ownerId,
        status,
        answer.content,
        answer.errorCode,
        answer.model,
        answer.promptTokens,
        answer.completionTokens,
        answer.finishReason,
        answer.cacheKey,
        answer.isCached ? 1 : 0,
      ),
    db.prepare("SELECT 1 FROM messages WHERE id = ? AND owner_id = ?").bind(messageId, ownerId),
  ]);
  return (results.at(-1)?.results.length ?? 0) > 0;
}
