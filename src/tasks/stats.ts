import { systemClock } from "#platform/clock";
import { isTerminal, LANES, TASK_STATUSES } from "./core/state";
import type { Lane, TaskStatus } from "./core/state";
import { callAllShards, settleIndexes } from "./shard-client";
import type { TaskEnv } from "./shard-client";
import { countTasks } from "./store";

type Counts = Record<TaskStatus, number>;

/** Exact numbers of this moment, summed over the shards; they survive restarts. */
export interface TaskStats extends Readonly<Counts> {
  /** Of the queued: those that wait for their time, or for that of their next attempt. */
  readonly scheduled: number;
  /** Since when the longest waiting task could run; null where none waits for a worker. */
  readonly oldest_queued_at_ms: number | null;
  /** Distinct consumers that claimed or gave a sign of life in the last 30 s. */
  readonly active_workers: number;
  /** When a worker last claimed anything, or null if none ever has. */
  readonly last_claim_at_ms: number | null;
  /** The same counts by kind. */
  readonly by_kind: Readonly<Record<string, Readonly<KindCounts>>>;
  /** Of the queued: those that wait for a worker, by lane. */
  readonly ready_by_lane: Readonly<Record<Lane, number>>;
  /** How many tasks ever ended, by kind and state. Unlike the counts, these take nothing back where a failed task is replayed. */
  readonly ended: readonly EndedCount[];
}

export interface EndedCount {
  readonly kind: string;
  readonly status: TaskStatus;
  readonly count: number;
}

interface KindCounts extends Counts {
  scheduled: number;
}

/** All tasks of the deployment. `alsoActive` are workers that are known to live though they hold no task. */
export async function taskStats(
  env: TaskEnv,
  alsoActive: readonly string[] = [],
): Promise<TaskStats> {
  const shards = await callAllShards(env, (stub) => stub.stats());
  const total = noCounts();
  const byKind: Record<string, KindCounts> = {};
  const byLane = Object.fromEntries(LANES.map((lane) => [lane, 0])) as Record<Lane, number>;
  const replayed = new Map<string, number>();
  const consumers = new Set<string>(alsoActive);
  let lastClaimAtMs: number | null = null;
  let oldestMs = Infinity;
  for (const shard of shards) {
    for (const { kind, status, count } of shard.counts) {
      const counts = (byKind[kind] ??= noCounts());
      counts[status] += count;
      total[status] += count;
    }
    for (const waiting of shard.waiting) {
      (byKind[waiting.kind] ??= noCounts()).scheduled += waiting.scheduled;
      total.scheduled += waiting.scheduled;
      byLane[waiting.lane] += waiting.queued - waiting.scheduled;
      oldestMs = Math.min(oldestMs, waiting.oldestMs ?? Infinity);
    }
    for (const { kind, count } of shard.replayed)
      replayed.set(kind, (replayed.get(kind) ?? 0) + count);
    for (const id of shard.activeConsumers) consumers.add(id);
    if (shard.lastClaimAtMs !== null)
      lastClaimAtMs = Math.max(lastClaimAtMs ?? 0, shard.lastClaimAtMs);
  }
  return {
    ...total,
    oldest_queued_at_ms: oldestMs === Infinity ? null : oldestMs,
    active_workers: consumers.size,
    last_claim_at_ms: lastClaimAtMs,
    by_kind: byKind,
    ready_by_lane: byLane,
    ended: Object.entries(byKind).flatMap(([kind, counts]) =>
      TASK_STATUSES.filter(isTerminal).map((status) => ({
        kind,
        status,
        count: counts[status] + (status === "failed" ? (replayed.get(kind) ?? 0) : 0),
      })),
    ),
  };
}

/** The numbers of one owner's tasks, of those that are kept. They include all that was accepted or changed before the call. */
export async function ownStats(
  env: TaskEnv & Pick<Env, "DB">,
  ownerId: string,
): Promise<Omit<TaskStats, "active_workers" | "last_claim_at_ms" | "ready_by_lane" | "ended">> {
  await settleIndexes(env);
  const total = noCounts();
  const byKind: Record<string, KindCounts> = {};
  let oldestMs = Infinity;
  for (const entry of await countTasks(env.DB, ownerId, systemClock())) {
    const counts = (byKind[entry.kind] ??= noCounts());
    for (const sum of [counts, total]) {
      sum[entry.status] += entry.count;
      sum.scheduled += entry.scheduled;
    }
    oldestMs = Math.min(oldestMs, entry.oldestMs ?? Infinity);
  }
  return {
    ...total,
    oldest_queued_at_ms: oldestMs === Infinity ? null : oldestMs,
    by_kind: byKind,
  };
}

const noCounts = (): KindCounts => ({
  ...(Object.fromEntries(TASK_STATUSES.map((status) => [status, 0])) as Counts),
  scheduled: 0,
});
