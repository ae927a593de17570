import { readFault } from "./store";
import type { Fault } from "./core/state";

/** A dead letter as the index knows it. */
export interface DeadLetterSummary {
  readonly id: string;
  readonly ownerId: string;
  readonly kind: string;
  readonly attempts: number;
  readonly createdAtMs: number;
  readonly failedAtMs: number;
  readonly fault: Fault | null;
}

/** Which dead letters are meant; null where it does not matter. Times are of the failure, in milliseconds since the epoch. */
export interface DeadLetterFilter {
  readonly kind: string | null;
  readonly ownerId: string | null;
  readonly code: string | null;
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

export interface DeadLetterQuery extends DeadLetterFilter {
  /** Where the page before ended. */
  readonly before: { readonly atMs: number; readonly id: string } | null;
  readonly limit: number;
  readonly nowMs: number;
}

/** A row of D1's `tasks`. */
// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface has no index signature
type DeadRow = {
  id: string;
  owner_id: string;
  kind: string;
  attempts: number;
  created_at: number;
  completed_at: number;
  error_code: string | null;
  error_params: string | null;
};

/** How many dead letters are kept. */
export async function countDeadLetters(db: D1Database, nowMs: number): Promise<number> {
  const found = await db
    .prepare("SELECT COUNT(*) AS n FROM tasks WHERE is_dead = 1 AND expires_at > ?")
    .bind(nowMs)
    .first<{ n: number }>();
  return found?.n ?? 0;
}

/** Dead letters, those that died last first. */
export async function queryDeadLetters(
  db: D1Database,
  query: DeadLetterQuery,
): Promise<DeadLetterSummary[]> {
  const conditions = ["is_dead = 1", "expires_at > ?"];
  const values: (string | number)[] = [query.nowMs];
  const narrow = (condition: string, ...bound: readonly (string | number | null)[]): void => {
    const given = bound.filter((value) => value !== null);
    if (given.length < bound.length) return;
    conditions.push(condition);
    values.push(...given);
  };
  narrow("kind = ?", query.kind);
  narrow("owner_id = ?", query.ownerId);
  narrow("error_code = ?", query.code);
  narrow("completed_at >= ?", query.fromMs);
  narrow("completed_at < ?", query.toMs);
  const { before } = query;
  narrow("(completed_at, id) < (?, ?)", before?.atMs ?? null, before?.id ?? null);
  const { results } = await db
    .prepare(
      `SELECT id, owner_id, kind, attempts, created_at, completed_at, error_code, error_params
       FROM tasks WHERE ${conditions.join(" AND ")} ORDER BY completed_at DESC, id DESC LIMIT ?`,
    )
    .bind(...values, query.limit)
    .all<DeadRow>();
  return results.map((row) => ({
    id: row.id,
    ownerId: row.owner_id,
    kind: row.kind,
    attempts: row.attempts,
    createdAtMs: row.created_at,
    failedAtMs: row.completed_at,
    fault: readFault(row.error_code, row.error_params),
  }));
}
