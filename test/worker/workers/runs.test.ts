import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { api, createTestKey } from "../../support/api";
import { postTask, readBody } from "../../support/task-calls";
import { shardOfTask } from "#tasks/core/task-id";
import {
  consumerDeps,
  cutQueues,
  deliver,
  elapse,
  SHARDS,
  swapEnv,
  wakeUp,
} from "../../support/task-shards";
import type { Executor } from "#tasks/service";
import { anOperator, anOutsideTask, held, poolStub } from "../../support/workers";
import type { Leased } from "../../support/workers";

const read = async (key: string, id: string) =>
  readBody(await api(`/api/v1/tasks/${id}`, { key, headers: { "Accept-Language": "en" } }));
/** Lets time pass for a task. */
const age = (id: string, ms: number): Promise<void> => elapse(shardOfTask(id, SHARDS) ?? 0, ms);
const only = (tasks: readonly Leased[]): Leased => {
  const [task, ...rest] = tasks;
  if (task === undefined || rest.length > 0) throw new Error(`${tasks.length} tasks`);
  return task;
};

describe("a task of a kind that outside workers serve", () => {
  test("reaches the worker that waits for it, and its result the caller that waits for that", async () => {
    const operator = await anOperator();
    const worker = await operator.register(["ocr", "faces"]);
    const leasing = operator.lease(worker, { wait_seconds: 20 });
    const { key } = await createTestKey();
    const answering = postTask(key, { kind: "ocr", input: { page: 7 }, timeout: 60 });
    const task = only(await leasing);
    expect(task).toMatchObject({ kind: "ocr", attempt: 1, input: { page: 7 }, timeout: 60 });
    const done = await operator.call("complete", { ...held(worker, task), data: { text: "나루" } });
    expect([done.status, done.body]).toEqual([200, { task_id: task.task_id, status: "accepted" }]);
    const answer = await answering;
    expect(answer.status).toBe(200);
    expect(await readBody(answer)).toMatchObject({
      request_id: task.task_id,
      status: "completed",
      data: { text: "나루" },
      attempts: 1,
    });
  });

  test("goes to one worker alone, however many ask at once", async () => {
    const operator = await anOperator();
    const workers = await Promise.all(Array.from({ length: 4 }, () => operator.register()));
    const tasks = await Promise.all(Array.from({ length: 12 }, () => anOutsideTask()));
    const ids = tasks.map(({ id }) => id);
    const seen: string[] = [];
    while (seen.length < ids.length) {
      const wish = { max: 2, wait_seconds: 0 };
      const leased = await Promise.all(workers.map((worker) => operator.lease(worker, wish)));
      seen.push(...leased.flat().map((task) => task.task_id));
    }
    expect(seen.sort()).toEqual(ids.sort());
  });

  test("is not given to workers of other kinds, nor is what has ended meanwhile", async () => {
    const operator = await anOperator();
    const task = await anOutsideTask({ kind: "ocr" });
    const faces = await operator.register(["faces"]);
    const ocr = await operator.register(["ocr"]);
    await api(`/api/v1/tasks/${task.id}`, { key: task.key, method: "DELETE" });
    const live = await anOutsideTask({ kind: "ocr" });
    expect(await operator.lease(faces, { wait_seconds: 0 })).toEqual([]);
    expect(only(await operator.lease(ocr)).task_id).toBe(live.id);
    expect(await operator.lease(ocr, { wait_seconds: 0 })).toEqual([]);
  });

  test("that is shared with our own consumers goes to whoever claims it first, and to one of them alone", async () => {
    const operator = await anOperator();
    const worker = await operator.register(["scrape"]);
    for (let shard = 0; shard < SHARDS; shard++) await cutQueues(shard);
    const input = { script_name: "page", parameters: { url: "https://example.com/" } };
    const task = await anOutsideTask({ kind: "scrape", input });
    const leased = only(await operator.lease(worker));
    expect(leased).toMatchObject({ task_id: task.id, kind: "scrape" });
    // The queue's own wake-up comes too late.
    let isRun = false;
    const executor: Executor = async () => {
      isRun = true;
      return { status: "completed", data: "ours" };
    };
    await deliver([wakeUp(task.id)], consumerDeps({ executors: { scrape: executor } }));
    expect(isRun).toBe(false);
    await operator.call("complete", { ...held(worker, leased), data: "theirs" });
    expect(await read(task.key, task.id)).toMatchObject({ data: "theirs", attempts: 1 });
  });

  test("may run longer than our own consumers can, up to an hour", async () => {
    const operator = await anOperator();
    await anOutsideTask({ timeout: 3600 });
    const task = only(await operator.lease(await operator.register()));
    expect(task.timeout).toBe(3600);
    const { key } = await createTestKey();
    const refused = await postTask(key, { kind: "echo", input: {}, timeout: 3600 });
    expect((await readBody(refused))["code"]).toBe("TIMEOUT_NOT_SERVED");
  });

  test("asks for the scope that the settings name", async () => {
    const { key } = await createTestKey({ scopes: ["tasks:write"] });
    const refused = await postTask(key, { kind: "faces", input: {} });
    expect((await readBody(refused))["code"]).toBe("INSUFFICIENT_SCOPE");
  });

  test("waits in the pool through an eviction, as do the workers that are known there", async () => {
    const operator = await anOperator();
    const worker = await operator.register();
    const task = await anOutsideTask();
    // Only a task that has arrived is worth evicting.
    const first = only(await operator.lease(worker));
    await operator.call("release", held(worker, first));
    await age(task.id, 1_000);
    await evictDurableObject(poolStub());
    expect(only(await operator.lease(worker)).task_id).toBe(task.id);
  });

  test("that no pool could be told of is offered again", async () => {
    const operator = await anOperator();
    const worker = await operator.register();
    const broken = { getByName: () => ({ offer: () => Promise.reject(new Error("overloaded")) }) };
    for (let shard = 0; shard < SHARDS; shard++) await swapEnv(shard, { WORKER_POOL: broken });
    const task = await anOutsideTask();
    for (let shard = 0; shard < SHARDS; shard++)
      await swapEnv(shard, { WORKER_POOL: env.WORKER_POOL });
    await age(task.id, 5_000);
    expect(only(await operator.lease(worker)).task_id).toBe(task.id);
  });
});

describe("a worker's hold on a task", () => {
  test("lasts as long as its heartbeats, which show how far it is", async () => {
    const operator = await anOperator();
    const worker = await operator.register();
    const task = await anOutsideTask();
    const leased = only(await operator.lease(worker, { lease_seconds: 30 }));
    for (const done of [1, 2, 3]) {
      await age(task.id, 29_000);
      const { body } = await operator.call("heartbeat", {
        worker_id: worker,
        leases: [
          {
            task_id: leased.task_id,
            lease_token: leased.lease_token,
            progress: { done, of: 3 },
          },
        ],
      });
      expect(body).toEqual({ leases: [{ task_id: task.id, status: "extended" }] });
      expect(await read(task.key, task.id)).toMatchObject({
        status: "running",
        attempts: 1,
        progress: { done, of: 3 },
      });
    }
  });

  test("ends when it falls silent: another gets the task, and what the first still says is refused", async () => {
    const operator = await anOperator();
    const [silent, next] = [await operator.register(), await operator.register()];
    const task = await anOutsideTask();
    const lost = only(await operator.lease(silent, { lease_seconds: 10 }));
    await age(task.id, 10_000);
    await age(task.id, 2_000);
    const again = only(await operator.lease(next));
    expect(again).toMatchObject({ task_id: task.id, attempt: 2 });
    const late = await operator.call("complete", { ...held(silent, lost), data: "late" });
    expect([late.status, late.code]).toEqual([409, "LEASE_LOST"]);
    const { leases } = (
      await operator.call("heartbeat", {
        worker_id: silent,
        leases: [{ task_id: lost.task_id, lease_token: lost.lease_token }],
      })
    ).body;
    expect(leases).toEqual([{ task_id: task.id, status: "lost" }]);
    expect((await operator.call("complete", { ...held(next, again), data: "mine" })).status).toBe(
      200,
    );
    expect(await read(task.key, task.id)).toMatchObject({ status: "completed", data: "mine" });
  });

  test("ends when the task is called off, of which its next heartbeat tells", async () => {
    const operator = await anOperator();
    const worker = await operator.register();
    const task = await anOutsideTask();
    const leased = only(await operator.lease(worker));
    await api(`/api/v1/tasks/${task.id}`, { key: task.key, method: "DELETE" });
    const lease = { task_id: leased.task_id, lease_token: leased.lease_token };
    const { body } = await operator.call("heartbeat", { worker_id: worker, leases: [lease] });
    expect(body).toEqual({ leases: [{ task_id: task.id, status: "cancel" }] });
    const late = await operator.call("complete", { ...held(worker, leased), data: 1 });
    expect(late.code).toBe("LEASE_LOST");
    expect(await read(task.key, task.id)).toMatchObject({ status: "cancelled" });
  });

  test("ends with the task's own time, whatever its heartbeats say", async () => {
    const operator = await anOperator();
    const worker = await operator.register();
    const task = await anOutsideTask({ timeout: 20 });
    const leased = only(await operator.lease(worker, { lease_seconds: 300 }));
    await age(task.id, 26_000);
    expect(await read(task.key, task.id)).toMatchObject({ status: "timed_out" });
    const late = await operator.call("complete", { ...held(worker, leased), data: 1 });
    expect(late.code).toBe("LEASE_LOST");
  });

  test("is told only once: a second end is refused and changes nothing", async () => {
    const operator = await anOperator();
    const worker = await operator.register();
    const task = await anOutsideTask();
    const leased = only(await operator.lease(worker));
    await operator.call("complete", { ...held(worker, leased), data: 1 });
    const second = await operator.call("fail", { ...held(worker, leased), message: "no" });
    expect(second.code).toBe("LEASE_LOST");
    expect(await read(task.key, task.id)).toMatchObject({ status: "completed", data: 1 });
  });
});

describe("a worker that reports", () => {
  test("a failure has the task tried again, by whoever asks next", async () => {
    const operator = await anOperator();
    const worker = await operator.register();
    const task = await anOutsideTask({ max_attempts: 2 });
    const first = only(await operator.lease(worker));
    await operator.call("fail", { ...held(worker, first), message: "The camera slept." });
    expect(await read(task.key, task.id)).toMatchObject({ status: "queued", attempts: 1 });
    await age(task.id, 2_000);
    const second = only(await operator.lease(worker));
    expect(second.attempt).toBe(2);
    await operator.call("fail", { ...held(worker, second), message: "Again.", code: "ASLEEP" });
    const { error, status } = await read(task.key, task.id);
    expect([status, error]).toEqual([
      "failed",
      {
        code: "WORKER_FAILED",
        message: "The worker that ran the task reports a failure. It says: Again.",
        detail: "The worker calls it ASLEEP. Ask whoever runs the worker of this kind.",
      },
    ]);
  });

  test("that no attempt could do better ends the task at once", async () => {
    const operator = await anOperator();
    const worker = await operator.register();
    const task = await anOutsideTask();
    const leased = only(await operator.lease(worker));
    const report = { ...held(worker, leased), message: "Blank page.", retryable: false };
    expect((await operator.call("fail", report)).status).toBe(200);
    expect(await read(task.key, task.id)).toMatchObject({ status: "failed", attempts: 1 });
  });

  test("that it gives a task back untried costs no attempt", async () => {
    const operator = await anOperator();
    const worker = await operator.register();
    const task = await anOutsideTask();
    const leased = only(await operator.lease(worker));
    await operator.call("release", { ...held(worker, leased), delay_seconds: 10 });
    expect(await read(task.key, task.id)).toMatchObject({ status: "queued", attempts: 0 });
    await age(task.id, 10_000);
    expect(only(await operator.lease(worker))).toMatchObject({ task_id: task.id, attempt: 1 });
  });
});
