import type { Lane } from "./core/state";
import type { Count } from "./storage-counters";

/** What a shard counts, exact at every moment: the counters move in the transaction of the state. */
export interface ShardStats {
  /** Tasks by kind and status. Terminal ones count everything that ever ended; the others what stands at this moment. */
  readonly counts: readonly Count[];
  /** Failed tasks that were replayed, by kind: what ever failed is those and the failed. */
  readonly replayed: readonly Omit<Count, "status">[];
  readonly activeConsumers: readonly string[];
  readonly lastClaimAtMs: number | null;
  /** What is queued, by kind. */
  readonly waiting: readonly Waiting[];
}

/** The queued tasks of one kind and lane. A type alias, since `exec` wants an index signature. */
// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface has no index signature
export type Waiting = {
  kind: string;
  lane: Lane;
  queued: number;
  /** They wait for their time, or for that of their next attempt. */
  scheduled: number;
  /** Since when the oldest could run of those that could; null where none could. */
  oldestMs: number | null;
};

/** What is queued at this moment. */
export const readWaiting = (sql: SqlStorage, nowMs: number): Waiting[] =>
  sql
    .exec<Waiting>(
      `SELECT kind, lane, COUNT(*) AS queued, SUM(not_before > ?1) AS scheduled, MIN(CASE WHEN not_before <= ?1 THEN MAX(created_at, not_before) END) AS oldestMs
       FROM tasks INDEXED BY tasks_live WHERE completed_at IS NULL AND status = 'queued' GROUP BY kind, lane`,
      nowMs,
    )
    .toArray();
