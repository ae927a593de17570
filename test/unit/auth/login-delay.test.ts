import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  ATTEMPT_MS,
  FIRST_DELAY_MS,
  FORGET_MS,
  LAST_DELAY_MS,
  LoginAttempts,
} from "#auth/core/login-delay";

const START = 1_700_000_000_000;

/** `count` attempts that failed one after the other, each as soon as it was let through. */
function failed(count: number, atMs = START): LoginAttempts {
  const attempts = new LoginAttempts(null, 5);
  for (let i = 0; i < count; i++) attempts.fail(`a${i}`, atMs);
  return attempts;
}

test.each([
  [0, 0],
  [4, 0],
  [5, FIRST_DELAY_MS],
  [6, 2 * FIRST_DELAY_MS],
  [7, 4 * FIRST_DELAY_MS],
  [9, 16 * FIRST_DELAY_MS],
  [10, LAST_DELAY_MS],
  [60, LAST_DELAY_MS],
])("after %i failures the next attempt waits %i ms", (failures, waitMs) => {
  expect(failed(failures).waitMs(START)).toBe(waitMs);
});

test("the delay passes, and then one attempt at a time is let through", () => {
  const attempts = failed(5);
  expect(attempts.begin("x", START + FIRST_DELAY_MS - 1)).toEqual({ kind: "wait", waitMs: 1 });
  expect(attempts.begin("x", START + FIRST_DELAY_MS)).toEqual({ kind: "allowed" });
  expect(attempts.begin("y", START + FIRST_DELAY_MS).kind).toBe("busy");
  attempts.fail("x", START + FIRST_DELAY_MS);
  expect(attempts.begin("y", START + FIRST_DELAY_MS)).toEqual({
    kind: "wait",
    waitMs: 2 * FIRST_DELAY_MS,
  });
});

test("an attempt that nobody settles counts as failed", () => {
  const attempts = failed(4);
  expect(attempts.begin("x", START).kind).toBe("allowed");
  expect(attempts.begin("y", START + ATTEMPT_MS - 1)).toEqual({
    kind: "busy",
    untilMs: START + ATTEMPT_MS,
  });
  expect(attempts.begin("y", START + ATTEMPT_MS).kind).toBe("wait");
});

test("a dropped attempt counts for nothing", () => {
  const attempts = failed(4);
  attempts.begin("x", START);
  attempts.drop("x");
  expect(attempts.begin("y", START).kind).toBe("allowed");
  expect(attempts.toStored(START)).toMatchObject({ failures: 4 });
});

test("a success forgets all failures", () => {
  const attempts = failed(4);
  attempts.begin("x", START);
  attempts.clear("x");
  expect(attempts.toStored(START)).toBeNull();
});

test("failures are forgotten an hour after the last", () => {
  expect(failed(30).waitMs(START + FORGET_MS)).toBe(0);
  expect(failed(30).toStored(START + FORGET_MS)).toBeNull();
  expect(failed(30).toStored(START + FORGET_MS - 1)).not.toBeNull();
});

test("an object that woke anew knows what was stored", () => {
  const stored = failed(6).toStored(START);
  expect(new LoginAttempts(stored, 5).waitMs(START)).toBe(2 * FIRST_DELAY_MS);
});

test("a clock that was set back makes nobody wait longer than the delay", () => {
  expect(failed(5).waitMs(START - 86_400_000)).toBe(FIRST_DELAY_MS);
});

// Whatever comes when and however it ends: within any stretch shorter than the first delay, no more guesses are looked
// at than failures are borne, and one more where a delay ended within it.
test("never more guesses are let through than the threshold, in any order of arrival", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.boolean()), { maxLength: 200 }),
      (steps) => {
        const attempts = new LoginAttempts(null, 5);
        const looked: number[] = [];
        const open: string[] = [];
        let nowMs = START;
        steps.forEach(([stepMs, settlesFirst], i) => {
          nowMs += stepMs;
          const oldest = settlesFirst ? open.shift() : undefined;
          if (oldest !== undefined) attempts.fail(oldest, nowMs);
          if (attempts.begin(`g${i}`, nowMs).kind !== "allowed") return;
          looked.push(nowMs);
          open.push(`g${i}`);
        });
        for (const fromMs of looked) {
          const within = looked.filter(
            (atMs) => atMs >= fromMs && atMs < fromMs + FIRST_DELAY_MS - ATTEMPT_MS,
          );
          expect(within.length).toBeLessThanOrEqual(6);
        }
      },
    ),
  );
});
