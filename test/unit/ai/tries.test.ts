import { expect, test } from "vitest";
import { failureOfStatus, garbled, unreachable } from "#ai/core/failure";
import { afterFailure, afterRefusal, nextTry, noTries } from "#ai/core/tries";
import type { TryRules } from "#ai/core/tries";

const RULES: TryRules = { maxTries: 3, budgetMs: 10_000, backoff: { baseMs: 100, capMs: 1_000 } };
const NONE = { isAboutUsage: false, isContextTooLong: false };
const down = unreachable("refused");

test("the first source is asked first, and the next one at once when it fails", () => {
  let tries = noTries(2, 0);
  expect(nextTry(tries, RULES, 0)).toEqual({ kind: "try", source: 0, waitMs: 0 });
  tries = afterFailure(tries, 0, down, RULES, 10, 0);
  expect(nextTry(tries, RULES, 10)).toEqual({ kind: "try", source: 1, waitMs: 0 });
});

test("a source that failed is asked again after a wait that grows, is jittered and has a cap", () => {
  let tries = noTries(1, 0);
  tries = afterFailure(tries, 0, down, RULES, 0, 0);
  expect(nextTry(tries, RULES, 0)).toMatchObject({ waitMs: 50 });
  tries = afterFailure(tries, 0, down, RULES, 50, 0.5);
  expect(nextTry(tries, RULES, 50)).toMatchObject({ waitMs: 150 });
});

test("a source's own Retry-After is kept to, while another source is asked", () => {
  const busy = failureOfStatus(429, NONE, 4_000);
  let tries = afterFailure(noTries(2, 0), 0, busy, RULES, 0, 0);
  expect(nextTry(tries, RULES, 0)).toMatchObject({ source: 1, waitMs: 0 });
  tries = afterFailure(tries, 1, busy, RULES, 5, 0);
  expect(nextTry(tries, RULES, 5)).toEqual({ kind: "try", source: 0, waitMs: 3_995 });
});

test("nobody waits for a source beyond the budget: the caller is told how long it would take", () => {
  const tries = afterFailure(noTries(1, 0), 0, failureOfStatus(503, NONE, 60_000), RULES, 1, 0);
  expect(nextTry(tries, RULES, 1)).toEqual({ kind: "give_up", readyInMs: 60_000 });
});

test("tries are counted over all sources", () => {
  let tries = noTries(2, 0);
  for (const source of [0, 1, 0]) tries = afterFailure(tries, source, down, RULES, 0, 0);
  expect(nextTry(tries, RULES, 5_000)).toMatchObject({ kind: "give_up" });
});

test("a source that will never take the request is left alone, and one that may not be asked costs no try", () => {
  let tries = afterFailure(noTries(2, 0), 0, failureOfStatus(401, NONE, undefined), RULES, 0, 0);
  expect(nextTry(tries, RULES, 0)).toMatchObject({ source: 1 });
  tries = afterRefusal(tries, 1);
  expect(tries.made).toBe(1);
  expect(nextTry(tries, RULES, 0)).toEqual({ kind: "give_up", readyInMs: null });
});

test.each([
  [400, "MODEL_REFUSED", false],
  [401, "MODEL_UNAVAILABLE", false],
  [402, "MODEL_UNAVAILABLE", false],
  [404, "MODEL_NOT_FOUND", false],
  [408, "MODEL_UNAVAILABLE", true],
  [413, "MODEL_REFUSED", false],
  [422, "MODEL_REFUSED", false],
  [429, "MODEL_RATE_LIMITED", true],
  [500, "MODEL_UNAVAILABLE", true],
  [503, "MODEL_UNAVAILABLE", true],
  [529, "MODEL_UNAVAILABLE", true],
  [302, "MODEL_ERROR", true],
])("an upstream's %i is %s", (status, code, isRetryable) => {
  expect(failureOfStatus(status, NONE, undefined)).toMatchObject({ code, isRetryable });
});

test("only what the host did wrong counts against its breaker", () => {
  const counted = [500, 502, 503, 529].map((status) => failureOfStatus(status, NONE, undefined));
  const uncounted = [400, 401, 404, 429].map((status) => failureOfStatus(status, NONE, undefined));
  expect(counted.every(({ isHostFault }) => isHostFault)).toBe(true);
  expect(uncounted.some(({ isHostFault }) => isHostFault)).toBe(false);
});

test("an answer that is too long is not asked for again", () => {
  expect(garbled("too_large").isRetryable).toBe(false);
  expect(garbled("cut").isRetryable).toBe(true);
});
