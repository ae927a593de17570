import { systemClock } from "#platform/clock";
import { ApiError } from "#platform/errors";
import type { DeliveryRow } from "./core/delivery";
import { readConfig } from "#platform/config";
import { shardOfTask } from "./core/task-id";
import type { TaskView } from "./core/state";
import { callAllShards, callShard, settleIndexes, shardOf } from "./shard-client";
import type { TaskEnv } from "./shard-client";
import { queryTasks } from "./store";
import type { TaskQuery, TaskSummary } from "./store";

export type { Executor, RunOutcome, TaskRun } from "./core/run";
export type { Executors } from "./core/run-task";
export { applyOptions, checkOptions, splitOptions } from "./core/run-options";
export type { RunOptions } from "./core/run-options";
export { LOG_LEVELS, MAX_LOG_CHARS, MAX_LOG_LINES } from "./core/events";
export type { LogLine } from "./core/events";
export { LANES, PRIORITIES, TASK_STATUSES } from "./core/state";
export type { Lane, Priority, TaskStatus, TaskView } from "./core/state";
export {
  DEFAULT_TIMEOUT_S,
  MAX_ATTEMPTS,
  MAX_DELAY_S,
  MAX_QUEUE_TTL_S,
  MAX_RESULT_TTL_S,
  MIN_RESULT_TTL_S,
  MOST_ATTEMPTS,
  MAX_SERVED_TIMEOUT_S,
  MAX_TIMEOUT_S,
  WAIT_MARGIN_S,
} from "./core/timing";
export { echo, echoKind } from "./echo";
export { eraseOwnTasks, readOwnDeliveries, readOwnTasks } from "./owner";
export type { DeadLetterFilter } from "./dead-letter-store";
export { createKindRegistry } from "./kinds";
export { claimForWorker, renewForWorker, settleForWorker } from "./outside-work";
export { MAX_PROGRESS_BYTES } from "./core/timing";
export { planSlice } from "./core/wait";
export type { Assignment, ReportOutcome } from "./core/run-task";
export type { KindDefinition, KindRegistry, ValidationContext } from "./kinds";
export type { TaskEnv } from "./shard-client";
export type { TaskSummary } from "./store";
export { countDeadLetters } from "./dead-letter-store";
export { ownStats, taskStats } from "./stats";
export type { TaskStats } from "./stats";
export { prepareSubmission } from "./prepare";
export { submitTask } from "./submit";
export type { Submission, Submitted } from "./submit";

/** The owner's task. Refuses with TASK_NOT_FOUND, alike for another owner's, an unknown and a malformed id. */
export async function getTask(env: TaskEnv, taskId: string, ownerId: string): Promise<TaskView> {
  const task = await callShard(env, shardOf(env, taskId), (stub) => stub.get(taskId, ownerId));
  if (!task) throw new ApiError("TASK_NOT_FOUND");
  return task;
}

/** Ends a task that has not ended. Refuses with TASK_NOT_FOUND and TASK_ALREADY_FINISHED. */
export async function cancelTask(env: TaskEnv, taskId: string, ownerId: string): Promise<TaskView> {
  const verdict = await callShard(env, shardOf(env, taskId), (stub) =>
    stub.cancel(taskId, ownerId),
  );
  if (!verdict) throw new ApiError("TASK_NOT_FOUND");
  if (!verdict.isCancelled)
    throw new ApiError("TASK_ALREADY_FINISHED", {
      params: { task_id: taskId },
      extension: { task_id: taskId },
    });
  return verdict.task;
}

/** What became of telling others of the task's end, oldest first. Refuses with TASK_NOT_FOUND. */
export async function listDeliveries(
  env: TaskEnv,
  taskId: string,
  ownerId: string,
): Promise<readonly Omit<DeliveryRow, "body">[]> {
  const deliveries = await callShard(env, shardOf(env, taskId), (stub) =>
    stub.listDeliveries(taskId, ownerId),
  );
  if (!deliveries) throw new ApiError("TASK_NOT_FOUND");
  return deliveries;
}

/** A page of an owner's tasks, newest first, and whether there are more. A caller always sees what it wrote before. */
export async function listTasks(
  env: TaskEnv & Pick<Env, "DB">,
  query: Omit<TaskQuery, "nowMs">,
): Promise<{ readonly tasks: readonly TaskSummary[]; readonly hasMore: boolean }> {
  await settleIndexes(env);
  const tasks = await queryTasks(env.DB, {
    ...query,
    limit: query.limit + 1,
    nowMs: systemClock(),
  });
  return { tasks: tasks.slice(0, query.limit), hasMore: tasks.length > query.limit };
}

/** Whether every shard answers. For health checks: throws what the first failure was. */
export async function pingTaskShards(env: TaskEnv): Promise<void> {
  await callAllShards(env, (stub) => stub.ping());
}

/**
 * Has the channel `task:<id>` told of a task, all that has happened to it first. False for another owner's task or none. `restart` where the channel has
 * forgotten what it was told.
 */
export async function watchTask(
  env: TaskEnv,
  taskId: string,
  ownerId: string,
  restart: boolean,
): Promise<boolean> {
  const shard = shardOfTask(taskId, readConfig(env).taskShards);
  if (shard === null) return false;
  return callShard(env, shard, (stub) => stub.watch(taskId, ownerId, restart));
}

/** Has the channel `user:<id>` told of all tasks of an owner, until `untilMs`. */
export async function watchOwner(env: TaskEnv, ownerId: string, untilMs: number): Promise<void> {
  await callAllShards(env, (stub) => stub.watchOwner(ownerId, untilMs));
}
