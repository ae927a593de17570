export interface NewFeedback {
  readonly id: string;
  readonly ownerId: string;
  readonly type: "positive" | "negative";
  readonly comment: string;
  readonly messageId: string | null;
  readonly codeSnippet: string | null;
  readonly userQuestion: string | null;
  readonly createdAtMs: number;
}

/**
 * Keeps what somebody thinks of an answer. False, and nothing kept, where it is about a message that is not the owner's: looked up by the
 * statement itself, so that a message that is being deleted leaves no link behind.
 */
export async function insertFeedback(db: D1Database, feedback: NewFeedback): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `INSERT INTO feedback (id, owner_id, type, comment, message_id, code_snippet, user_question, created_at)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
       WHERE ?5 IS NULL OR EXISTS (SELECT 1 FROM messages WHERE id = ?5 AND owner_id = ?2)`,
    )
    .bind(
      feedback.id,
      feedback.ownerId,
      feedback.type,
      feedback.comment,
      feedback.messageId,
      feedback.codeSnippet,
      feedback.userQuestion,
      feedback.createdAtMs,
    )
    .run();
  return meta.changes > 0;
}

/**
 * What the answer that a message is about stands under in the cache: its own key, or, for a question, that of its answer. Null where there is
 * none.
 */
export async function cacheKeyOf(
  db: D1Database,
  ownerId: string,
  messageId: string,
): Promise<string | null> {
  const row = await db
    .prepare(
      "SELECT cache_key FROM messages WHERE (id = ?1 OR reply_to = ?1) AND owner_id = ?2 AND cache_key IS NOT NULL",
    )
    .bind(messageId, ownerId)
    .first<{ cache_key: string }>();
  return row?.cache_key ?? null;
}
