import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import type { ClientGate } from "../../../durable-objects/client-gate";
import { api, gateOf } from "../../support/api";
import {
  PATH,
  create,
  databaseOf,
  owner,
  rows,
  setClock,
  statusOf,
  tryKey,
} from "../../support/keys";
import type { Key } from "../../support/keys";

test("a list shows one's own writes at once, also while D1 cannot be reached, page by page", async () => {
  const as = await owner();
  await runInDurableObject(gateOf(as.ownerId), (instance: ClientGate) => {
    vi.spyOn(databaseOf(instance), "batch").mockRejectedValue(new Error("D1 is away"));
  });
  const ids: string[] = [];
  for (const name of ["a", "b", "c"]) ids.unshift((await create(as, { name })).id);
  const seen: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const response: Response = await api(`${PATH}?limit=2${cursor && `&cursor=${cursor}`}`, {
      key: as.key,
    });
    const page: { items: Key[]; next_cursor: string | null } = await response.json();
    seen.push(...page.items.map((key) => key.id));
    cursor = page.next_cursor;
  }
  expect(seen).toEqual([...ids, as.keyId]);
  vi.restoreAllMocks();
});

test("the index catches up when D1 is back, with what was done meanwhile in the audit log", async () => {
  const as = await owner();
  const gate = gateOf(as.ownerId);
  await runInDurableObject(gate, (instance: ClientGate) => {
    vi.spyOn(databaseOf(instance), "batch").mockRejectedValue(new Error("D1 is away"));
  });
  const made = await create(as, { limits: { burst: { limit: 9, window: 60 } } });
  expect(await runDurableObjectAlarm(gate)).toBe(true);
  expect(await rows()).toEqual([]);
  await api(`${PATH}/${made.id}`, { key: as.key, method: "PATCH", json: { name: "renamed" } });
  vi.restoreAllMocks();
  expect(await runDurableObjectAlarm(gate)).toBe(true);
  expect((await rows()).find((row) => row["id"] === made.id)).toMatchObject({
    owner_id: as.ownerId,
    name: "renamed",
    scopes: '["keys:manage","tasks:read"]',
    limits: '{"burst":{"limit":9,"window":60}}',
    prefix: made.key.split("_").slice(0, 3).join("_"),
    revoked_at: null,
    version: 2,
  });
  const { results } = await env.DB.prepare(
    "SELECT actor_id, action, subject_id, details FROM audit ORDER BY id",
  ).all();
  expect(results).toMatchObject([
    { actor_id: as.ownerId, action: "api_key.create", subject_id: made.id },
    { action: "api_key.update", details: `{"changed":["name"],"by_key":"${as.keyId}"}` },
  ]);
  // Nothing is owed any more.
  const owed = await runInDurableObject(gate, (instance: ClientGate) => instance.outbox.read());
  expect(owed).toBeNull();
});

test("a key that changes while the index is being written is written again", async () => {
  const as = await owner();
  const gate = gateOf(as.ownerId);
  const made = await create(as);
  await runInDurableObject(gate, async (instance: ClientGate) => {
    const batch = databaseOf(instance).batch.bind(databaseOf(instance));
    const held = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    vi.spyOn(databaseOf(instance), "batch").mockImplementationOnce(async (statements) => {
      const written = await batch(statements);
      reached.resolve();
      await held.promise;
      return written;
    });
    const settling = instance.settleKeys();
    await reached.promise;
    instance.revokeKey(made.id);
    instance.outbox.add(made.id, null);
    held.resolve();
    await settling;
  });
  vi.restoreAllMocks();
  expect((await rows()).find((row) => row["id"] === made.id)?.["revoked_at"]).not.toBeNull();
});

test("when a key was last used is known to the minute, and written at most once a minute", async () => {
  const as = await owner();
  const gate = gateOf(as.ownerId);
  const made = await create(as);
  const startMs = Date.now() + 1000;
  const lastUsed = async (): Promise<string | null> =>
    (await (await api(`${PATH}/${made.id}`, { key: as.key })).json<Key>()).last_used_at;
  await setClock(as, startMs);
  for (let i = 0; i < 5; i++) await tryKey(made.key);
  expect(await lastUsed()).toBe(new Date(startMs).toISOString());
  await runDurableObjectAlarm(gate);
  await setClock(as, startMs + 59_999);
  await tryKey(made.key);
  expect(await runInDurableObject(gate, (instance: ClientGate) => instance.keys.hasUsed)).toBe(
    false,
  );
  await setClock(as, startMs + 60_000);
  await tryKey(made.key);
  await runDurableObjectAlarm(gate);
  expect((await rows()).find((row) => row["id"] === made.id)?.["last_used_at"]).toBe(
    startMs + 60_000,
  );
});

test("no secret of a key is in the gate's storage, in D1 or in a log line", async () => {
  const lines: string[] = [];
  for (const method of ["log", "warn", "error"] as const)
    vi.spyOn(console, method).mockImplementation((line: unknown) => void lines.push(String(line)));
  const as = await owner();
  const made = await create(as);
  const rotated = await (
    await api(`${PATH}/${made.id}/rotate`, { key: as.key, method: "POST" })
  ).json<Key>();
  for (const key of [made.key, rotated.key]) await tryKey(key);
  await statusOf(api(`${PATH}/${made.id}`, { key: rotated.key, method: "DELETE" }));
  await runDurableObjectAlarm(gateOf(as.ownerId));
  const stored = await runInDurableObject(gateOf(as.ownerId), (_instance, state) =>
    JSON.stringify(Array.from(state.storage.kv.list())),
  );
  const tables = JSON.stringify([
    await rows(),
    (await env.DB.prepare("SELECT * FROM audit").all()).results,
  ]);
  vi.restoreAllMocks();
  expect(lines.length).toBeGreaterThan(4);
  expect(tables).toContain("api_key.rotate");
  for (const { key } of [made, rotated]) {
    const [, , , secret = "", tag = ""] = key.split("_");
    for (const text of [stored, tables, lines.join("\n")]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(tag);
    }
  }
});
