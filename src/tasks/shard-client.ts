import { ApiError } from "#platform/errors";
import { readConfig } from "#platform/config";
import type { DeliveryRow } from "./core/delivery";
import type { CancelVerdict, ClaimVerdict, SettleVerdict, SubmitVerdict } from "./core/desk";
import type { DeadLetter, ReplayVerdict } from "./core/dead-letters";
import type { EventPage, TaskEvent } from "./core/events";
import type { Claim, HeartbeatVerdict, NewTask } from "./core/lifecycle";
import type { Renewal, RunReport } from "./core/run-task";
import type { TaskView } from "./core/state";
import { shardName, shardOfTask } from "./core/task-id";
import { callRetryMs, classifyCallFailure, MAX_CALL_TRIES } from "./core/wait";
import { startTimer } from "#platform/timer";
import type { ShardStats } from "./storage";

export type TaskEnv = Pick<Env, "TASK_SHARD">;

/** A task with all that its record holds but a large result, which has a route of its own. */
export interface OwnedTask {
  readonly task: TaskView;
  readonly inputJson: string;
  readonly callbackUrl: string | null;
  readonly events: readonly TaskEvent[];
}

/** What callers ask of a shard; written out because the generated type of a stub distributes over unions. */
export interface ShardStub {
  readonly submit: (task: NewTask, waitMs: number) => Promise<SubmitVerdict>;
  readonly submitMany: (tasks: readonly NewTask[]) => Promise<SubmitVerdict[]>;
  readonly wait: (id: string, ownerId: string, waitMs: number) => Promise<TaskView | null>;
  readonly get: (id: string, ownerId: string) => Promise<TaskView | null>;
  readonly readResult: (id: string, ownerId: string, seq: number) => Promise<ArrayBuffer | null>;
  readonly follow: (
    id: string,
    ownerId: string,
    afterSeq: number,
    waitMs: number,
  ) => Promise<EventPage | null>;
  readonly cancel: (id: string, ownerId: string) => Promise<CancelVerdict | null>;
  readonly claimMany: (claims: readonly Claim[], consumerId: string) => Promise<ClaimVerdict[]>;
  readonly heartbeat: (renewals: readonly Renewal[]) => Promise<HeartbeatVerdict[]>;
  readonly completeMany: (reports: readonly RunReport[]) => Promise<SettleVerdict[]>;
  readonly listDeliveries: (
    id: string,
    ownerId: string,
  ) => Promise<Omit<DeliveryRow, "body">[] | null>;
  readonly deadLetter: (id: string) => Promise<DeadLetter | null>;
  readonly replay: (ids: readonly string[]) => Promise<ReplayVerdict[]>;
  readonly bury: (ids: readonly string[]) => Promise<boolean[]>;
  readonly watch: (id: string, ownerId: string, restart: boolean) => Promise<boolean>;
  readonly watchOwner: (ownerId: string, untilMs: number) => Promise<void>;
  readonly stats: () => Promise<ShardStats>;
  readonly readOwned: (ownerId: string, after: string) => Promise<OwnedTask[]>;
  readonly readDeliveries: (ownerId: string, after: string) => Promise<DeliveryRow[]>;
  readonly eraseOwned: (ownerId: string) => Promise<boolean>;
  readonly settleIndex: () => Promise<boolean>;
  readonly ping: () => Promise<true>;
}

/** The number of the shard that an id leads to. Refuses with TASK_NOT_FOUND what is no id of ours, before any object is reached. */
export function shardOf(env: TaskEnv, taskId: string): number {
  const shard = shardOfTask(taskId, readConfig(env).taskShards);
  if (shard === null) throw new ApiError("TASK_NOT_FOUND");
  return shard;
}

/**
 * Calls a shard. An object that moved or was reset (each deploy resets all of them) is asked again through a fresh stub: what shards are asked can be
 * asked twice. An overloaded one is not: that would add to its load.
 */
export async function callShard<T>(
  env: TaskEnv,
  shard: number,
  call: (stub: ShardStub) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      // Compared member by member with what is generated, the types of so many calls are deeper than the compiler goes.
      const stub: unknown = env.TASK_SHARD.getByName(shardName(shard));
      return await call(stub as ShardStub);
    } catch (error) {
      const failure = classifyCallFailure(error);
      if (failure === "fatal") throw error;
      if (failure === "overloaded" || tries >= MAX_CALL_TRIES)
        throw new ApiError("DEPENDENCY_UNAVAILABLE", {
          cause: error,
          headers: { "Retry-After": "5" },
        });
      await pause(callRetryMs(tries, Math.random()));
    }
  }
}

/** The same call to every shard, side by side. */
export const callAllShards = <T>(
  env: TaskEnv,
  call: (stub: ShardStub) => Promise<T>,
): Promise<T[]> =>
  Promise.all(
    Array.from({ length: readConfig(env).taskShards }, (_, shard) => callShard(env, shard, call)),
  );

/** Has every shard write what the index in D1 lacks, so that who reads it sees all that was before. */
export async function settleIndexes(env: TaskEnv): Promise<void> {
  const settled = await callAllShards(env, (stub) => stub.settleIndex());
  if (settled.includes(false))
    throw new ApiError("DEPENDENCY_UNAVAILABLE", { internal: "the index of tasks is behind" });
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    startTimer(ms, resolve);
  });
