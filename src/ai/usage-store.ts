import type { UsageRow } from "./core/usage";

/** Writes what a run used. A run that is written again counts once. Throws where D1 does not take it. */
export async function writeUsage(db: D1Database, row: UsageRow): Promise<void> {
  await db
    .prepare(
      `INSERT INTO usage (id, owner_id, key_id, day, kind, model, prompt_tokens, completion_tokens, is_estimated, cost_microusd, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
    )
    .bind(
      row.id,
      row.ownerId,
      row.keyId,
      new Date(row.createdAtMs).toISOString().slice(0, 10),
      row.kind,
      row.model,
      row.promptTokens,
      row.completionTokens,
      row.isEstimated ? 1 : 0,
      row.costMicrousd,
      row.createdAtMs,
    )
    .run();
}
