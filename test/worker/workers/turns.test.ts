import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { api, createTestKey, gateOf } from "../../support/api";
import { postTask } from "../../support/task-calls";
import { anOperator, anOutsideTask, poolStub } from "../../support/workers";

/** Resolves when so many tasks stand in the pool: their shards tell of them behind the answer to the submit. */
async function offered(count: number): Promise<void> {
  const inPool = (): Promise<number> =>
    runInDurableObject(
      poolStub(),
      (_pool, { storage }) =>
        storage.sql.exec<{ count: number }>("SELECT count(*) AS count FROM offers").one().count,
    );
  while ((await inPool()) < count);
}

test("outside workers get an owner's tasks by urgency and owners by turns, also after an eviction", async () => {
  const operator = await anOperator();
  const worker = await operator.register();
  const { key } = await createTestKey();
  const urgencies = ["low", "low", "normal", "normal", "high", "high", "high"];
  for (const priority of urgencies) {
    const json = { kind: "ocr", input: { name: priority }, priority };
    expect((await postTask(key, json, { Prefer: "respond-async" })).status).toBe(202);
  }
  // The last to come, and the least urgent to its owner: somebody else's.
  await anOutsideTask({ priority: "low", input: { name: "another's" } });
  await offered(urgencies.length + 1);
  await evictDurableObject(poolStub());
  const names: unknown[] = [];
  while (names.length <= urgencies.length) {
    const leased = await operator.lease(worker, { max: names.length === 0 ? 1 : 4 });
    names.push(...leased.map(({ input }) => input["name"]));
  }
  expect(names.indexOf("another's")).toBeLessThanOrEqual(1);
  expect(names.filter((name) => name !== "another's")).toEqual([
    "high",
    "high",
    "high",
    "normal",
    "normal",
    "low",
    "low",
  ]);
});

test("a worker whose key is revoked while it waits gets no task, which is left for others", async () => {
  const revoked = await anOperator();
  const worker = await revoked.register();
  const waiting = await api("/api/v1/workers/lease", {
    key: revoked.key,
    json: { worker_id: worker, wait_seconds: 20 },
  });
  expect(waiting.status).toBe(200);
  await gateOf(revoked.ownerId).revokeKey(revoked.keyId);
  const task = await anOutsideTask();
  expect(await waiting.json()).toMatchObject({ tasks: [] });
  const other = await anOperator();
  const [leased] = await other.lease(await other.register());
  expect(leased).toMatchObject({ task_id: task.id, attempt: 1 });
});
