import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import { parseKey } from "#keys/core/format";
import { keyRecord } from "#keys/core/record";
import type { KeyCredential } from "#keys/core/record";
import { hashSecret, mintApiKey } from "#keys/mint";
import { addressGateName, ownerGateName } from "#limits/service";
import { readConfig } from "#platform/config";
import { ClientGate } from "../../../durable-objects/client-gate";
import type { GateRequest } from "../../../durable-objects/limit-gate";
import { createTestKey, gateOf, uniqueAddress } from "../../support/api";
import type { TestKey, TestKeyOptions } from "../../support/api";

type Gate = ReturnType<typeof gateOf>;

/** A gate that holds one key, its clock in our hands, and a request that counts against `burst`. */
async function gateWith(options: TestKeyOptions): Promise<{
  gate: Gate;
  request: GateRequest & { readonly credential: KeyCredential };
  testKey: TestKey;
}> {
  const testKey = await createTestKey(options);
  const hash = await hashSecret(parseKey(testKey.key)?.secret ?? "");
  const credential = { keyId: testKey.keyId, hash };
  return { gate: gateOf(testKey.ownerId), request: { policies: ["burst"], credential }, testKey };
}

const setClock = (gate: Gate, nowMs: number): Promise<void> =>
  runInDurableObject(gate, (instance: ClientGate) => {
    instance.clock = () => nowMs;
  });

const settle = (gate: Gate): Promise<void> =>
  runInDurableObject(gate, (instance: ClientGate) => {
    instance.ledgerStorage.settle();
  });

async function admit(gate: Gate, request: GateRequest, times: number): Promise<number> {
  const answers = await Promise.all(Array.from({ length: times }, () => gate.admit(request)));
  return answers.filter((answer) => answer.refusal === null && answer.admitted).length;
}

async function remaining(gate: Gate, request: GateRequest): Promise<number | undefined> {
  const answer = await gate.peek(request);
  return answer.refusal === null ? answer.quotas[0]?.remaining : undefined;
}

/**
 * Ends the object as a crash would: what is in memory is gone, what was stored is not. The stub dies with it, so
 * what comes after goes through the one that is returned.
 */
async function crash(gate: Gate): Promise<Gate> {
  const aborted = runInDurableObject(gate, (_instance, state) => {
    state.abort("a crash");
  });
  await expect(aborted).rejects.toThrow();
  return env.CLIENT_GATE.get(gate.id);
}

const NOW = 1_800_000_000_000;
const LIMIT_50 = { burst: { limit: 50, window: 60 } };
const HUGE = {
  burst: { limit: 1_000_000, window: 60 },
  client: { limit: 1_000_000, window: 3600 },
};

test("after its Retry-After, and not a millisecond sooner, the next one passes", async () => {
  const { gate, request } = await gateWith({ ownerLimits: LIMIT_50 });
  await setClock(gate, NOW);
  expect(await admit(gate, request, 20)).toBe(20);
  await setClock(gate, NOW + 10_000);
  expect(await admit(gate, request, 100)).toBe(30);
  const denied = await gate.admit(request);
  expect(denied).toMatchObject({ admitted: false, denials: [{ name: "burst", waitMs: 50_000 }] });
  await setClock(gate, NOW + 59_999);
  expect(await admit(gate, request, 1)).toBe(0);
  await setClock(gate, NOW + 60_000);
  expect(await admit(gate, request, 50)).toBe(20);
});

test("an admission writes nothing: a thousand of them are one write, and one more at the pause", async () => {
  const { gate, request } = await gateWith({ ownerLimits: HUGE });
  const writes = await runInDurableObject(gate, async (instance: ClientGate) => {
    for (let i = 0; i < 1000; i++)
      await instance.admit({ ...request, policies: ["burst", "client"] });
    const during = instance.ledgerStorage.writes;
    instance.ledgerStorage.settle();
    instance.ledgerStorage.settle();
    return [during, instance.ledgerStorage.writes];
  });
  expect(writes).toEqual([1, 2]);
});

test("a denial writes nothing", async () => {
  const { gate, request } = await gateWith({ ownerLimits: { burst: { limit: 1, window: 60 } } });
  await admit(gate, request, 1);
  const writes = await runInDurableObject(gate, async (instance: ClientGate) => {
    const before = instance.ledgerStorage.writes;
    for (let i = 0; i < 100; i++) await instance.admit(request);
    return instance.ledgerStorage.writes - before;
  });
  expect(writes).toBe(0);
});

test("the pause is under a second, and a client that goes on is not held to be pausing", async () => {
  const { gate, request } = await gateWith({ ownerLimits: LIMIT_50 });
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  try {
    await runInDurableObject(gate, async (instance: ClientGate) => {
      await instance.admit(request);
      vi.advanceTimersByTime(440);
      await instance.admit(request);
      vi.advanceTimersByTime(440);
      expect(instance.ledgerStorage.ledger.isSettled).toBe(false);
      vi.advanceTimersByTime(560);
      expect(instance.ledgerStorage.ledger.isSettled).toBe(true);
    });
  } finally {
    vi.useRealTimers();
  }
});

test("an eviction after a pause costs the client nothing", async () => {
  const { gate, request } = await gateWith({ ownerLimits: LIMIT_50 });
  expect(await admit(gate, request, 10)).toBe(10);
  await settle(gate);
  await evictDurableObject(gate);
  expect(await remaining(gate, request)).toBe(40);
  expect(await admit(gate, request, 60)).toBe(40);
});

test("a crash costs the client at most a block, and lets none through twice", async () => {
  const { gate: first, request } = await gateWith({ ownerLimits: LIMIT_50 });
  let gate = first;
  const before = await admit(gate, request, 19);
  gate = await crash(gate);
  const left = (await remaining(gate, request)) ?? 0;
  expect(left).toBeLessThanOrEqual(31);
  expect(left).toBeGreaterThan(31 - 3);
  const after = await admit(gate, request, 100);
  expect(before + after).toBeLessThanOrEqual(50);
  expect(after).toBe(left);
});

test("crash after crash, never more than the limit is admitted", async () => {
  const { gate: first, request } = await gateWith({ ownerLimits: LIMIT_50 });
  let gate = first;
  let admitted = 0;
  for (const asked of [1, 7, 2, 30, 30]) {
    admitted += await admit(gate, request, asked);
    gate = await crash(gate);
  }
  expect(admitted).toBeLessThanOrEqual(50);
  expect(await admit(gate, request, 50)).toBeLessThanOrEqual(50 - admitted);
});

test("a block that a crash left open is closed by itself, so that a second crash costs nothing more", async () => {
  const { gate: first, request } = await gateWith({
    ownerLimits: { burst: { limit: 1000, window: 60 } },
  });
  let gate = first;
  await admit(gate, request, 1);
  gate = await crash(gate);
  expect(await remaining(gate, request)).toBe(950);
  await settle(gate);
  await setClock(gate, Date.now() + 30_000);
  gate = await crash(gate);
  // Counted from the first load, the block leaves a window after it.
  await setClock(gate, Date.now() + 61_000);
  expect(await remaining(gate, request)).toBe(1000);
});

test("slots outlive the object that counts them", async () => {
  const { gate: first, request } = await gateWith({ ownerLimits: { streams: { concurrent: 2 } } });
  let gate = first;
  const take = (id: string): GateRequest & { slot: { id: string; ttlMs: number } } => ({
    ...request,
    policies: ["streams"],
    slot: { id, ttlMs: 15_000 },
  });
  await setClock(gate, NOW);
  for (const id of ["a", "b"]) expect(await gate.admit(take(id))).toMatchObject({ admitted: true });
  gate = await crash(gate);
  await setClock(gate, NOW + 1000);
  expect(await gate.admit(take("c"))).toMatchObject({
    admitted: false,
    denials: [{ kind: "concurrent", name: "streams", waitMs: 15_000 }],
  });
  expect(await gate.renew(take("a"))).toMatchObject({ admitted: true });
  await gate.release("b");
  expect(await gate.admit(take("c"))).toMatchObject({ admitted: true });
  // "a" fell silent, "d" took its place, and "a" is told so when it comes back.
  await setClock(gate, NOW + 15_999);
  expect(await gate.renew(take("c"))).toMatchObject({ admitted: true });
  await setClock(gate, NOW + 16_000);
  expect(await gate.admit(take("d"))).toMatchObject({ admitted: true });
  expect(await gate.renew(take("a"))).toMatchObject({ admitted: false });
});

test("a revoked key loses its slot at the next renewal", async () => {
  const { gate, request, testKey } = await gateWith({});
  const slot = { id: "a", ttlMs: 15_000 };
  await gate.admit({ ...request, policies: ["streams"], slot });
  await gate.revokeKey(testKey.keyId);
  expect(await gate.renew({ ...request, policies: ["streams"], slot })).toEqual({
    refusal: "revoked",
  });
});

test("a refused key counts against nobody's quota", async () => {
  const { gate, request } = await gateWith({ ownerLimits: LIMIT_50 });
  const forged = { ...request.credential, hash: "00".repeat(32) };
  for (let i = 0; i < 10; i++)
    expect(await gate.admit({ ...request, credential: forged })).toEqual({ refusal: "mismatch" });
  expect(await remaining(gate, request)).toBe(50);
});

test("keys and their revocation survive the object", async () => {
  const { gate: first, request, testKey } = await gateWith({});
  let gate = first;
  gate = await crash(gate);
  expect(await gate.peek(request)).toMatchObject({ caller: { ownerId: testKey.ownerId } });
  expect(await gate.revokeKey(testKey.keyId)).toBe(true);
  gate = await crash(gate);
  expect(await gate.peek(request)).toEqual({ refusal: "revoked" });
  expect(await gate.revokeKey("key_of_nobody")).toBe(false);
});

test("a gate belongs to one owner: it takes no key of another", async () => {
  const { gate, request } = await gateWith({});
  const stranger = { ownerId: "usr_of_another", role: "admin", limits: {} } as const;
  const record = keyRecord({ keyId: "key_other", hash: "", scopes: ["*"] });
  expect(await gate.putKey(stranger, record)).toBe(false);
  expect(await gate.peek(request)).toMatchObject({ caller: { role: "user" } });
});

test("the gate of an address forgets itself when everything has left its window", async () => {
  const gate = env.CLIENT_GATE.getByName(addressGateName(uniqueAddress()));
  const request = { policies: ["anonymous", "address-day"], credential: null };
  const stored = (): Promise<number> =>
    runInDurableObject(gate, (_instance, state) => Array.from(state.storage.kv.list()).length);
  await setClock(gate, NOW);
  await gate.admit(request);
  expect(await stored()).toBe(1);
  // A day is not over: it stays, and comes back.
  await setClock(gate, NOW + 86_399_999);
  expect(await runDurableObjectAlarm(gate)).toBe(true);
  expect(await stored()).toBe(1);
  await setClock(gate, NOW + 86_400_000);
  expect(await runDurableObjectAlarm(gate)).toBe(true);
  expect(await stored()).toBe(0);
  expect(await runDurableObjectAlarm(gate)).toBe(false);
  expect(await remaining(gate, request)).toBe(100);
});

test("a gate that was only asked stores nothing", async () => {
  const gate = env.CLIENT_GATE.getByName(ownerGateName("0000000000000000"));
  const credential = { keyId: "key_x", hash: "00".repeat(32) };
  expect(await gate.ping()).toBe(true);
  expect(await gate.admit({ policies: ["burst"], credential })).toEqual({ refusal: "unknown" });
  const entries = await runInDurableObject(gate, (_instance, state) =>
    Array.from(state.storage.kv.list()),
  );
  expect(entries).toEqual([]);
});

test("a gate that holds keys is not forgotten", async () => {
  const { gate, request } = await gateWith({});
  await admit(gate, request, 1);
  await runInDurableObject(gate, (instance: ClientGate) => instance.alarm());
  expect(await gate.peek(request)).toMatchObject({ refusal: null });
});

test("in development the demo key's gate knows it by itself; in production it does not", async () => {
  const { environment, secretKey } = readConfig(env);
  const minted = await mintApiKey({ environment, secretKey, nowMs: NOW });
  const gate = gateOf(minted.ownerId ?? "");
  const request = {
    policies: ["burst"],
    credential: { keyId: minted.keyId, hash: minted.hash },
  };
  const ask = (vars: Record<string, string>, shown = request): Promise<unknown> =>
    runInDurableObject(gate, (_instance, state) =>
      new ClientGate(state, { ...env, ...vars }).admit(shown),
    );
  const demo = { DEMO_API_KEY: minted.key };
  expect(await ask(demo)).toMatchObject({ caller: { ownerId: minted.ownerId, role: "user" } });
  expect(await ask({ ...demo, ENVIRONMENT: "production" })).toEqual({ refusal: "unknown" });
  expect(await ask({ DEMO_API_KEY: "" })).toEqual({ refusal: "unknown" });
  const forged = { ...request, credential: { keyId: minted.keyId, hash: "00".repeat(32) } };
  expect(await ask(demo, forged)).toEqual({ refusal: "mismatch" });
});
