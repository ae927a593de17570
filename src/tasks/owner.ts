/** All tasks of one owner, for whoever asks for all that is kept of them, or wants it gone. */
import { readConfig } from "#platform/config";
import { toTimestamp } from "#platform/clock";
import type { JsonObject, JsonValue } from "#platform/json-value";
import type { Locale } from "#platform/locale";
import { callShard } from "./shard-client";
import { presentEvent } from "./core/present-event";
import type { OwnedTask, TaskEnv } from "./shard-client";

/** An owner's tasks with input, result and events, shard by shard. A large result is named by its route instead. */
export async function* readOwnTasks(env: TaskEnv, ownerId: string): AsyncGenerator<object> {
  for (const shard of shardsOf(env))
    for (let after = ""; ;) {
      const tasks = await callShard(env, shard, (stub) => stub.readOwned(ownerId, after));
      for (const owned of tasks) yield present(owned, readConfig(env).defaultLocale);
      const last = tasks.at(-1);
      if (last === undefined) break;
      after = last.task.id;
    }
}

/** An owner's webhook deliveries, those of tasks that are gone too. */
export async function* readOwnDeliveries(env: TaskEnv, ownerId: string): AsyncGenerator<object> {
  for (const shard of shardsOf(env))
    for (let after = ""; ;) {
      const rows = await callShard(env, shard, (stub) => stub.readDeliveries(ownerId, after));
      for (const row of rows)
        yield {
          id: row.id,
          task_id: row.taskId,
          url: row.url,
          event: row.event,
          body: parse(row.body),
          status: row.status,
          created_at: toTimestamp(row.createdAtMs),
          ended_at: row.endedAtMs === null ? null : toTimestamp(row.endedAtMs),
          attempts: row.history.map(({ attempt, startedAtMs, statusCode, code }) => ({
            attempt,
            started_at: toTimestamp(startedAtMs),
            status_code: statusCode,
            error: code,
          })),
        };
      const last = rows.at(-1);
      if (last === undefined) break;
      after = last.id;
    }
}

/**
 * Erases some of an owner's tasks in the shard of that number, whatever their state. Answers with the number of the shard to go on with, null where that was the
 * last.
 */
export async function eraseOwnTasks(
  env: TaskEnv,
  ownerId: string,
  shard: number,
): Promise<number | null> {
  const { taskShards } = readConfig(env);
  if (shard >= taskShards) return null;
  const isDone = await callShard(env, shard, (stub) => stub.eraseOwned(ownerId));
  if (!isDone) return shard;
  return shard + 1 < taskShards ? shard + 1 : null;
}

const shardsOf = (env: TaskEnv): number[] =>
  Array.from({ length: readConfig(env).taskShards }, (_, shard) => shard);

const present = ({ task, inputJson, callbackUrl, events }: OwnedTask, locale: Locale): object => ({
  id: task.id,
  kind: task.kind,
  status: task.status,
  priority: task.priority,
  // A large input is not kept beyond the end of its task.
  input: inputJson === "" ? null : parse(inputJson),
  data: task.dataJson === null ? null : parse(task.dataJson),
  ...(task.hasChunkedResult && {
    result_url: `/api/v1/tasks/${task.id}/result`,
    result_bytes: task.resultBytes,
  }),
  progress: task.progressJson === null ? null : parse(task.progressJson),
  error: task.fault && { code: task.fault.code, params: task.fault.params },
  /** Given up by the server: an administrator may have it run again. */
  is_dead_letter: task.isDead,
  attempts: task.attempts,
  callback_url: callbackUrl,
  created_at: toTimestamp(task.createdAtMs),
  started_at: task.startedAtMs === null ? null : toTimestamp(task.startedAtMs),
  completed_at: task.completedAtMs === null ? null : toTimestamp(task.completedAtMs),
  // As its streams tell them; the result stands above.
  events: events.map((event) => {
    const page = { events: [], lastSeq: event.seq, ended: null };
    const { data } = presentEvent(task.id, event, page, locale);
    return { seq: event.seq, event: event.body.type, ...(parse(data) as JsonObject) };
  }),
});

const parse = (json: string): JsonValue => JSON.parse(json) as JsonValue;
