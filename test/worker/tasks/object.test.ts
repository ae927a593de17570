import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import type { ClaimVerdict } from "#tasks/core/desk";
import type { Assignment } from "#tasks/core/run-task";
import { LEASE_MS, RETENTION_MS } from "#tasks/core/timing";
import {
  aTaskOf,
  cutQueues,
  elapse,
  fillShard,
  reconnectQueues,
  shardStub,
  sqlOf,
} from "../../support/task-shards";

const claimed = (verdict: ClaimVerdict | undefined): Assignment => {
  if (verdict?.verdict !== "run") throw new Error(`not given out: ${JSON.stringify(verdict)}`);
  return verdict.assignment;
};
const claimOf = (taskId: string, messageId = "m1", delivery = 1) => ({
  taskId,
  messageId,
  delivery,
});
const completion = ({ taskId, fence }: Assignment, data: unknown = { ok: true }) => ({
  taskId,
  fence,
  outcome: { status: "completed" as const, json: JSON.stringify(data) },
});

describe("an accepted task", () => {
  test("is on record before the queue is asked, and a queue that refuses it loses nothing", async () => {
    const outbox = await cutQueues();
    outbox.refusal = new Error("Queue sendBatch failed: too many messages");
    const task = aTaskOf();
    expect(await shardStub().submit(task, 0)).toMatchObject({ verdict: "accepted" });
    expect(outbox.sent).toEqual([]);
    expect(await shardStub().get(task.id, task.ownerId)).toMatchObject({ status: "queued" });

    // Still refused after a while: still on record.
    await elapse(0, 5_000);
    expect(await shardStub().get(task.id, task.ownerId)).toMatchObject({ status: "queued" });

    await reconnectQueues();
    const waiting = shardStub().wait(task.id, task.ownerId, 10_000);
    await elapse(0, 60_000);
    expect(await waiting).toMatchObject({
      status: "completed",
      attempts: 1,
      dataJson: task.inputJson,
    });
  });

  test("whose wake-up the queue lost is sent again by the sweeper", async () => {
    const outbox = await cutQueues();
    const task = aTaskOf();
    await shardStub().submit(task, 0);
    expect(outbox.sent).toEqual([{ lane: "fast", taskId: task.id }]);
    await elapse(0, 4_000);
    expect(outbox.sent).toHaveLength(1);
    await elapse(0, 1_000);
    expect(outbox.sent).toHaveLength(2);

    await reconnectQueues();
    const waiting = shardStub().wait(task.id, task.ownerId, 10_000);
    await elapse(0, 10_000);
    expect(await waiting).toMatchObject({ status: "completed" });
  });

  test("survives the eviction of its shard, which arms an alarm for it though the old one is gone", async () => {
    await cutQueues();
    const task = aTaskOf();
    await shardStub().submit(task, 0);
    await runInDurableObject(shardStub(), (_instance, state) => state.storage.deleteAlarm());
    await evictDurableObject(shardStub());
    expect(await shardStub().get(task.id, task.ownerId)).toMatchObject({ status: "queued" });
    const alarmAtMs = await runInDurableObject(shardStub(), (_instance, state) =>
      state.storage.getAlarm(),
    );
    expect(alarmAtMs).not.toBeNull();
  });

  test("that the queue refused is sent again after a second or so, not after the time of a lost wake-up", async () => {
    const outbox = await cutQueues();
    outbox.refusal = new Error("Too Many Requests");
    await shardStub().submit(aTaskOf(), 0);
    outbox.refusal = null;
    await elapse(0, 1_000);
    expect(outbox.sent).toHaveLength(1);
  });

  test("submitted again under its own id, by a caller who lost the answer, is the same task", async () => {
    const outbox = await cutQueues();
    const task = aTaskOf();
    await shardStub().submit(task, 0);
    expect(await shardStub().submit(task, 0)).toMatchObject({
      verdict: "accepted",
      task: { id: task.id },
    });
    expect(outbox.sent).toHaveLength(1);
  });
});

describe("a shard with 10,000 queued tasks", () => {
  test("refuses another before anything is stored, and says when to come again", async () => {
    await fillShard(0, 10_000);
    await evictDurableObject(shardStub());
    const outbox = await cutQueues();
    const refused = aTaskOf();
    expect(await shardStub().submit(refused, 10_000)).toEqual({
      verdict: "full",
      retryAfterMs: 10_000,
    });
    expect(await shardStub().get(refused.id, refused.ownerId)).toBeNull();
    expect(outbox.sent).toEqual([]);
  });
});

describe("a lease", () => {
  test("that ran out gives the task to another worker, and the late result of the first is fenced off", async () => {
    const outbox = await cutQueues();
    const task = aTaskOf();
    await shardStub().submit(task, 0);
    const [first] = await shardStub().claimMany([claimOf(task.id)], "consumer-1");
    const late = claimed(first);
    await elapse(0, LEASE_MS);
    expect(await shardStub().get(task.id, task.ownerId)).toMatchObject({
      status: "queued",
      attempts: 1,
    });
    // The next attempt is announced after its pause.
    await elapse(0, 2_000);
    expect(outbox.sent).toHaveLength(2);
    const [second] = await shardStub().claimMany([claimOf(task.id, "m2")], "consumer-2");
    const successor = claimed(second);

    expect(await shardStub().completeMany([completion(late, "x".repeat(100_000))])).toEqual([
      "superseded",
    ]);
    expect(await sqlOf(0, "SELECT * FROM chunks")).toEqual([]);
    expect(await shardStub().completeMany([completion(successor, "good")])).toEqual(["accepted"]);
    expect(await shardStub().completeMany([completion(late, "later")])).toEqual(["superseded"]);
    expect(await shardStub().get(task.id, task.ownerId)).toMatchObject({
      status: "completed",
      attempts: 2,
      dataJson: '"good"',
      history: [{ outcome: "lost" }, { outcome: "completed" }],
    });
  });

  test("renewed by heartbeats holds as long as they come", async () => {
    await cutQueues();
    const task = aTaskOf(0, { timeoutMs: 600_000 });
    await shardStub().submit(task, 0);
    const [verdict] = await shardStub().claimMany([claimOf(task.id)], "consumer-1");
    const { taskId, fence } = claimed(verdict);
    for (let i = 0; i < 4; i++) {
      await elapse(0, LEASE_MS - 1_000);
      const beat = { taskId, fence, consumerId: "consumer-1", progressJson: `{"step":${i}}` };
      expect(await shardStub().heartbeat([beat])).toEqual(["go"]);
    }
    expect(await shardStub().get(task.id, task.ownerId)).toMatchObject({
      status: "running",
      attempts: 1,
      progressJson: '{"step":3}',
    });
  });

  test("of a run that was cancelled is over: the worker is told, and its result counts for nothing", async () => {
    await cutQueues();
    const task = aTaskOf();
    await shardStub().submit(task, 0);
    const [verdict] = await shardStub().claimMany([claimOf(task.id)], "consumer-1");
    const assignment = claimed(verdict);
    const waiting = shardStub().wait(task.id, task.ownerId, 10_000);
    expect(await shardStub().cancel(task.id, task.ownerId)).toMatchObject({ isCancelled: true });
    expect(await waiting).toMatchObject({ status: "cancelled" });
    const { taskId, fence } = assignment;
    const beat = { taskId, fence, consumerId: "consumer-1", progressJson: null };
    expect(await shardStub().heartbeat([beat])).toEqual(["cancel"]);
    expect(await shardStub().completeMany([completion(assignment)])).toEqual(["superseded"]);
    expect(await shardStub().cancel(task.id, task.ownerId)).toMatchObject({ isCancelled: false });
  });
});

test("a run that nobody ends is timed out by the shard, and what comes later is fenced off", async () => {
  await cutQueues();
  const task = aTaskOf(0, { timeoutMs: 5_000 });
  await shardStub().submit(task, 0);
  const [verdict] = await shardStub().claimMany([claimOf(task.id)], "consumer-1");
  const waiting = shardStub().wait(task.id, task.ownerId, 10_000);
  await elapse(0, 10_000);
  expect(await waiting).toMatchObject({ status: "timed_out", fault: { code: "TASK_TIMED_OUT" } });
  expect(await shardStub().completeMany([completion(claimed(verdict))])).toEqual(["superseded"]);
});

test("what the parts of a shard share is out of reach for those who call it", async () => {
  await cutQueues();
  const stub = shardStub() as unknown as Record<string, PromiseLike<unknown> & (() => unknown)>;
  for (const field of ["book", "desk", "change", "parts", "wakePool", "atLatest"])
    await expect(Promise.resolve(stub[field]), field).rejects.toThrow();
});

test("a task of another owner is no task", async () => {
  await cutQueues();
  const task = aTaskOf();
  await shardStub().submit(task, 0);
  expect(await shardStub().get(task.id, "usr_b")).toBeNull();
  expect(await shardStub().wait(task.id, "usr_b", 10_000)).toBeNull();
  expect(await shardStub().cancel(task.id, "usr_b")).toBeNull();
  expect(await shardStub().readResult(task.id, "usr_b", 0)).toBeNull();
});

test("a large input reaches the worker whole, and large ones do not outgrow one answer", async () => {
  await cutQueues();
  const inputJson = JSON.stringify({ text: "나루".repeat(700_000) });
  const tasks = [1, 2, 3, 4, 5, 6, 7].map(() => aTaskOf(0, { inputJson }));
  for (const task of tasks) await shardStub().submit(task, 0);
  const verdicts = await shardStub().claimMany(
    tasks.map((task) => claimOf(task.id)),
    "consumer-1",
  );
  expect(claimed(verdicts[0]).inputJson === inputJson).toBe(true);
  expect(verdicts.at(-1)).toEqual({ verdict: "later" });

  // An input has served when its task has ended.
  const chunksOf = async (id: string) =>
    (await sqlOf<{ n: number }>(0, "SELECT COUNT(*) AS n FROM chunks WHERE task_id = ?", id))[0]?.n;
  const [done, waiting] = tasks;
  await shardStub().completeMany([completion(claimed(verdicts[0]))]);
  expect(await chunksOf(done?.id ?? "")).toBe(0);
  expect(await chunksOf(waiting?.id ?? "")).toBe(5);
});

test("a result of more than 64 KiB is kept in chunks and forgotten with its task", async () => {
  await cutQueues();
  const task = aTaskOf();
  await shardStub().submit(task, 0);
  const [verdict] = await shardStub().claimMany([claimOf(task.id)], "consumer-1");
  const data = "가".repeat(800_000);
  await shardStub().completeMany([completion(claimed(verdict), data)]);
  expect(await shardStub().get(task.id, task.ownerId)).toMatchObject({
    dataJson: null,
    hasChunkedResult: true,
  });
  const chunks: Uint8Array[] = [];
  for (let seq = 0; ; seq++) {
    const chunk = await shardStub().readResult(task.id, task.ownerId, seq);
    if (!chunk) break;
    chunks.push(new Uint8Array(chunk));
  }
  expect(chunks.map((chunk) => chunk.byteLength)).toEqual([1_048_576, 1_048_576, 302_850]);
  expect(JSON.parse(await new Blob(chunks).text()) === data).toBe(true);

  await elapse(0, RETENTION_MS);
  expect(await shardStub().get(task.id, task.ownerId)).toBeNull();
  expect(
    await sqlOf(
      0,
      "SELECT (SELECT COUNT(*) FROM chunks) AS chunks, (SELECT COUNT(*) FROM tasks) AS tasks",
    ),
  ).toEqual([{ chunks: 0, tasks: 0 }]);
  // What was done stays counted.
  expect((await shardStub().stats()).counts).toContainEqual({
    kind: "echo",
    status: "completed",
    count: 1,
  });
});

test("a sweep that fails is tried again: its alarm lets no error out and leaves another one", async () => {
  await cutQueues();
  const task = aTaskOf();
  await shardStub().submit(task, 0);
  await sqlOf(0, "UPDATE tasks SET history = 'not JSON', due_at = 1");
  await runInDurableObject(shardStub(), async (instance, state) => {
    await state.storage.deleteAlarm();
    await instance.alarm();
    expect(await state.storage.getAlarm()).not.toBeNull();
  });
  await sqlOf(0, "UPDATE tasks SET history = '[]'");
  expect(await shardStub().get(task.id, task.ownerId)).toMatchObject({ status: "queued" });
});
