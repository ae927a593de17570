import { expect, test } from "vitest";
import {
  afterCall,
  FULL_BUDGET,
  isRepeatable,
  MAX_REPLAYED_BYTES,
  nextTryMs,
  spend,
} from "#upstreams/core/retry-policy";
import type { Attempted, RetryBudget } from "#upstreams/core/retry-policy";

const LOST: Attempted = {
  outcome: { kind: "lost" },
  tries: 1,
  retries: 2,
  hasOther: false,
  elapsedMs: 0,
  random: 0.5,
};
const status = (code: number, retryAfterMs?: number): Partial<Attempted> => ({
  outcome: { kind: "answered", status: code, retryAfterMs },
});

test.each([
  ["GET", 0, true],
  ["HEAD", 0, true],
  ["PUT", 10, true],
  ["PUT", MAX_REPLAYED_BYTES, true],
  ["PUT", MAX_REPLAYED_BYTES + 1, false],
  ["PUT", null, false],
  ["DELETE", 0, true],
  ["POST", 0, false],
  ["PATCH", 0, false],
  ["get", 0, false],
])("%s with %s bytes may be sent again: %s", (method, bytes, expected) => {
  expect(isRepeatable(method, bytes)).toBe(expected);
});

test.each<[string, Partial<Attempted>, number | null]>([
  ["a lost connection", {}, 38],
  ["no answer in time", { outcome: { kind: "late" } }, 38],
  ["502", status(502), 38],
  ["503", status(503), 38],
  ["504", status(504), 38],
  ["500, which is an answer", status(500), null],
  ["429, which is meant for the caller", status(429), null],
  ["200", status(200), null],
  ["the last try", { tries: 3 }, null],
  ["no retries", { retries: 0 }, null],
  ["a wait that was long already", { elapsedMs: 30_001 }, null],
  ["503 that asks for a second", status(503, 1000), 1000],
  ["503 that asks for less than we would wait anyway", status(503, 1), 38],
  ["503 that asks for longer than anybody is kept waiting", status(503, 2001), null],
  ["503 of one, with another to ask", { ...status(503, 60_000), hasOther: true }, 38],
])("after %s", (_name, change, expected) => {
  expect(nextTryMs({ ...LOST, ...change })).toBe(expected);
});

test("pauses grow, and differ", () => {
  const pause = (tries: number, random: number): number | null =>
    nextTryMs({ ...LOST, retries: 9, tries, random });
  expect([1, 2, 3, 8].map((tries) => pause(tries, 0))).toEqual([25, 50, 100, 500]);
  expect(pause(1, 0.999)).toBe(50);
});

test("where all calls fail, tries again are a fifth of them and a few to begin with", () => {
  let budget: RetryBudget = FULL_BUDGET;
  let retries = 0;
  for (let call = 0; call < 1000; call++) {
    budget = afterCall(budget);
    const next = spend(budget);
    if (next === null) continue;
    budget = next;
    retries++;
  }
  expect(retries).toBeGreaterThanOrEqual(200);
  expect(retries).toBeLessThanOrEqual(210);
});
