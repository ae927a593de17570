import { createExecutionContext, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { z } from "@hono/zod-openapi";
import { expect, test } from "vitest";
import { createApp } from "#app";
import { requireScope } from "#auth/guard";
import { defineRoute } from "#http/router";
import { MAX_KEPT } from "#limits/core/replays";
import { idempotent } from "#limits/guard";
import { ApiError } from "#platform/errors";
import type { ClientGate } from "../../../durable-objects/client-gate";
import { createTestKey, gateOf, uniqueAddress } from "../../support/api";
import type { TestKey } from "../../support/api";

const json = (description: string) => ({
  description,
  content: { "application/json": { schema: z.unknown() } },
});
const body = {
  required: true,
  content: { "application/json": { schema: z.strictObject({ n: z.int() }) } },
};
const definition = {
  method: "post" as const,
  summary: "A probe",
  tags: ["probe"],
  request: { body },
  responses: { 201: json("made") },
};
const probeRoute = (path: string, showsSecret: boolean) =>
  defineRoute({
    ...definition,
    path,
    operationId: `probe${path}`,
    access: requireScope("chat"),
    idempotency: idempotent({ showsSecret }),
  });

interface Sent {
  readonly as: TestKey;
  readonly idempotencyKey?: string;
  readonly n?: number | string;
  readonly path?: string;
}

/** The real composition with routes that count how often they ran. `handle` is what they do. */
function createProbe(handle: (run: number) => Promise<void> = async () => {}) {
  let runs = 0;
  const app = createApp();
  for (const [path, showsSecret] of [
    ["/probe/things", false],
    ["/probe/others", false],
    ["/probe/secrets", true],
  ] as const)
    app.openapi(probeRoute(path, showsSecret), async (c) => {
      runs += 1;
      const run = runs;
      await handle(run);
      c.header("Location", `/probe/things/${run}`);
      return c.json({ run, secret: "hunter2" }, 201);
    });
  const send = async (sent: Sent): Promise<Response> => {
    const headers = new Headers({ "Content-Type": "application/json" });
    headers.set("Authorization", `Bearer ${sent.as.key}`);
    if (sent.idempotencyKey !== undefined) headers.set("Idempotency-Key", sent.idempotencyKey);
    const path = sent.path ?? "/probe/things";
    return app.fetch(
      new Request(`http://naru.test${path}`, {
        method: "POST",
        headers,
        body: JSON.stringify({ n: sent.n ?? 1 }),
      }),
      { ...env, LOG_LEVEL: "error" },
      createExecutionContext(),
    );
  };
  return { send, runs: () => runs };
}

const codeOf = async (response: Response): Promise<unknown> =>
  (await response.json<{ code?: unknown }>()).code;

const stored = (key: TestKey): Promise<string> =>
  runInDurableObject(gateOf(key.ownerId), (_instance, state) =>
    JSON.stringify([
      Array.from(state.storage.kv.list()),
      state.storage.sql.exec("SELECT * FROM replays").toArray(),
    ]),
  );

test("the same request with the same key is answered alike, and done once", async () => {
  const { send, runs } = createProbe();
  const as = await createTestKey();
  const first = await send({ as, idempotencyKey: "a" });
  const again = await send({ as, idempotencyKey: '"a"' });
  expect(runs()).toBe(1);
  expect([first.status, again.status]).toEqual([201, 201]);
  expect(first.headers.get("idempotency-replayed")).toBeNull();
  expect(again.headers.get("idempotency-replayed")).toBe("true");
  expect(again.headers.get("location")).toBe(first.headers.get("location"));
  expect(again.headers.get("content-type")).toBe(first.headers.get("content-type"));
  // What says something of this one request is this one's own.
  expect(again.headers.get("x-request-id")).not.toBe(first.headers.get("x-request-id"));
  expect(again.headers.get("ratelimit")).toBeTruthy();
  expect(await again.json()).toEqual(await first.json());
});

test("without the header nothing is kept", async () => {
  const { send, runs } = createProbe();
  const as = await createTestKey();
  for (let i = 0; i < 2; i++) await (await send({ as })).text();
  expect(runs()).toBe(2);
  const tables = await runInDurableObject(gateOf(as.ownerId), (_instance, state) =>
    state.storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'replays'").toArray(),
  );
  expect(tables).toEqual([]);
});

test("of many at once with one key one runs; the others are told that it does", async () => {
  const started = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const { send, runs } = createProbe(() => {
    started.resolve();
    return released.promise;
  });
  const as = await createTestKey();
  const first = send({ as, idempotencyKey: "a" });
  await started.promise;
  const others = await Promise.all(
    Array.from({ length: 20 }, () => send({ as, idempotencyKey: "a" })),
  );
  for (const other of others) {
    expect(other.headers.get("retry-after")).toBe("1");
    expect(await codeOf(other)).toBe("IDEMPOTENCY_IN_PROGRESS");
  }
  released.resolve();
  expect((await first).status).toBe(201);
  expect(runs()).toBe(1);
  const after = await send({ as, idempotencyKey: "a" });
  expect(after.headers.get("idempotency-replayed")).toBe("true");
});

test("a key belongs to one request: another body or another path is refused", async () => {
  const { send, runs } = createProbe();
  const as = await createTestKey();
  await (await send({ as, idempotencyKey: "a" })).text();
  for (const other of [{ n: 2 }, { path: "/probe/others" }]) {
    const response = await send({ as, idempotencyKey: "a", ...other });
    expect([response.status, await codeOf(response)]).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
  }
  expect(runs()).toBe(1);
});

test("keys of two owners have nothing to do with each other", async () => {
  const { send, runs } = createProbe();
  const owners = await Promise.all([createTestKey(), createTestKey()]);
  for (const as of owners)
    expect(
      (await send({ as, idempotencyKey: "a" })).headers.get("idempotency-replayed"),
    ).toBeNull();
  expect(runs()).toBe(2);
});

test("two keys of one owner share its requests", async () => {
  const { send, runs } = createProbe();
  const one = await createTestKey();
  const two = await createTestKey({ ownerId: one.ownerId });
  await (await send({ as: one, idempotencyKey: "a" })).text();
  expect((await send({ as: two, idempotencyKey: "a" })).headers.get("idempotency-replayed")).toBe(
    "true",
  );
  expect(runs()).toBe(1);
});

test("an answer that shows a secret is neither stored nor told again", async () => {
  const { send, runs } = createProbe();
  const as = await createTestKey();
  const path = "/probe/secrets";
  const first = await send({ as, idempotencyKey: "a", path });
  expect(await first.json()).toMatchObject({ secret: "hunter2" });
  const again = await send({ as, idempotencyKey: "a", path });
  expect([again.status, again.headers.get("location")]).toEqual([409, "/probe/things/1"]);
  expect(await codeOf(again)).toBe("IDEMPOTENCY_NOT_REPLAYABLE");
  expect(runs()).toBe(1);
  expect(await stored(as)).not.toContain("hunter2");
});

test("a refusal and a failure free the key", async () => {
  const { send, runs } = createProbe(async (run) => {
    if (run === 1) throw new Error("broken");
    if (run === 2) throw new ApiError("CONFLICT");
  });
  const as = await createTestKey();
  const statuses: number[] = [];
  // Invalid, then broken, then refused, then done, then told again.
  for (const n of ["x", 1, 1, 1, 1]) {
    const response = await send({ as, idempotencyKey: "a", n });
    statuses.push(response.status);
    await response.text();
  }
  expect(statuses).toEqual([422, 500, 409, 201, 201]);
  expect(runs()).toBe(3);
});

test("a request whose isolate died blocks its key for a while only, and cannot settle it afterwards", async () => {
  const as = await createTestKey();
  const gate = gateOf(as.ownerId);
  const claim = { key: "a", fingerprint: "f", token: "lost" };
  let nowMs = 1_800_000_000_000;
  await runInDurableObject(gate, (instance: ClientGate) => {
    instance.clock = () => nowMs;
  });
  expect(await gate.claimReplay(claim)).toEqual({ verdict: "run" });
  nowMs += 119_999;
  expect(await gate.claimReplay({ ...claim, token: "next" })).toEqual({ verdict: "in_progress" });
  nowMs += 1;
  expect(await gate.claimReplay({ ...claim, token: "next" })).toEqual({ verdict: "run" });
  await gate.settleReplay("a", "lost", { status: 201, headers: {}, body: "late" });
  expect(await gate.claimReplay(claim)).toEqual({ verdict: "in_progress" });
  await gate.settleReplay("a", "next", { status: 201, headers: {}, body: "right" });
  expect(await gate.claimReplay(claim)).toMatchObject({ answer: { body: "right" } });
  nowMs += 24 * 3_600_000;
  expect(await gate.claimReplay(claim)).toEqual({ verdict: "run" });
});

test("what is kept expires by alarm, and a stranger's gate is then gone", async () => {
  const gate = env.CLIENT_GATE.getByName(`address:${uniqueAddress()}`);
  let nowMs = 1_800_000_000_000;
  await runInDurableObject(gate, (instance: ClientGate) => {
    instance.clock = () => nowMs;
  });
  await gate.claimReplay({ key: "a", fingerprint: "f", token: "t" });
  await gate.settleReplay("a", "t", { status: 201, headers: {}, body: "{}" });
  nowMs += 24 * 3_600_000;
  expect(await runDurableObjectAlarm(gate)).toBe(true);
  const rows = await runInDurableObject(gate, (_instance, state) =>
    state.storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'replays'").toArray(),
  );
  expect(rows).toEqual([]);
  expect(await gate.claimReplay({ key: "a", fingerprint: "g", token: "t" })).toEqual({
    verdict: "run",
  });
});

test("what one client may have kept is bounded: the oldest answers go first", async () => {
  const as = await createTestKey();
  const gate = gateOf(as.ownerId);
  await gate.claimReplay({ key: "first", fingerprint: "f", token: "t" });
  await gate.settleReplay("first", "t", { status: 201, headers: {}, body: "{}" });
  await runInDurableObject(gate, (_instance, state) => {
    state.storage.sql.exec(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO replays SELECT 'k' || i, 'f', 't', ? + i, '{}' FROM n`,
      MAX_KEPT,
      Date.now() + 86_400_000,
    );
    // As after an eviction: the totals are counted anew.
    state.storage.sql.exec("DELETE FROM replays WHERE key = 'k1'");
  });
  const other = env.CLIENT_GATE.get(gate.id);
  await runInDurableObject(other, (instance: ClientGate) => instance.alarm());
  expect(await gate.claimReplay({ key: "one more", fingerprint: "f", token: "t" })).toEqual({
    verdict: "run",
  });
  const count = await runInDurableObject(
    gate,
    (_instance, state) =>
      state.storage.sql.exec<{ n: number }>("SELECT count(*) AS n FROM replays").one().n,
  );
  expect(count).toBeLessThanOrEqual(MAX_KEPT);
  expect(await gate.claimReplay({ key: "first", fingerprint: "f", token: "t" })).toEqual({
    verdict: "run",
  });
});
