import { createExecutionContext, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { createApp } from "#app";
import { evictAnswer } from "#cache/service";
import { AnswerIndex } from "#cache/storage";
import { storedName } from "#cache/core/key";
import { NO_COUNTS } from "#cache/core/counts";
import { api, createTestKey, gateOf, uniqueAddress } from "../../support/api";

const QUESTION = "Write a Python function that finds prime numbers";
const DAY_MS = 86_400_000;

const chat = (key: string, headers: Readonly<Record<string, string>> = {}) =>
  api("/v1/chat/completions", {
    key,
    headers,
    json: { messages: [{ role: "user", content: QUESTION }] },
  });
async function verdictOf(response: Promise<Response>): Promise<string | null> {
  const answer = await response;
  await answer.text();
  return answer.headers.get("x-cache");
}
const namesKept = async (): Promise<string[]> =>
  (await env.CACHE_KV.list({ prefix: "answer:" })).keys.map(({ name }) => name);
/** 64 digits that differ in their first. */
const keyOf = (at: number): string => at.toString(16).padStart(4, "0").padEnd(64, "0");

/** An index with limits of its own, in the gate of somebody new. */
async function withIndex<T>(
  work: (index: AnswerIndex, at: { ms: number }, reopen: () => AnswerIndex) => T,
): Promise<T> {
  const { ownerId } = await createTestKey();
  return runInDurableObject(gateOf(ownerId), (_gate, { storage }) => {
    const at = { ms: 1_000_000 };
    const open = (): AnswerIndex =>
      new AnswerIndex({
        storage,
        clock: () => at.ms,
        onWrite: () => {},
        ttlMs: 60_000,
        maxSize: 3,
      });
    return work(open(), at, open);
  });
}
const keep = (index: AnswerIndex, key: string): string[] =>
  index.keep(key, storedName(key, index.standing));

test("an answer is told again to its owner, with its age, and to nobody else", async () => {
  const [one, other] = [await createTestKey(), await createTestKey()];
  const first = await chat(one.key);
  const told = await first.json<object>();
  const again = await chat(one.key);
  expect([first.headers.get("x-cache"), again.headers.get("x-cache")]).toEqual(["miss", "hit"]);
  expect(Number(again.headers.get("age"))).toBeGreaterThanOrEqual(0);
  expect(await again.json()).toMatchObject({
    ...told,
    id: expect.any(String),
    created: expect.any(Number),
  });
  expect(await verdictOf(chat(other.key))).toBe("miss");
  const names = await namesKept();
  expect(names).toHaveLength(2);
  for (const name of names) expect(name).not.toContain(QUESTION);
});

test("who names the model that is asked anyway asks the same", async () => {
  const { key } = await createTestKey();
  expect(await verdictOf(chat(key))).toBe("miss");
  const named = api("/v1/chat/completions", {
    key,
    json: { model: "embedded", messages: [{ role: "user", content: QUESTION }] },
  });
  expect(await verdictOf(named)).toBe("hit");
});

test("two keys of one owner share what is kept", async () => {
  const one = await createTestKey();
  const { key } = await createTestKey({ ownerId: one.ownerId });
  expect(await verdictOf(chat(one.key))).toBe("miss");
  expect(await verdictOf(chat(key))).toBe("hit");
});

test("an answer that was voted down is not told again, not even by a run that is still kept", async () => {
  const { key, ownerId } = await createTestKey();
  expect(await verdictOf(chat(key))).toBe("miss");
  const [name = ""] = await namesKept();
  await evictAnswer(env, ownerId, name.split(":").at(-1)?.split(".")[0] ?? "");
  expect(await verdictOf(chat(key))).toBe("miss");
  expect(await verdictOf(chat(key))).toBe("hit");
});

test("what was cleared stays cleared when its gate was evicted from memory", async () => {
  const { key, ownerId } = await createTestKey();
  expect(await verdictOf(chat(key))).toBe("miss");
  const cleared = await api("/api/v1/cache/clear", { key, method: "DELETE" });
  expect(await cleared.json()).toEqual({ status: "success", cleared: 1 });
  await evictDurableObject(gateOf(ownerId));
  expect(await verdictOf(chat(key))).toBe("miss");
});

test("code is asked of the cache too, and says so beside the code", async () => {
  const { key } = await createTestKey();
  const generate = () =>
    api("/api/v1/generate-code", { key, json: { user_question: QUESTION, language: "python" } });
  const [first, again] = [await generate(), await generate()];
  expect([first.headers.get("x-cache"), again.headers.get("x-cache")]).toEqual(["miss", "hit"]);
  const [asked, told] = [
    await first.json<Record<string, unknown>>(),
    await again.json<Record<string, unknown>>(),
  ];
  expect([asked["cached"], told["cached"]]).toEqual([false, true]);
  expect(told["generated_code"]).toBe(asked["generated_code"]);
  const stream = await api("/api/v1/generate-code-streaming", {
    key,
    json: { user_question: QUESTION, language: "python" },
  });
  expect(stream.headers.get("x-cache")).toBe("hit");
  expect(await stream.text()).toContain('"type":"done"');
});

test("a refusal of the model is kept by nobody", async () => {
  const { key } = await createTestKey();
  const ask = () =>
    api("/v1/chat/completions", {
      key,
      json: { messages: [{ role: "user", content: "What will the weather be tomorrow?" }] },
    });
  for (let round = 0; round < 2; round++) {
    const response = await ask();
    expect([response.status, response.headers.get("x-cache")]).toEqual([503, "miss"]);
    expect(response.headers.get("x-should-retry")).toBe("false");
    expect(await response.json()).toMatchObject({ error: { code: "model_required" } });
  }
  expect(await namesKept()).toEqual([]);
});

test("where the store cannot be asked, the model is", async () => {
  const { key } = await createTestKey();
  const away = { get: () => Promise.reject(new Error("KV is away")) };
  const response = await createApp().fetch(
    new Request("http://naru.test/v1/chat/completions", {
      method: "POST",
      headers: {
        Authorization: `Bearer ${key}`,
        "Content-Type": "application/json",
        "CF-Connecting-IP": uniqueAddress(),
      },
      body: JSON.stringify({ messages: [{ role: "user", content: QUESTION }] }),
    }),
    { ...env, CACHE_KV: away },
    createExecutionContext(),
  );
  expect([response.status, response.headers.get("x-cache")]).toEqual([200, "miss"]);
  await response.text();
});

test.each([
  ["another owner's", { owner_id: "usr_somebody" }],
  ["of another form", { version: 2 }],
  ["too old, whatever the store says", { kept_at_ms: 1 }],
])("what the store has under a name is not told where it is %s", async (_what, change) => {
  const { key } = await createTestKey();
  expect(await verdictOf(chat(key))).toBe("miss");
  const [name = ""] = await namesKept();
  const record = await env.CACHE_KV.get<object>(name, "json");
  await env.CACHE_KV.put(name, JSON.stringify({ ...record, ...change, stolen: true }));
  const response = await chat(key, { "Cache-Control": "only-if-cached" });
  expect(response.status).toBe(504);
  expect(await response.json()).toMatchObject({ error: { code: "not_cached" } });
});

test("the oldest answers go where there are too many, and those that are too old are not counted", async () => {
  await withIndex((index, at) => {
    const names = [1, 2, 3].map((n) => storedName(keyOf(n), index.standing));
    for (const n of [1, 2, 3]) {
      at.ms++;
      expect(keep(index, keyOf(n))).toEqual([]);
    }
    at.ms++;
    // Kept anew, the first is the youngest.
    expect(keep(index, keyOf(1))).toEqual([]);
    expect(keep(index, keyOf(4))).toEqual([names[1]]);
    expect(index.report()).toMatchObject({ size: 3, oldestAtMs: 1_000_003 });
    at.ms += 60_000;
    expect(index.report()).toMatchObject({ size: 0, oldestAtMs: null });
  });
});

test("an answer that was evicted or cleared while it was made is not kept", async () => {
  await withIndex((index) => {
    const [evicted, cleared] = [1, 2].map((n) => storedName(keyOf(n), index.standing));
    index.evict(keyOf(1));
    expect(index.keep(keyOf(1), evicted ?? "")).toEqual([evicted]);
    index.clear();
    expect(index.keep(keyOf(2), cleared ?? "")).toEqual([cleared]);
    expect(index.report().size).toBe(0);
  });
});

test("evictions are bounded: one too many clears everything", async () => {
  await withIndex((index, at) => {
    for (let n = 0; n < 64; n++) index.evict(keyOf(n));
    expect(index.standing.generation).toBe(0);
    expect(Object.keys(index.standing.evictions)).toHaveLength(64);
    index.evict(keyOf(64));
    expect(index.standing).toEqual({ generation: 1, evictions: {} });
    for (let n = 0; n < 64; n++) index.evict(keyOf(n));
    // By then nothing is left of what they were about.
    at.ms += 60_000 + 15 * 60_000;
    index.evict(keyOf(64));
    expect(index.standing).toEqual({ generation: 1, evictions: { [keyOf(64).slice(0, 20)]: 129 } });
  });
});

test("counts, what is kept and what was cleared are there for the next instance", async () => {
  await withIndex((index, at, reopen) => {
    index.count({ ...NO_COUNTS, hits: 3, misses: 2 });
    index.count({ ...NO_COUNTS, misses: 1, joined: 1, bypassed: 4 });
    keep(index, keyOf(1));
    index.evict(keyOf(2));
    const counts = { hits: 3, misses: 3, joined: 1, bypassed: 4 };
    expect(index.report()).toMatchObject({ ...counts, size: 1 });
    const next = reopen();
    expect(next.report()).toEqual(index.report());
    expect(next.standing).toEqual(index.standing);
    // A gate that belongs to nobody remembers for longer than anything can be kept.
    expect(next.heldUntilMs()).toBe(at.ms + 31 * DAY_MS);
    at.ms += 31 * DAY_MS;
    expect(next.heldUntilMs()).toBeNull();
  });
});

test("a gate whose owner asks no model stores nothing for it", async () => {
  const { key, ownerId } = await createTestKey();
  await (await api("/api/v1/cache/stats", { key })).text();
  await runInDurableObject(gateOf(ownerId), (_gate, { storage }) => {
    const tables = storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name LIKE 'cache_%'");
    expect(tables.toArray()).toEqual([]);
  });
});
