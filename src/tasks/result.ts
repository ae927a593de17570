import { utf8 } from "#platform/bytes";
import { ApiError } from "#platform/errors";
import { isTerminal } from "./core/state";
import { CHUNK_BYTES } from "./core/timing";
import { getTask } from "./service";
import { callShard, shardOf } from "./shard-client";
import type { TaskEnv } from "./shard-client";

export interface OpenResult {
  /** Names the end that the result came with: a result never changes after it. */
  readonly version: string;
  /** Of its JSON. */
  readonly bytes: number;
  /** Its JSON from byte `first` to byte `last`, both included. Nothing is read before it is asked for, and no more than is asked for. */
  readonly read: (first: number, last: number) => ReadableStream<Uint8Array>;
}

/**
 * A task's result, streamed from its shard chunk by chunk where it is large. Refuses with TASK_NOT_FOUND, with RESULT_NOT_READY before the task's
 * end, and with RESOURCE_NOT_FOUND where it ended without one.
 */
export async function openResult(
  env: TaskEnv,
  taskId: string,
  ownerId: string,
): Promise<OpenResult> {
  const task = await getTask(env, taskId, ownerId);
  const about = { params: { task_id: taskId }, extension: { task_id: taskId } };
  if (!isTerminal(task.status))
    throw new ApiError("RESULT_NOT_READY", { ...about, headers: { "Retry-After": "1" } });
  const version = `${task.completedAtMs}`;
  if (task.dataJson !== null) {
    const json = utf8(task.dataJson);
    const read: OpenResult["read"] = (first, last) =>
      streamOf([async () => json.subarray(first, last + 1)]);
    return { version, bytes: json.byteLength, read };
  }
  if (!task.hasChunkedResult) throw new ApiError("RESOURCE_NOT_FOUND", about);
  const shard = shardOf(env, taskId);
  const chunk = async (seq: number, first: number, last: number): Promise<Uint8Array> => {
    const data = await callShard(env, shard, (stub) => stub.readResult(taskId, ownerId, seq));
    // Its time ran out under the reader: a body that breaks off is seen, one that is short would pass for the whole.
    if (!data) throw new ApiError("TASK_NOT_FOUND");
    const startsAt = seq * CHUNK_BYTES;
    return new Uint8Array(data).subarray(Math.max(0, first - startsAt), last + 1 - startsAt);
  };
  const read: OpenResult["read"] = (first, last) => {
    const from = Math.floor(first / CHUNK_BYTES);
    const count = Math.floor(last / CHUNK_BYTES) - from + 1;
    return streamOf(
      Array.from({ length: count }, (_, index) => () => chunk(from + index, first, last)),
    );
  };
  return { version, bytes: task.resultBytes, read };
}

/** The parts one after the other, each fetched when the reader has taken the one before. */
function streamOf(parts: readonly (() => Promise<Uint8Array>)[]): ReadableStream<Uint8Array> {
  const rest = parts.values();
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = rest.next();
        if (done === true) controller.close();
        else controller.enqueue(await value());
      },
    },
    { highWaterMark: 0 },
  );
}
