/** What workers outside the deployment do with tasks, by the same calls to the shards as our own consumers. */
import type { ClaimVerdict, SettleVerdict } from "./core/desk";
import type { HeartbeatVerdict } from "./core/lifecycle";
import type { Assignment, Renewal, RunReport } from "./core/run-task";
import { callShard, shardOf } from "./shard-client";
import type { TaskEnv } from "./shard-client";

export interface WorkerClaim {
  readonly workerId: string;
  /** How long each task stays the worker's without a heartbeat, in milliseconds. */
  readonly leaseMs: number;
  /** Unique to this call: the same task claimed once more by the same call is a repetition. */
  readonly claimId: string;
}

/**
 * Claims tasks for a worker, each at its shard. Gives those that it got, in the order asked for, and the ids of those that did not fit into the answer. What has ended, is
 * another's or is not due is left out.
 */
export async function claimForWorker(
  env: TaskEnv,
  taskIds: readonly string[],
  { workerId, leaseMs, claimId: messageId }: WorkerClaim,
): Promise<{ readonly assignments: readonly Assignment[]; readonly left: readonly string[] }> {
  const assignments: Assignment[] = [];
  const left: string[] = [];
  await eachShard(
    env,
    taskIds,
    (id) => id,
    async (shard, ids) => {
      // A repeated call takes over what its first try got and could not tell.
      let delivery = 0;
      const verdicts: ClaimVerdict[] = await callShard(env, shard, (stub) => {
        delivery += 1;
        const claims = ids.map((taskId) => ({ taskId, messageId, delivery, leaseMs }));
        return stub.claimMany(claims, workerId);
      });
      verdicts.forEach((verdict, index) => {
        if (verdict.verdict === "run") assignments.push(verdict.assignment);
        if (verdict.verdict === "later") left.push(ids[index] ?? "");
      });
    },
  );
  const place = new Map(taskIds.map((id, index) => [id, index]));
  assignments.sort((a, b) => (place.get(a.taskId) ?? 0) - (place.get(b.taskId) ?? 0));
  return { assignments, left };
}

/** Renews leases; the answers in the order of the questions. */
export async function renewForWorker(
  env: TaskEnv,
  renewals: readonly Renewal[],
): Promise<HeartbeatVerdict[]> {
  const verdicts = new Map<Renewal, HeartbeatVerdict>();
  await eachShard(
    env,
    renewals,
    ({ taskId }) => taskId,
    async (shard, own) => {
      const answers = await callShard(env, shard, (stub) => stub.heartbeat(own));
      own.forEach((renewal, index) => verdicts.set(renewal, answers[index] ?? "lost"));
    },
  );
  return renewals.map((renewal) => verdicts.get(renewal) ?? "lost");
}

/** Tells a shard what became of a run. */
export async function settleForWorker(env: TaskEnv, report: RunReport): Promise<SettleVerdict> {
  const [verdict] = await callShard(env, shardOf(env, report.taskId), (stub) =>
    stub.completeMany([report]),
  );
  return verdict ?? "unknown";
}

/** The items by the shard that their task is in, all shards side by side. */
async function eachShard<T>(
  env: TaskEnv,
  items: readonly T[],
  taskIdOf: (item: T) => string,
  call: (shard: number, items: readonly T[]) => Promise<void>,
): Promise<void> {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const shard = shardOf(env, taskIdOf(item));
    groups.set(shard, [...(groups.get(shard) ?? []), item]);
  }
  await Promise.all([...groups].map(([shard, own]) => call(shard, own)));
}
