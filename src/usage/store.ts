import type { CountRow, SpentRow, TaskRow } from "./core/summary";

export interface UsageQuery {
  readonly ownerId: string;
  /** UTC days, YYYY-MM-DD, both inclusive. */
  readonly from: string;
  readonly to: string;
}

export interface UsageRows {
  readonly spent: readonly SpentRow[];
  readonly counts: readonly CountRow[];
  readonly tasks: readonly TaskRow[];
  /** Key id → name, of the keys that the owner has or had. */
  readonly keyNames: ReadonlyMap<string, string>;
}

/** What is written of an owner's use between two days, read in one transaction. */
export async function readUsage(
  db: D1Database,
  { ownerId, from, to }: UsageQuery,
): Promise<UsageRows> {
  const between = (sql: string): D1PreparedStatement => db.prepare(sql).bind(ownerId, from, to);
  const [spent, counts, tasks, keys] = await db.batch<Record<string, string | number | null>>([
    between(
      `SELECT day, coalesce(key_id, '') AS key_id, count(*) AS answers, sum(prompt_tokens) AS prompt, sum(completion_tokens) AS completion,
         coalesce(sum(cost_microusd), 0) AS cost, count(*) - count(cost_microusd) AS unpriced
       FROM usage WHERE owner_id = ?1 AND day BETWEEN ?2 AND ?3 GROUP BY day, coalesce(key_id, '')`,
    ),
    between(
      "SELECT day, key_id, requests FROM request_counts WHERE owner_id = ?1 AND day BETWEEN ?2 AND ?3",
    ),
    between(
      `SELECT date(created_at / 1000, 'unixepoch') AS day, count(*) AS tasks FROM tasks
       WHERE owner_id = ?1 AND date(created_at / 1000, 'unixepoch') BETWEEN ?2 AND ?3 GROUP BY 1`,
    ),
    db.prepare("SELECT id, name FROM api_keys WHERE owner_id = ?").bind(ownerId),
  ]);
  return {
    spent: (spent?.results ?? []).map((row) => ({
      day: String(row["day"]),
      keyId: String(row["key_id"]),
      answers: Number(row["answers"]),
      promptTokens: Number(row["prompt"]),
      completionTokens: Number(row["completion"]),
      costMicrousd: Number(row["cost"]),
      unpriced: Number(row["unpriced"]),
    })),
    counts: (counts?.results ?? []).map((row) => ({
      day: String(row["day"]),
      keyId: String(row["key_id"]),
      requests: Number(row["requests"]),
    })),
    tasks: (tasks?.results ?? []).map((row) => ({
      day: String(row["day"]),
      tasks: Number(row["tasks"]),
    })),
    keyNames: new Map((keys?.results ?? []).map((row) => [String(row["id"]), String(row["name"])])),
  };
}
