import { isErrorCode } from "#platform/errors";
import type { ErrorParams } from "#platform/errors";
import type { Fault, Priority, TaskStatus } from "./core/state";

/** A task as the index knows it. The record is its shard's; shards are asked to write what is missing before the index is read. */
export interface TaskSummary {
  readonly id: string;
  readonly kind: string;
  readonly status: TaskStatus;
  readonly priority: Priority;
  readonly attempts: number;
  readonly createdAtMs: number;
  readonly startedAtMs: number | null;
  readonly completedAtMs: number | null;
  readonly notBeforeMs: number | null;
  readonly fault: Fault | null;
}

export interface TaskQuery {
  readonly ownerId: string;
  readonly kind: string | null;
  readonly status: TaskStatus | null;
  /** Only tasks accepted at this time or later, and before that one. */
  readonly fromMs: number | null;
  readonly untilMs: number | null;
  /** Only tasks older than this one; ids sort by creation. */
  readonly beforeId: string | null;
  readonly limit: number;
  readonly nowMs: number;
}

/** A row of D1's `tasks`. */
// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface has no index signature
type IndexRow = {
  id: string;
  kind: string;
  status: TaskStatus;
  priority: Priority;
  attempts: number;
  created_at: number;
  started_at: number | null;
  completed_at: number | null;
  not_before: number | null;
  error_code: string | null;
  error_params: string | null;
};

/** An owner's tasks, newest first. */
export async function queryTasks(db: D1Database, query: TaskQuery): Promise<TaskSummary[]> {
  const conditions = ["owner_id = ?", "(expires_at IS NULL OR expires_at > ?)"];
  const values: (string | number)[] = [query.ownerId, query.nowMs];
  const narrow = (condition: string, value: string | number | null): void => {
    if (value === null) return;
    conditions.push(condition);
    values.push(value);
  };
  narrow("status = ?", query.status);
  narrow("kind = ?", query.kind);
  narrow("created_at >= ?", query.fromMs);
  narrow("created_at < ?", query.untilMs);
  narrow("id < ?", query.beforeId);
  const { results } = await db
    .prepare(
      `SELECT id, kind, status, priority, attempts, created_at, started_at, completed_at, not_before, error_code, error_params
       FROM tasks WHERE ${conditions.join(" AND ")} ORDER BY id DESC LIMIT ?`,
    )
    .bind(...values, query.limit)
    .all<IndexRow>();
  return results.map((row) => ({
    id: row.id,
    kind: row.kind,
    status: row.status,
    priority: row.priority,
    attempts: row.attempts,
    createdAtMs: row.created_at,
    startedAtMs: row.started_at,
    completedAtMs: row.completed_at,
    notBeforeMs: row.not_before,
    fault: readFault(row.error_code, row.error_params),
  }));
}

/** How many of an owner's tasks are of a kind and in a state. */
export interface OwnCount {
  readonly kind: string;
  readonly status: TaskStatus;
  readonly count: number;
  /** Of the queued: those that wait for their time. */
  readonly scheduled: number;
  /** Of the queued that could run: since when the oldest could. */
  readonly oldestMs: number | null;
}

/** Counts an owner's tasks that are kept, by kind and state. */
export async function countTasks(
  db: D1Database,
  ownerId: string,
  nowMs: number,
): Promise<OwnCount[]> {
  const { results } = await db
    .prepare(
      `SELECT kind, status, COUNT(*) AS count, SUM(status = 'queued' AND COALESCE(not_before, 0) > ?2) AS scheduled,
         MIN(CASE WHEN status = 'queued' AND COALESCE(not_before, 0) <= ?2 THEN MAX(created_at, COALESCE(not_before, 0)) END) AS oldestMs
       FROM tasks WHERE owner_id = ?1 AND (expires_at IS NULL OR expires_at > ?2) GROUP BY kind, status`,
    )
    .bind(ownerId, nowMs)
    .all<OwnCount & Record<string, unknown>>();
  return results;
}

/** A code that a later version no longer knows still says that something failed. */
export function readFault(code: string | null, params: string | null): Fault | null {
  if (code === null) return null;
  if (!isErrorCode(code)) return { code: "INTERNAL", params: {} };
  return { code, params: params === null ? {} : (JSON.parse(params) as ErrorParams) };
}
