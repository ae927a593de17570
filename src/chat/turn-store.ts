import type { Locale } from "#platform/locale";
import { insertConversation } from "./store";
import type { Conversation } from "./store";

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
    SELECT ?3, ?1, ?2, ?4, ?5, ?6, ?7, ?8 WHERE EXISTS (SELECT 1 FROM conversations WHERE id = ?1 AND owner_id = ?2)`;
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
