import { evictDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import type { ClaimVerdict } from "#tasks/core/desk";
import type { NewTask } from "#tasks/core/lifecycle";
import {
  aTaskOf,
  consumerDeps,
  cutQueues,
  deliver,
  elapse,
  shardStub,
  sqlOf,
  wakeUp,
} from "../../support/task-shards";

/** Of 128, each of the eight shards has so many of one owner's to run at once. */
const SHARE = 16;

const givenOf = (verdict: ClaimVerdict | undefined): string | null =>
  verdict?.verdict === "run" ? verdict.assignment.taskId : null;
const claim = async (taskId: string, messageId = `m-${taskId}`, delivery = 1) => {
  const [verdict] = await shardStub().claimMany([{ taskId, messageId, delivery }], "consumer-1");
  return verdict;
};
const complete = (taskId: string, fence = 1) =>
  shardStub().completeMany([{ taskId, fence, outcome: { status: "completed", json: "1" } }]);
async function submitAll(tasks: readonly NewTask[]): Promise<string[]> {
  await shardStub().submitMany(tasks);
  return tasks.map((task) => task.id);
}

describe("whose turn it is", () => {
  test("an urgent task goes out by the wake-up of one that came before it, which gets its own in return", async () => {
    await cutQueues();
    const [low = "", high = ""] = await submitAll([
      aTaskOf(0, { priority: "low" }),
      aTaskOf(0, { priority: "high" }),
    ]);
    expect(givenOf(await claim(low))).toBe(high);
    expect(givenOf(await claim(high))).toBe(low);
    await complete(low);
    await complete(high);
    for (const id of [low, high])
      expect(await shardStub().get(id, "usr_a")).toMatchObject({
        status: "completed",
        attempts: 1,
      });
  });

  test("a message that comes again takes over the task that it led to", async () => {
    await cutQueues();
    const [low = "", high = ""] = await submitAll([
      aTaskOf(0, { priority: "low" }),
      aTaskOf(0, { priority: "high" }),
    ]);
    expect(givenOf(await claim(low, "m1"))).toBe(high);
    // Its consumer died: the queue delivers the same message once more.
    expect(givenOf(await claim(low, "m1", 2))).toBe(high);
    expect(await shardStub().get(high, "usr_a")).toMatchObject({ status: "running", attempts: 2 });
    expect(await shardStub().get(low, "usr_a")).toMatchObject({ status: "queued", attempts: 0 });
  });

  test("a worker that asks for a task by its name gets that one or none", async () => {
    await cutQueues();
    const [low = "", high = ""] = await submitAll([
      aTaskOf(0, { priority: "low" }),
      aTaskOf(0, { priority: "high" }),
    ]);
    const named = (taskId: string) =>
      shardStub().claimMany(
        [{ taskId, messageId: "call-1", delivery: 1, leaseMs: 30_000 }],
        "worker-1",
      );
    expect(givenOf((await named(low))[0])).toBe(low);
    expect(await named(low)).toEqual([{ verdict: "skip", reason: "leased" }]);
    expect(givenOf((await named(high))[0])).toBe(high);
  });

  test("a lost wake-up costs only time: what was passed over is sent again by the sweeper", async () => {
    const outbox = await cutQueues();
    const [low = "", high = ""] = await submitAll([
      aTaskOf(0, { priority: "low" }),
      aTaskOf(0, { priority: "high" }),
    ]);
    expect(givenOf(await claim(low))).toBe(high);
    await complete(high);
    await elapse(0, 60_000);
    expect(outbox.sent.filter((sent) => sent.taskId === low).length).toBeGreaterThan(1);
  });

  test("an owner's few tasks are not held up by another's many, through real messages", async () => {
    await cutQueues();
    const many = await submitAll(
      Array.from({ length: 10 }, () => aTaskOf(0, { ownerId: "usr_many" })),
    );
    const [one = ""] = await submitAll([aTaskOf(0, { ownerId: "usr_one" })]);
    const order: string[] = [];
    const deps = consumerDeps({
      executors: {
        echo: async (run) => {
          order.push(run.taskId);
          return { status: "completed", data: null };
        },
      },
    });
    // Messages in the order of their tasks; one batch after another, as a busy consumer takes them.
    for (const id of [...many, one]) await deliver([wakeUp(id)], deps);
    expect(order).toHaveLength(11);
    expect(order.indexOf(one)).toBeLessThan(3);
  });
});

describe("how many of an owner's tasks run at once", () => {
  const tasks = () => Array.from({ length: SHARE + 4 }, () => aTaskOf(0));

  test("is a limit: the others are not even announced until one has ended", async () => {
    const outbox = await cutQueues();
    const ids = await submitAll(tasks());
    expect(outbox.sent.map((sent) => sent.taskId)).toEqual(ids.slice(0, SHARE));
    for (const id of ids.slice(0, SHARE)) expect(givenOf(await claim(id))).toBe(id);
    // Not even where a stray message asks for one of them.
    expect(await claim(ids[SHARE] ?? "")).toEqual({ verdict: "skip", reason: "at_limit" });

    await complete(ids[0] ?? "");
    expect(outbox.sent).toHaveLength(SHARE + 1);
    const [next] = outbox.sent.slice(-1);
    expect(givenOf(await claim(next?.taskId ?? ""))).toBe(next?.taskId);
    expect(await claim(ids[SHARE + 3] ?? "")).toMatchObject({ reason: "at_limit" });
  });

  test("makes room also where a task is cancelled, fails or loses its worker", async () => {
    const outbox = await cutQueues();
    const ids = await submitAll(tasks());
    for (const id of ids.slice(0, SHARE)) await claim(id);
    await shardStub().cancel(ids[0] ?? "", "usr_a");
    expect(outbox.sent).toHaveLength(SHARE + 1);
    const fault = { code: "FETCH_FAILED", params: {} } as const;
    await shardStub().completeMany([
      {
        taskId: ids[1] ?? "",
        fence: 1,
        outcome: { status: "failed", fault, isRetryable: true, retryAfterMs: 30_000 },
      },
    ]);
    expect(outbox.sent).toHaveLength(SHARE + 2);
    await elapse(0, 15_000);
    expect(outbox.sent.length).toBeGreaterThanOrEqual(SHARE + 4);
  });

  test("is not forgotten by an object that is made anew", async () => {
    await cutQueues();
    const ids = await submitAll(tasks());
    for (const id of ids.slice(0, SHARE)) await claim(id);
    await evictDurableObject(shardStub());
    const outbox = await cutQueues();
    expect(await claim(ids[SHARE] ?? "")).toMatchObject({ reason: "at_limit" });
    await complete(ids[0] ?? "");
    expect(outbox.sent).toHaveLength(1);
    expect(givenOf(await claim(outbox.sent[0]?.taskId ?? ""))).not.toBeNull();
  });

  test("is each owner's own", async () => {
    await cutQueues();
    const ids = await submitAll(tasks());
    for (const id of ids.slice(0, SHARE)) await claim(id);
    const [other = ""] = await submitAll([aTaskOf(0, { ownerId: "usr_b" })]);
    expect(givenOf(await claim(other))).toBe(other);
  });

  test("is kept by a queue that refuses: nothing is sent again and again", async () => {
    const outbox = await cutQueues();
    outbox.refusal = new Error("Too Many Requests");
    await submitAll(tasks());
    outbox.refusal = null;
    await elapse(0, 1_000);
    expect(outbox.sent.length).toBeGreaterThanOrEqual(SHARE);
    expect(outbox.sent.length).toBeLessThanOrEqual(SHARE + 4);
    expect(await sqlOf(0, "SELECT COUNT(*) AS n FROM tasks WHERE status = 'queued'")).toEqual([
      { n: SHARE + 4 },
    ]);
  });
});
