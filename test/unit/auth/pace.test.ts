import { expect, test } from "vitest";
import { Pace } from "#auth/core/pace";

const together = (pace: Pace, nowMs: number, count: number): number[] =>
  Array.from({ length: count }, () => pace.reserve(nowMs));

test("of a crowd a few begin at once and the others one by one, a gap apart", () => {
  expect(together(new Pace(75, 2), 1000, 6)).toEqual([0, 0, 75, 150, 225, 300]);
});

test("who comes alone never waits, also at the pace itself", () => {
  const pace = new Pace(75, 2);
  expect([0, 75, 150, 225, 10_000].map((nowMs) => pace.reserve(nowMs))).toEqual([0, 0, 0, 0, 0]);
});

test("a crowd that has passed leaves nothing behind, and a rest earns no larger burst", () => {
  const pace = new Pace(75, 2);
  together(pace, 0, 10);
  expect(together(pace, 60_000, 4)).toEqual([0, 0, 75, 150]);
});
