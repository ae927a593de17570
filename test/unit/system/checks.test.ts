import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { checkUp } from "#system/checks";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const hangs = (): Promise<never> => new Promise(() => undefined);
const gate = { getByName: () => ({ ping: () => Promise.resolve(true) }) };

/** Bindings that answer at once, but for those that are given. */
const bindings = (own: object): Env =>
  ({
    DB: { prepare: () => ({ run: () => Promise.resolve({ meta: { size_after: 4096 } }) }) },
    CACHE_KV: { get: () => Promise.resolve(null) },
    TASKS_FAST: { metrics: () => Promise.resolve({}) },
    TASKS_SLOW: { metrics: () => Promise.resolve({}) },
    TASK_SHARD: gate,
    CLIENT_GATE: gate,
    ...own,
  }) as unknown as Env;

test("a part that never answers is given up, and the rest is still told", async () => {
  const checkup = checkUp(bindings({ CACHE_KV: { get: hangs } }), () => 0);
  await vi.advanceTimersByTimeAsync(60_000);
  const { components, databaseBytes } = await checkup;
  expect(components.cache.status).toBe("unhealthy");
  expect(components.database.status).toBe("healthy");
  expect(databaseBytes).toBe(4096);
  expect(vi.getTimerCount()).toBe(0);
});

test("an answer is kept for five seconds and then asked for anew", async () => {
  let asked = 0;
  let nowMs = 1_000;
  const env = bindings({
    CACHE_KV: {
      get: () => {
        asked++;
        return Promise.resolve(null);
      },
    },
  });
  const check = async (): Promise<number> => {
    await checkUp(env, () => nowMs);
    return asked;
  };
  expect(await check()).toBe(1);
  nowMs += 4_999;
  expect(await check()).toBe(1);
  nowMs += 1;
  expect(await check()).toBe(2);
  // A clock that was set back does not freeze the answer.
  nowMs = 0;
  expect(await check()).toBe(3);
});
