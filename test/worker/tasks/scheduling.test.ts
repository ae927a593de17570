import { expect, test, vi } from "vitest";
import { shardOfTask } from "#tasks/core/task-id";
import { api, createTestKey } from "../../support/api";
import { ECHO, postTask as post, readBody as read, workOn } from "../../support/task-calls";
import { cutAllQueues, elapse, SHARDS } from "../../support/task-shards";

const shardOf = (id: string): number => shardOfTask(id, SHARDS) ?? -1;

test("a task for later is answered at once, shows its time, and is sent when that has come", async () => {
  const shards = await cutAllQueues();
  const { key } = await createTestKey();
  const response = await post(key, { ...ECHO, delay_seconds: 60, priority: "high" });
  expect(response.status).toBe(202);
  // Not to be asked for every second.
  expect(Number(response.headers.get("Retry-After"))).toBeGreaterThan(50);
  const task = await read(response);
  expect(task).toMatchObject({ status: "queued", priority: "high", error: null });
  const waitMs = Date.parse(String(task["not_before"])) - Date.parse(String(task["created_at"]));
  expect(Math.round(waitMs / 1000)).toBe(60);
  const [listed] = (await read(await api("/api/v1/tasks", { key }))).items;
  expect(listed).toMatchObject({ not_before: task["not_before"], priority: "high" });

  const shard = shardOf(task.request_id);
  expect(shards[shard]?.sent).toEqual([]);
  await elapse(shard, 61_000);
  expect(shards[shard]?.sent).toHaveLength(1);
  await workOn(task.request_id, async () => ({ status: "completed", data: "then" }));
  expect(await read(await api(`/api/v1/tasks/${task.request_id}`, { key }))).toMatchObject({
    status: "completed",
    data: "then",
    not_before: null,
  });
});

test("a caller who says so waits for a task that runs soon", async () => {
  const { key } = await createTestKey();
  const waiting = post(key, { ...ECHO, delay_seconds: 40 }, { Prefer: "wait=60" });
  const { request_id: id } = await vi.waitFor(async () => {
    const { items } = await read(await api("/api/v1/tasks", { key }));
    return items[0] ?? Promise.reject(new Error("not there yet"));
  });
  await elapse(shardOf(id), 41_000);
  const response = await waiting;
  expect(response.status).toBe(200);
  expect(response.headers.get("Preference-Applied")).toBe("wait=60");
});

test("options that contradict each other are a fault of one of them", async () => {
  const { key } = await createTestKey();
  const both = { ...ECHO, delay_seconds: 1, run_at: "2126-01-01T00:00:00Z" };
  const response = await post(key, both);
  expect(response.status).toBe(422);
  expect(await read(response)).toMatchObject({
    code: "VALIDATION_FAILED",
    errors: [{ pointer: "/run_at", code: "conflict" }],
  });
  const far = await read(await post(key, { ...ECHO, run_at: "2126-01-01T00:00:00Z" }));
  expect(far).toMatchObject({ errors: [{ pointer: "/run_at", code: "too_far" }] });
});

test("the same key with another priority or time is another request", async () => {
  await cutAllQueues();
  const { key } = await createTestKey();
  const headers = { "Idempotency-Key": "k", Prefer: "respond-async" };
  expect((await post(key, { ...ECHO, delay_seconds: 60 }, headers)).status).toBe(202);
  const again = await post(key, { ...ECHO, delay_seconds: 60 }, headers);
  expect(again.headers.get("Idempotency-Replayed")).toBe("true");
  expect(await read(await post(key, ECHO, headers))).toMatchObject({
    code: "IDEMPOTENCY_KEY_REUSED",
  });
});

test("a task that nobody took within its queue_ttl has failed, and is forgotten after its result_ttl", async () => {
  await cutAllQueues();
  const { key } = await createTestKey();
  const options = { queue_ttl: 30, result_ttl: 60 };
  const { request_id: id } = await read(
    await post(key, { ...ECHO, ...options }, { Prefer: "respond-async" }),
  );
  await elapse(shardOf(id), 31_000);
  expect(await read(await api(`/api/v1/tasks/${id}`, { key }))).toMatchObject({
    status: "failed",
    error: { code: "TASK_UNDELIVERABLE" },
    attempts: 0,
  });
  await elapse(shardOf(id), 61_000);
  expect((await api(`/api/v1/tasks/${id}`, { key })).status).toBe(404);
});
