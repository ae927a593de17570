import { describe, expect, test } from "vitest";
import { newId } from "#platform/ids";
import type { EventPage } from "#tasks/core/events";
import { viewOf } from "#tasks/core/state";
import { routingOf } from "#tasks/core/task-id";
import { followEvents, isReadToEnd } from "#tasks/follow";
import type { TaskEnv } from "#tasks/service";
import { aQueuedRow, T0 } from "../../support/tasks";

const taskId = newId("task", T0, routingOf(0));
const reader = { taskId, ownerId: "usr_a", afterSeq: 0 };
const log = { type: "log", attempt: 1, level: "info", message: "x" } as const;
const pageOf = (seqs: readonly number[], ended: EventPage["ended"] = null): EventPage => ({
  events: seqs.map((seq) => ({ seq, atMs: T0, body: log })),
  lastSeq: seqs.at(-1) ?? 0,
  ended,
});

/** A shard that answers a follower so, and notes what it was asked for. */
function shardOf(answer: (afterSeq: number) => EventPage | null) {
  const asked: number[] = [];
  const follow = async (
    _id: string,
    _owner: string,
    afterSeq: number,
  ): Promise<EventPage | null> => {
    asked.push(afterSeq);
    return answer(afterSeq);
  };
  const env = { TASK_SHARDS: "1", TASK_SHARD: { getByName: () => ({ follow }) } };
  return { env: env as unknown as TaskEnv, asked };
}

const collect = async (env: TaskEnv, first: EventPage, signal = new AbortController().signal) => {
  const given: number[] = [];
  const end = await followEvents(
    env,
    reader,
    first,
    async ({ seq }) => void given.push(seq),
    signal,
  );
  return { given, end };
};

describe("a stream over a task", () => {
  test("asks each time for what is behind the last event that it gave", async () => {
    const task = viewOf(aQueuedRow({ status: "completed" }));
    const pages: Record<number, EventPage> = { 2: pageOf([]), 5: pageOf([6], task) };
    let isFirst = true;
    const { env, asked } = shardOf((afterSeq) => {
      if (afterSeq === 2 && !isFirst) return pageOf([3, 4, 5]);
      isFirst = false;
      return pages[afterSeq] ?? null;
    });
    const { given, end } = await collect(env, pageOf([1, 2]));
    expect(given).toEqual([1, 2, 3, 4, 5, 6]);
    expect(asked).toEqual([2, 2, 5]);
    expect(end).toMatchObject({ reason: "ended", seq: 7 });
  });

  test("that has asked very often tells its reader to connect again, and where to go on", async () => {
    const { env, asked } = shardOf((afterSeq) => pageOf([afterSeq + 1]));
    const { given, end } = await collect(env, pageOf([1]));
    expect(asked.length).toBeGreaterThan(100);
    expect(asked.length).toBeLessThan(1_000);
    expect(end).toEqual({ reason: "recycle", seq: given.length });
    expect(given).toEqual(given.map((_, index) => index + 1));
  });

  test("ends in an error where the task is gone, and at once where its reader is", async () => {
    const { env } = shardOf(() => null);
    await expect(collect(env, pageOf([1]))).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
    const left = new AbortController();
    const never = {
      TASK_SHARDS: "1",
      TASK_SHARD: { getByName: () => ({ follow: () => new Promise(() => undefined) }) },
    } as unknown as TaskEnv;
    const following = collect(never, pageOf([1]), left.signal);
    left.abort(new Error("left"));
    await expect(following).rejects.toThrow("left");
  });
});

test("a log is read to its end only by who has seen the end of a stream over it", () => {
  const ended = pageOf([1, 2], viewOf(aQueuedRow({ status: "failed" })));
  expect([0, 1, 2, 3].map((afterSeq) => isReadToEnd(ended, afterSeq))).toEqual([
    false,
    false,
    false,
    true,
  ]);
  expect(isReadToEnd(pageOf([1, 2]), 3)).toBe(false);
});
