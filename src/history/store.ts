export interface HistoryItem {
  readonly id: string;
  readonly kind: string;
  readonly question: string;
  readonly answer: string;
  /** Of the code; null where none is meant. */
  readonly language: string | null;
  readonly model: string | null;
  readonly isCached: boolean;
  readonly createdAtMs: number;
}

export interface NewHistoryItem extends HistoryItem {
  readonly ownerId: string;
  /** The conversation that it belongs to; null for none. */
  readonly conversationId: string | null;
}

// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface has no index signature
type HistoryRow = {
  id: string;
  kind: string;
  question: string;
  answer: string;
  language: string | null;
  model: string | null;
  is_cached: number;
  created_at: number;
};

/**
 * Adds an item, once however often it is written. Not for an owner who keeps no history, and not for a conversation that was deleted while
 * its answer was on the way: both are looked up by the statement itself, so that nothing comes between.
 */
export async function insertHistory(db: D1Database, item: NewHistoryItem): Promise<void> {
  await db
    .prepare(
      `INSERT INTO history (id, owner_id, kind, question, answer, language, model, is_cached, source_id, created_at)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
       WHERE NOT EXISTS (SELECT 1 FROM settings WHERE owner_id = ?2 AND settings ->> 'save_history' = 0)
         AND (?9 IS NULL OR EXISTS (SELECT 1 FROM conversations WHERE id = ?9 AND owner_id = ?2))
       ON CONFLICT (id) DO NOTHING`,
    )
    .bind(
      item.id,
      item.ownerId,
      item.kind,
      item.question,
      item.answer,
      item.language,
      item.model,
      item.isCached ? 1 : 0,
      item.conversationId,
      item.createdAtMs,
    )
    .run();
}

/** Replaces the answer of an item that is there. */
export async function updateAnswer(
  db: D1Database,
  ownerId: string,
  id: string,
  answer: string,
): Promise<void> {
  await db
    .prepare("UPDATE history SET answer = ?3 WHERE id = ?1 AND owner_id = ?2")
    .bind(id, ownerId, answer)
    .run();
}

export interface HistoryQuery {
  readonly ownerId: string;
  /** Null for all. */
  readonly kind: string | null;
  /** Only items older than this one; ids sort by time. */
  readonly beforeId: string | null;
  readonly limit: number;
}

export interface HistoryPage {
  readonly items: readonly HistoryItem[];
  readonly hasMore: boolean;
}

/** A page of long answers is shorter, so that it fits into the memory of whoever makes it; it has one item at least. */
const MAX_PAGE_CHARS = 4_000_000;

/** An owner's history, newest first. */
export async function queryHistory(db: D1Database, query: HistoryQuery): Promise<HistoryPage> {
  const { results } = await db
    .prepare(
      `SELECT * FROM (
         SELECT *, count(*) OVER () AS found,
           coalesce(sum(length(question) + length(answer)) OVER (ORDER BY id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
         FROM (
           SELECT id, kind, question, answer, language, model, is_cached, created_at FROM history
           WHERE owner_id = ?1 AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR id < ?3) ORDER BY id DESC LIMIT ?4 + 1
         )
       ) WHERE before < ?5 ORDER BY id DESC LIMIT ?4`,
    )
    .bind(query.ownerId, query.kind, query.beforeId, query.limit, MAX_PAGE_CHARS)
    .all<HistoryRow & { found: number }>();
  const hasMore = (results[0]?.found ?? 0) > results.length;
  const items = results.map((row) => ({
    id: row.id,
    kind: row.kind,
    question: row.question,
    answer: row.answer,
    language: row.language,
    model: row.model,
    isCached: row.is_cached === 1,
    createdAtMs: row.created_at,
  }));
  return { items, hasMore };
}

/** Removes one item. False where the owner has none of this id. */
export async function deleteHistoryItem(
  db: D1Database,
  ownerId: string,
  id: string,
): Promise<boolean> {
  const { meta } = await db
    .prepare("DELETE FROM history WHERE id = ? AND owner_id = ?")
    .bind(id, ownerId)
    .run();
  return meta.changes > 0;
}

/** Removes all that an owner has. */
export async function deleteHistory(db: D1Database, ownerId: string): Promise<void> {
  await db.prepare("DELETE FROM history WHERE owner_id = ?").bind(ownerId).run();
}
