import {
  createExecutionContext,
  createMessageBatch,
  getQueueResult,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { systemClock } from "#platform/clock";
import { newId } from "#platform/ids";
import { createLogger } from "#platform/log";
import type { Logger } from "#platform/log";
import { consumeTasks } from "#tasks/consumer";
import type { ConsumerDeps } from "#tasks/consumer";
import type { TaskEvent } from "#tasks/core/events";
import type { NewTask } from "#tasks/core/lifecycle";
import { routingOf, shardName } from "#tasks/core/task-id";
import { startTimer } from "#platform/timer";
import { EventLog } from "#tasks/storage";
import { aTask } from "./tasks";

export const SHARDS = 8;
export const shardStub = (shard = 0): ReturnType<Env["TASK_SHARD"]["getByName"]> =>
  env.TASK_SHARD.getByName(shardName(shard));

/** A valid new task of a shard, with an id of its own. */
export const aTaskOf = (shard = 0, changes: Partial<NewTask> = {}): NewTask =>
  aTask({ id: newId("task", Date.now(), routingOf(shard)), ...changes });

/** What a shard sent to its queues while they were cut off. */
export interface Outbox {
  readonly sent: { readonly lane: "fast" | "slow"; readonly taskId: string }[];
  /** While set, a send fails with it. */
  refusal: Error | null;
}

/**
 * Cuts a shard off from its queues: what it sends is noted and reaches nobody, as when a queue loses messages.
 * Lasts until the object is evicted, or until `reconnectQueues`.
 */
export async function cutQueues(shard = 0): Promise<Outbox> {
  const outbox: Outbox = { sent: [], refusal: null };
  const queue = (lane: "fast" | "slow") => ({
    sendBatch: async (messages: Iterable<{ body: { task_id: string } }>) => {
      if (outbox.refusal) throw outbox.refusal;
      for (const { body } of messages) outbox.sent.push({ lane, taskId: body.task_id });
    },
  });
  await swapEnv(shard, { TASKS_FAST: queue("fast"), TASKS_SLOW: queue("slow") });
  return outbox;
}

export const cutAllQueues = (): Promise<Outbox[]> =>
  Promise.all(Array.from({ length: SHARDS }, (_, shard) => cutQueues(shard)));

export const reconnectQueues = (shard = 0): Promise<void> =>
  swapEnv(shard, { TASKS_FAST: env.TASKS_FAST, TASKS_SLOW: env.TASKS_SLOW });

/** Replaces bindings of a shard's instance by others of the same shape. */
export async function swapEnv(shard: number, bindings: object): Promise<void> {
  await runInDurableObject(shardStub(shard), (instance) => {
    const object = instance as unknown as { env: object };
    Object.defineProperty(object, "env", {
      value: { ...object.env, ...bindings },
      writable: true,
      configurable: true,
    });
  });
}

/** Runs SQL on a shard's storage, to see what is kept, or to let time pass for it. */
export const sqlOf = <T extends Record<string, SqlStorageValue>>(
  shard: number,
  statement: string,
  ...values: SqlStorageValue[]
): Promise<T[]> =>
  runInDurableObject(shardStub(shard), (_instance, state) =>
    state.storage.sql.exec<T>(statement, ...values).toArray(),
  );

/** Gives a shard so many waiting tasks of the kind `other`, on record only: nobody is woken for them. It is to be evicted then. */
export const fillShard = (shard: number, count: number): Promise<unknown> =>
  sqlOf(
    shard,
    `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1)
     INSERT INTO tasks (id, owner_id, kind, lane, status, version, attempts, max_attempts, fence, timeout_ms, created_at, not_before, start_by, sends,
       sent_at, wake_at, dead_letters, is_dead, history, traceparent, has_chunked_input, result_chunks, due_at)
     SELECT 'other' || n, 'usr_other', 'other', 'slow', 'queued', 1, 0, 1, 0, 1000, ?2, 0, ?3, 0, 0, ?3, 0, 0, '[]', '', 0, 0, ?3 FROM numbers`,
    count,
    Date.now(),
    Date.now() + 86_400_000,
  );

/** What a shard's log has of a task, at most as much as one answer carries. */
export const logOf = (shard: number, taskId: string): Promise<TaskEvent[]> =>
  runInDurableObject(shardStub(shard), (_instance, state) =>
    new EventLog(state.storage.sql).read(taskId, 0),
  );

/** Lets `ms` pass for everything that a shard keeps, and runs what is then due. */
export async function elapse(shard: number, ms: number): Promise<void> {
  await sqlOf(
    shard,
    `UPDATE tasks SET created_at = created_at - ?1, started_at = started_at - ?1, completed_at = completed_at - ?1,
       not_before = not_before - ?1, start_by = start_by - ?1, sent_at = sent_at - ?1, wake_at = wake_at - ?1, due_at = due_at - ?1,
       lease = json_set(lease, '$.untilMs', lease ->> 'untilMs' - ?1, '$.deadlineMs', lease ->> 'deadlineMs' - ?1,
         '$.claimedAtMs', lease ->> 'claimedAtMs' - ?1)`,
    ms,
  );
  await sqlOf(shard, "UPDATE idempotency SET expires_at = expires_at - ?", ms);
  await sqlOf(
    shard,
    `UPDATE deliveries SET created_at = created_at - ?1, ended_at = ended_at - ?1, not_before = not_before - ?1, due_at = due_at - ?1,
       lease = json_set(lease, '$.untilMs', lease ->> 'untilMs' - ?1, '$.claimedAtMs', lease ->> 'claimedAtMs' - ?1)`,
    ms,
  );
  // An alarm stands wherever something is to be done; running it is what the passing of time would have done.
  await runInDurableObject(shardStub(shard), (_instance, state) =>
    state.storage.setAlarm(Date.now() + 60_000),
  );
  await runDurableObjectAlarm(shardStub(shard));
}

export const SILENT: Logger = createLogger("error", () => undefined);

/** What a consumer works with: real shards, and executors, runners and a log of the test's own. */
export const consumerDeps = (changes: Partial<ConsumerDeps> = {}): ConsumerDeps => ({
  executors: {},
  shard: (name) => env.TASK_SHARD.getByName(name),
  shards: SHARDS,
  handOver: async (assignments) => assignments,
  consumerId: "consumer-test",
  log: SILENT,
  now: systemClock,
  random: () => 0.5,
  startTimer,
  ...changes,
});

export interface Delivered {
  readonly id: string;
  readonly body: unknown;
  readonly attempts?: number;
}

/** Delivers messages to a consumer as the queue would, and says which were acknowledged and which are to come again. */
export async function deliver(
  messages: readonly Delivered[],
  deps: ConsumerDeps,
  consume: typeof consumeTasks = consumeTasks,
): Promise<{ acked: string[]; retried: string[] }> {
  const batch = createMessageBatch(
    consume === consumeTasks ? "tasks-fast" : "tasks-dead",
    messages.map((message) => ({ attempts: 1, timestamp: new Date(), ...message })),
  );
  await consume(batch, deps);
  const result = await getQueueResult(batch, createExecutionContext());
  return {
    acked: [...result.explicitAcks],
    retried: result.retryMessages.map((message) => message.msgId),
  };
}

export const wakeUp = (taskId: string, id = `m-${taskId}`, attempts = 1): Delivered => ({
  id,
  body: { v: 1, task_id: taskId },
  attempts,
});
