import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { echoKind, submitTask, taskStats } from "#tasks/service";
import type { NewTask } from "#tasks/core/lifecycle";
import type { Executor, Submission } from "#tasks/service";
import {
  aTaskOf,
  consumerDeps,
  cutAllQueues,
  cutQueues,
  deliver,
  elapse,
  fillShard,
  SHARDS,
  shardStub,
  sqlOf,
  wakeUp,
} from "../../support/task-shards";

const aSubmission = (changes: Partial<Submission> = {}): Submission => ({
  ownerId: "usr_a",
  definition: echoKind,
  input: { hello: "world" },
  timeout: 60,
  idempotencyKey: null,
  traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  ...changes,
});

/** Resolves when a condition holds; what is awaited inside lets the others go on. */
async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition()));
}
const countRows = async (): Promise<number> => {
  let rows = 0;
  for (let shard = 0; shard < SHARDS; shard++)
    rows += (await sqlOf<{ n: number }>(shard, "SELECT COUNT(*) AS n FROM tasks"))[0]?.n ?? 0;
  return rows;
};

// A deploy resets every object so: parked calls are cut off, memory is gone, storage stands.
test("callers that wait while their shard is reset all get their answers, and no task is doubled", async () => {
  await cutAllQueues();
  const callers = Array.from({ length: 24 }, (_, n) =>
    submitTask(env, aSubmission({ input: { n } }), 30_000),
  );
  await until(async () => (await countRows()) === 24);
  const shards = Array.from({ length: SHARDS }, (_, shard) => shard);
  await Promise.all(
    shards.map((shard) =>
      runInDurableObject(shardStub(shard), (_instance, state) => {
        state.abort("reset by the test");
      }).catch(() => undefined),
    ),
  );
  // The new instances know nothing of the callers, who ask again; the tasks' wake-ups were lost with the old ones.
  await Promise.all(shards.map((shard) => elapse(shard, 5_000)));
  const ends = await Promise.all(callers);
  expect(ends.map(({ task }) => [task.status, task.dataJson])).toEqual(
    ends.map((_, n) => ["completed", JSON.stringify({ n })]),
  );
  expect(await countRows()).toBe(24);
});

test("a caller that leaves ends its wait, and its task goes on", async () => {
  const outbox = await cutAllQueues();
  const leaving = new AbortController();
  leaving.abort();
  // The shard as it is, but for a first slice that ends at once.
  const asked: string[] = [];
  const impatient = {
    ...env,
    TASK_SHARD: {
      getByName: (name: string) => {
        const stub = env.TASK_SHARD.getByName(name);
        return {
          submit: (task: NewTask) => stub.submit(task, 0),
          wait: async () => {
            asked.push(name);
            return null;
          },
        };
      },
    } as unknown as Env["TASK_SHARD"],
  };
  const { task } = await submitTask(impatient, aSubmission(), 30_000, leaving.signal);
  expect(asked).toEqual([]);
  expect(task.status).toBe("queued");
  const shard = outbox.findIndex((entry) => entry.sent.length > 0);
  const echo: Executor = async (run) => ({ status: "completed", data: run.input });
  await deliver([wakeUp(task.id)], consumerDeps({ executors: { echo } }));
  expect(await shardStub(shard).get(task.id, "usr_a")).toMatchObject({ status: "completed" });
});

describe("an idempotency key", () => {
  test("under 50 parallel submissions makes one task, and all get its one answer", async () => {
    const ends = await Promise.all(
      Array.from({ length: 50 }, () =>
        submitTask(env, aSubmission({ idempotencyKey: "order-1" }), 10_000),
      ),
    );
    expect(new Set(ends.map(({ task }) => task.id)).size).toBe(1);
    expect(ends.every(({ task }) => task.status === "completed")).toBe(true);
    expect(ends.filter(({ isReplayed }) => !isReplayed)).toHaveLength(1);
    expect(await countRows()).toBe(1);
    expect(await taskStats(env)).toMatchObject({ completed: 1 });
  });

  test("with another body is refused, in whatever order the body's members stand", async () => {
    const first = aSubmission({ idempotencyKey: "k", input: { a: 1, b: { c: 2, d: 3 } } });
    await submitTask(env, first, 10_000);
    const reordered = { ...first, input: { b: { d: 3, c: 2 }, a: 1 } };
    expect(await submitTask(env, reordered, 10_000)).toMatchObject({ isReplayed: true });
    for (const other of [
      { ...first, input: { a: 1 } },
      { ...first, timeout: 61 },
    ])
      await expect(submitTask(env, other, 0)).rejects.toMatchObject({
        code: "IDEMPOTENCY_KEY_REUSED",
      });
  });

  test("belongs to its owner and lasts a day", async () => {
    const mine = await submitTask(env, aSubmission({ idempotencyKey: "k" }), 10_000);
    const yours = await submitTask(
      env,
      aSubmission({ idempotencyKey: "k", ownerId: "usr_b" }),
      10_000,
    );
    expect(yours.isReplayed).toBe(false);
    for (let shard = 0; shard < SHARDS; shard++)
      await sqlOf(shard, "UPDATE idempotency SET expires_at = expires_at - 24 * 3600000");
    const tomorrow = await submitTask(
      env,
      aSubmission({ idempotencyKey: "k", input: { new: true } }),
      10_000,
    );
    expect(tomorrow.isReplayed).toBe(false);
    expect(tomorrow.task.id).not.toBe(mine.task.id);
  });
});

test("a full shard refuses with a time to come again, and counts nothing", async () => {
  for (let shard = 0; shard < SHARDS; shard++) {
    await fillShard(shard, 10_000);
    await evictDurableObject(shardStub(shard));
  }
  await expect(submitTask(env, aSubmission(), 10_000)).rejects.toMatchObject({
    code: "QUEUE_FULL",
    options: { headers: { "Retry-After": "10" } },
  });
  expect(await countRows()).toBe(SHARDS * 10_000);
});

test("the numbers are summed over all shards, and survive their eviction", async () => {
  const ends = await Promise.all(
    Array.from({ length: 40 }, () => submitTask(env, aSubmission(), 10_000)),
  );
  expect(new Set(ends.map(({ task }) => task.id.slice(15, 18))).size).toBeGreaterThan(1);
  const before = await taskStats(env);
  expect(before).toMatchObject({
    queued: 0,
    running: 0,
    completed: 40,
    active_workers: 1,
    by_kind: { echo: { completed: 40 } },
  });
  expect(before.last_claim_at_ms).toEqual(expect.any(Number));
  for (let shard = 0; shard < SHARDS; shard++) await evictDurableObject(shardStub(shard));
  const { last_claim_at_ms: lastClaimAtMs, ...counts } = await taskStats(env);
  expect(before).toMatchObject(counts);
  // The time of the last claim is written once a second: a restart forgets no more than that.
  expect(Math.abs((before.last_claim_at_ms ?? 0) - (lastClaimAtMs ?? 0))).toBeLessThan(1_000);
  // A consumer that gave no sign for half a minute is none.
  for (let shard = 0; shard < SHARDS; shard++) {
    await sqlOf(shard, "UPDATE consumers SET seen_at = seen_at - 40000");
    await evictDurableObject(shardStub(shard));
  }
  expect(await taskStats(env)).toMatchObject({ completed: 40, active_workers: 0 });
});

test("wake-ups of tasks that come together share their sends", async () => {
  const batches: number[] = [];
  await cutQueues(0);
  const held: (() => void)[] = [];
  await runInDurableObject(shardStub(0), (instance) => {
    const object = instance as unknown as { env: Env };
    Object.assign(object.env, {
      TASKS_FAST: {
        sendBatch: (messages: unknown[]) => {
          batches.push(messages.length);
          return new Promise<void>((resolve) => held.push(resolve));
        },
      },
    });
  });
  await shardStub(0).submit(aTaskOf(), 0);
  // Of as many owners: of one alone not all would be announced at once.
  await Promise.all(
    Array.from({ length: 30 }, (_, n) =>
      shardStub(0).submit(aTaskOf(0, { ownerId: `usr_${n}` }), 0),
    ),
  );
  expect(batches).toEqual([1]);
  await runInDurableObject(shardStub(0), async () => {
    held[0]?.();
    await Promise.resolve();
  });
  await until(() => batches.length > 1);
  expect(batches).toEqual([1, 30]);
});
