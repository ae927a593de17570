import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { flushIndex } from "#tasks/storage";
import type { IndexEntry } from "#tasks/storage";
import { T0 } from "../../support/tasks";
import { aTaskOf, cutQueues, shardStub, sqlOf, swapEnv } from "../../support/task-shards";

const claim = (taskId: string) =>
  shardStub().claimMany([{ taskId, messageId: "m1", delivery: 1 }], "consumer-1");
const indexed = async (id: string) =>
  env.DB.prepare("SELECT status, version, expires_at FROM tasks WHERE id = ?").bind(id).first();

test("the index follows the record, and knows when the entry may go", async () => {
  await cutQueues();
  const task = aTaskOf();
  await shardStub().submit(task, 0);
  await shardStub().settleIndex();
  expect(await indexed(task.id)).toMatchObject({ status: "queued", expires_at: null });
  await claim(task.id);
  await shardStub().cancel(task.id, task.ownerId);
  await runDurableObjectAlarm(shardStub());
  await shardStub().settleIndex();
  expect(await indexed(task.id)).toMatchObject({
    status: "cancelled",
    expires_at: expect.any(Number),
  });
  expect(await sqlOf(0, "SELECT COUNT(*) AS n FROM outbox")).toEqual([{ n: 0 }]);
});

test("an index that can't be reached holds up no task and misses nothing once it can", async () => {
  await swapEnv(0, {
    DB: {
      prepare: () => ({ bind: () => ({}) }),
      batch: async () => {
        throw new Error("D1_ERROR: internal error");
      },
    },
  });
  const task = aTaskOf();
  expect(await shardStub().submit(task, 10_000)).toMatchObject({ task: { status: "completed" } });
  await runDurableObjectAlarm(shardStub());
  expect(await shardStub().settleIndex()).toBe(false);
  await swapEnv(0, { DB: env.DB });
  expect(await shardStub().settleIndex()).toBe(true);
  expect(await indexed(task.id)).toMatchObject({ status: "completed" });
});

test("the index forgets what has expired", async () => {
  const task = aTaskOf();
  await shardStub().submit(task, 10_000);
  await shardStub().settleIndex();
  await env.DB.prepare("UPDATE tasks SET expires_at = 1").run();
  await shardStub().submit(aTaskOf(), 10_000);
  await shardStub().settleIndex();
  expect(await indexed(task.id)).toBeNull();
});

test("a change that comes while the index is being written is written next", async () => {
  await cutQueues();
  const task = aTaskOf();
  await shardStub().submit(task, 0);
  let isFirst = true;
  await swapEnv(0, {
    DB: {
      prepare: (sql: string) => env.DB.prepare(sql),
      batch: async (statements: D1PreparedStatement[]) => {
        if (isFirst) await claim(task.id);
        isFirst = false;
        return env.DB.batch(statements);
      },
    },
  });
  await shardStub().settleIndex();
  expect(await indexed(task.id)).toMatchObject({ status: "queued" });
  await shardStub().settleIndex();
  expect(await indexed(task.id)).toMatchObject({ status: "running" });
});

test("an older entry that arrives late replaces nothing", async () => {
  const entry = (version: number, status: string): IndexEntry => ({
    id: "task_a",
    owner_id: "usr_a",
    kind: "echo",
    status,
    version,
    is_dead: 0,
    attempts: 1,
    error_code: null,
    error_params: null,
    created_at: T0,
    started_at: T0,
    completed_at: null,
    expires_at: null,
    priority: "normal",
    not_before: null,
  });
  const write = (written: IndexEntry) =>
    flushIndex(env.DB, { unindexed: () => [written] }, async () => undefined, T0);
  await write(entry(3, "completed"));
  await write(entry(2, "running"));
  expect(await indexed("task_a")).toMatchObject({ status: "completed", version: 3 });
});
