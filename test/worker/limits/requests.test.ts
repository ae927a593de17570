import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { ClientGate } from "../../../durable-objects/client-gate";
import { api, createTestKey, gateOf } from "../../support/api";
import type { TestKey } from "../../support/api";

const DAY = "2027-01-15";
const NOON = Date.parse(`${DAY}T12:00:00Z`);

type Gate = ReturnType<typeof gateOf>;

const inGate = <T>(gate: Gate, act: (gate: ClientGate) => T | Promise<T>): Promise<T> =>
  runInDurableObject(gate, (instance: ClientGate) => act(instance));

const setClock = (gate: Gate, nowMs: number): Promise<void> =>
  inGate(gate, (instance) => {
    instance.clock = () => nowMs;
  });

/** What D1 was told of an owner's calls. */
async function told({ ownerId }: Pick<TestKey, "ownerId">): Promise<unknown[]> {
  const { results } = await env.DB.prepare(
    "SELECT key_id, day, requests FROM request_counts WHERE owner_id = ? ORDER BY day, key_id",
  )
    .bind(ownerId)
    .all();
  return results;
}

const call = async ({ key }: TestKey, times = 1): Promise<void> => {
  for (let i = 0; i < times; i++) await (await api("/api/v1/test", { key })).text();
};

test("a thousand calls are one write, at the pause after them", async () => {
  const owner = await createTestKey();
  const writes = await inGate(gateOf(owner.ownerId), ({ requests }) => {
    for (let i = 0; i < 1000; i++) requests.count(owner.ownerId, owner.keyId);
    const during = requests.writes;
    requests.store();
    requests.store();
    return [during, requests.writes];
  });
  expect(writes).toEqual([0, 1]);
});

test("D1 is told by alarm, and only totals: telling again changes nothing", async () => {
  const owner = await createTestKey();
  const gate = gateOf(owner.ownerId);
  await setClock(gate, NOON);
  await call(owner, 3);
  await inGate(gate, ({ requests }) => requests.store());
  expect(await told(owner)).toEqual([]);
  expect(await runDurableObjectAlarm(gate)).toBe(true);
  expect(await told(owner)).toEqual([{ key_id: owner.keyId, day: DAY, requests: 3 }]);
  await gate.tellRequests();
  await call(owner);
  await gate.tellRequests();
  expect(await told(owner)).toEqual([{ key_id: owner.keyId, day: DAY, requests: 4 }]);
});

test("what is stored outlives the object, and the day goes on from it", async () => {
  const owner = await createTestKey();
  const gate = gateOf(owner.ownerId);
  await call(owner, 2);
  await inGate(gate, ({ requests }) => requests.store());
  await evictDurableObject(gate);
  await call(owner, 3);
  await gate.tellRequests();
  expect(await told(owner)).toMatchObject([{ requests: 5 }]);
});

test("a crash costs the calls that were not stored yet, and no others", async () => {
  const owner = await createTestKey();
  const gate = gateOf(owner.ownerId);
  await call(owner, 2);
  await inGate(gate, ({ requests }) => requests.store());
  await call(owner, 3);
  const aborted = runInDurableObject(gate, (_instance, state) => {
    state.abort("a crash");
  });
  await expect(aborted).rejects.toThrow();
  await call(owner);
  await gateOf(owner.ownerId).tellRequests();
  expect(await told(owner)).toMatchObject([{ requests: 3 }]);
});

test("each key and each day has its count, and a day that is over is forgotten once it was told", async () => {
  const owner = await createTestKey();
  const other = await createTestKey({ ownerId: owner.ownerId });
  const gate = gateOf(owner.ownerId);
  await setClock(gate, NOON);
  await call(owner, 2);
  await call(other);
  await setClock(gate, NOON + 24 * 3_600_000);
  await call(owner);
  await gate.tellRequests();
  const rows = [
    { key_id: owner.keyId, day: DAY, requests: 2 },
    { key_id: other.keyId, day: DAY, requests: 1 },
    { key_id: owner.keyId, day: "2027-01-16", requests: 1 },
  ];
  const told1 = await told(owner);
  expect(told1).toHaveLength(3);
  expect(told1).toEqual(expect.arrayContaining(rows));
  const held = await runInDurableObject(gate, (_gate, { storage }) =>
    Array.from(storage.kv.list({ prefix: "requests:" }), ([name]) => name),
  );
  expect(held).toEqual(["requests:2027-01-16"]);
});

test("a call that is refused is not counted, and neither is a stranger's", async () => {
  const owner = await createTestKey({ ownerLimits: { burst: { limit: 2, window: 60 } } });
  await call(owner, 5);
  await (await api("/api/v1/test")).text();
  await gateOf(owner.ownerId).tellRequests();
  expect(await told(owner)).toMatchObject([{ requests: 2 }]);
  const all = await env.DB.prepare("SELECT count(*) AS n FROM request_counts").first();
  expect(all).toEqual({ n: 1 });
});

test("D1 that takes nothing loses nothing: it is told later", async () => {
  const owner = await createTestKey();
  const gate = gateOf(owner.ownerId);
  await call(owner, 2);
  const broken = {
    prepare: () => {
      throw new Error("D1 is away");
    },
  } as unknown as D1Database;
  await inGate(gate, async ({ requests }) => {
    await expect(requests.tell(broken)).rejects.toThrow("D1 is away");
    expect(requests.dueAtMs()).not.toBeNull();
  });
  await gate.tellRequests();
  expect(await told(owner)).toMatchObject([{ requests: 2 }]);
});
