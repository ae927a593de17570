import { expect, test } from "vitest";
import { KEEP_ALIVE_MS, MIN_ALARM_MS, nextWakeMs } from "#ai/core/wake";

const NOW = 1_800_000_000_000;

test.each([
  ["nothing runs and nothing is due: never", false, null, null],
  ["a run is under way: before the object could be evicted", true, null, NOW + KEEP_ALIVE_MS],
  ["something is due: then", false, NOW + 60_000, NOW + 60_000],
  ["a run and something later: for the run", true, NOW + 60_000, NOW + KEEP_ALIVE_MS],
  ["a run and something sooner: for what is due", true, NOW + 1_000, NOW + 1_000],
  ["something is long overdue: soon, yet not at once", false, NOW - 60_000, NOW + MIN_ALARM_MS],
  ["something is due since the epoch: soon, yet not at once", false, 0, NOW + MIN_ALARM_MS],
  ["something is due this moment: soon, yet not at once", true, NOW, NOW + MIN_ALARM_MS],
])("%s", (_name, isRunning, dueAtMs, expected) => {
  expect(nextWakeMs(NOW, isRunning, dueAtMs)).toBe(expected);
});

test("a run is looked after before an idle object is evicted", () => {
  // The platform's "some ten seconds" without a connection.
  expect(KEEP_ALIVE_MS).toBeLessThan(10_000);
});
