import { expect, test } from "vitest";
import { shardOfTask } from "#tasks/core/task-id";
import { api, createTestKey } from "../../support/api";
import { ECHO, postTask as post, readBody, workOn } from "../../support/task-calls";
import { cutAllQueues, elapse, SHARDS, sqlOf } from "../../support/task-shards";

const ASYNC = { Prefer: "respond-async" };
const shardOf = (id: string): number => shardOfTask(id, SHARDS) ?? -1;
const submit = async (key: string, options: object = {}) =>
  (await readBody(await post(key, { ...ECHO, ...options }, ASYNC))).request_id;
const statsOf = async (key: string) => readBody(await api("/api/v1/tasks/stats", { key }));
const NONE = {
  queued: 0,
  running: 0,
  completed: 0,
  failed: 0,
  cancelled: 0,
  timed_out: 0,
  scheduled: 0,
};

test("a caller's numbers are exact, and those of no one else", async () => {
  await cutAllQueues();
  const { key } = await createTestKey();
  const { key: other } = await createTestKey();
  const theirs = await submit(other);
  expect(await statsOf(key)).toEqual({
    queue_length: 0,
    scheduled: 0,
    running: 0,
    oldest_queued_seconds: null,
    total: 0,
    by_kind: {},
  });

  // Out of the way: a worker that is woken may find that it is the turn of another's task.
  await api(`/api/v1/tasks/${theirs}`, { key: other, method: "DELETE" });

  const first = await submit(key);
  await elapse(shardOf(first), 4_000);
  await submit(key);
  await submit(key, { delay_seconds: 60 });
  const done = await submit(key);
  await workOn(done, async () => ({ status: "completed", data: 1 }));
  const failed = await submit(key);
  await workOn(failed, async () => ({ status: "failed", code: "FETCH_FAILED", retryable: false }));
  const retried = await submit(key);
  await workOn(retried, async () => ({
    status: "failed",
    code: "FETCH_FAILED",
    retryable: true,
    // Well ahead: the pause that chance would choose may be over by the time of the count.
    retryAfterMs: 60_000,
  }));
  await api(`/api/v1/tasks/${await submit(key)}`, { key, method: "DELETE" });
  await submit(other);

  const stats = await statsOf(key);
  expect(stats).toMatchObject({
    queue_length: 2,
    scheduled: 2,
    running: 0,
    total: 7,
    by_kind: {
      echo: { ...NONE, queued: 4, scheduled: 2, completed: 1, failed: 1, cancelled: 1 },
    },
  });
  expect(stats["oldest_queued_seconds"]).toEqual(expect.any(Number));

  const status = await readBody(await api("/status"));
  expect(status).toMatchObject({
    queue_length: 3,
    scheduled: 2,
    completed_tasks: 1,
    failed_tasks: 1,
    cancelled_tasks: 2,
    by_kind: { echo: { queue_length: 3, scheduled: 2, running: 0, completed: 1 } },
  });
  // The first one could run for at least the four seconds that have passed for it.
  expect(status["oldest_queued_seconds"]).toBeGreaterThanOrEqual(4);
});

test("a list is narrowed by kind, state and time together, over all its pages", async () => {
  await cutAllQueues();
  const { key } = await createTestKey();
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) ids.push(await submit(key));
  // Accepted on five days; the middle three are asked for, of which one was cancelled.
  for (const [n, id] of ids.entries())
    await sqlOf(
      shardOf(id),
      "UPDATE tasks SET created_at = ? WHERE id = ?",
      Date.UTC(2026, 0, n + 1, 12),
      id,
    );
  await api(`/api/v1/tasks/${ids[2]}`, { key, method: "DELETE" });
  const range = `created_after=2026-01-02T00:00:00Z&created_before=${encodeURIComponent("2026-01-05T09:00:00+09:00")}`;
  const listed = async (query: string) =>
    readBody(await api(`/api/v1/tasks?${range}&${query}`, { key }));

  expect((await listed("kind=echo")).items.map((item) => item.request_id)).toEqual([
    ids[3],
    ids[2],
    ids[1],
  ]);
  const page = await listed("status=queued&limit=1");
  expect(page.items.map((item) => item.request_id)).toEqual([ids[3]]);
  const next = await listed(`status=queued&limit=1&cursor=${page.next_cursor}`);
  expect(next.items.map((item) => item.request_id)).toEqual([ids[1]]);
  expect(next.next_cursor).toBeNull();
  expect((await listed("kind=scrape")).items).toEqual([]);
});

test.each(["created_after=yesterday", "created_before=2026-01-01", "status=done"])(
  "a list narrowed by %s is refused",
  async (query) => {
    const { key } = await createTestKey();
    const response = await api(`/api/v1/tasks?${query}`, { key });
    expect(response.status).toBe(422);
    expect(await readBody(response)).toMatchObject({
      errors: [{ pointer: `/query/${query.split("=")[0]}` }],
    });
  },
);
