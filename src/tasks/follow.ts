import { systemClock } from "#platform/clock";
import { ApiError } from "#platform/errors";
import { closingSeq } from "./core/events";
import type { EventPage, TaskEvent } from "./core/events";
import type { TaskView } from "./core/state";
import { planSlice } from "./core/wait";
import { callShard, shardOf } from "./shard-client";
import type { TaskEnv } from "./shard-client";

/** How long one stream follows a task before it asks its reader to connect again: what holds a connection is renewed now and then. */
export const RECYCLE_AFTER_MS = 15 * 60_000;
/** An invocation has a bounded number of subrequests (Workers, "Limits"); a stream uses a part of them, its slot's renewals another. */
const MAX_CALLS = 700;

export interface EventReader {
  readonly taskId: string;
  readonly ownerId: string;
  /** What was seen last; 0 for nothing. */
  readonly afterSeq: number;
}

/** Where a follower stands when its stream closes. */
export type FollowEnd =
  /** The log is complete; `seq` is the number under which its streams close. */
  | { readonly reason: "ended"; readonly seq: number; readonly task: TaskView }
  /** The task goes on behind `seq`. */
  | { readonly reason: "recycle"; readonly seq: number };

/** What is there behind a reader's last event. Refuses with TASK_NOT_FOUND, and with INVALID_HEADER an event that never was. */
export async function openEvents(env: TaskEnv, reader: EventReader): Promise<EventPage> {
  const page = await readEvents(env, reader, 0);
  if (reader.afterSeq > closingSeq(page.lastSeq))
    throw new ApiError("INVALID_HEADER", { params: { header: "Last-Event-ID" } });
  return page;
}

/** Whether a reader has seen all that there ever will be, the stream's own end included. */
export const isReadToEnd = (page: EventPage, afterSeq: number): boolean =>
  page.ended !== null && afterSeq === closingSeq(page.lastSeq);

/**
 * Gives each event of a task once and in order, from `first` on, until the task has ended or the stream is old. Waits in slices, each on a fresh
 * stub, so that a reset of the shard costs a moment and no event. `signal` ends the waiting; then it throws what the signal was aborted with.
 */
export async function followEvents(
  env: TaskEnv,
  reader: EventReader,
  first: EventPage,
  give: (event: TaskEvent, page: EventPage) => Promise<void>,
  signal: AbortSignal,
): Promise<FollowEnd> {
  const untilMs = systemClock() + RECYCLE_AFTER_MS;
  let { afterSeq } = reader;
  let page = first;
  for (let calls = 0; ; calls++) {
    for (const event of page.events) {
      await give(event, page);
      afterSeq = event.seq;
    }
    if (page.ended) return { reason: "ended", seq: closingSeq(page.lastSeq), task: page.ended };
    const sliceMs = planSlice(systemClock(), untilMs);
    if (sliceMs === 0 || calls >= MAX_CALLS) return { reason: "recycle", seq: afterSeq };
    page = await unlessAborted(readEvents(env, { ...reader, afterSeq }, sliceMs), signal);
  }
}

async function readEvents(
  env: TaskEnv,
  { taskId, ownerId, afterSeq }: EventReader,
  waitMs: number,
): Promise<EventPage> {
  const page = await callShard(env, shardOf(env, taskId), (stub) =>
    stub.follow(taskId, ownerId, afterSeq, waitMs),
  );
  if (!page) throw new ApiError("TASK_NOT_FOUND");
  return page;
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
    };
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    void work.then(resolve, reject).finally(() => {
      signal.removeEventListener("abort", abort);
    });
  });
}
