import { expect, test } from "vitest";
import { GateClock } from "#limits/core/gate-clock";
import { WindowLog } from "#limits/core/window";

const W = 60_000;

/** A log in which one admission each happened at `times`, under `limit`. */
function logOf(limit: number, times: readonly number[]): WindowLog {
  const log = new WindowLog();
  for (const atMs of times) log.add(limit, W, atMs);
  return log;
}

test.each([
  ["empty", [], 0, 0],
  ["within the window", [0, 10, 20], 20, 3],
  ["a millisecond before the oldest leaves", [0, 10, 20], W - 1, 3],
  ["when the oldest leaves", [0, 10, 20], W, 2],
  ["when two have left", [0, 10, 20], W + 10, 1],
  ["when all have left", [0, 10, 20], W + 20, 0],
] as const)("counts what is in the window: %s", (_name, times, nowMs, used) => {
  expect(logOf(100, times).used(W, nowMs)).toBe(used);
});

test.each([
  ["nothing to wait for below the limit", 3, [0, 10], 20, 0],
  ["the oldest leaving", 3, [0, 10, 20], 30, W - 30],
  ["a whole window where all came at once", 3, [5, 5, 5], 5, W],
  ["a millisecond at the last moment", 3, [0, 10, 20], W - 1, 1],
  ["as many leaving as a lowered limit needs", 1, [0, 10, 20], 30, W + 20 - 30],
] as const)("waits for %s", (_name, limit, times, nowMs, waitMs) => {
  expect(logOf(100, times).waitMs(limit, W, nowMs)).toBe(waitMs);
});

test("a small quota keeps every admission's own time", () => {
  const times = Array.from({ length: 256 }, (_, i) => i);
  const log = logOf(256, times);
  for (const atMs of times) expect(log.used(W, W + atMs)).toBe(255 - atMs);
});

test("a large quota shares times within a 256th of the window, and each leaves with its last", () => {
  const limit = 10_000;
  const log = logOf(limit, [0, 100, 234, 235]);
  expect(log.toStored().entries).toEqual([234, 3, 235, 1]);
  expect(log.used(W, W + 233)).toBe(4);
  expect(log.used(W, W + 234)).toBe(1);
});

test("a log does not outgrow its resolution, whatever the quota and the traffic", () => {
  const log = new WindowLog();
  for (let nowMs = 0; nowMs < 3 * W; nowMs += 7) {
    log.used(W, nowMs);
    log.add(1_000_000, W, nowMs);
  }
  expect(log.toStored().entries.length / 2).toBeLessThanOrEqual(257);
});

test.each([
  [100, 0, 4],
  [1000, 0, 49],
  [1000, 990, 5],
  [1000, 997, 1],
  [1000, 999, 0],
  [1000, 1000, 0],
  [20, 0, 0],
  [1, 0, 0],
])("a block of a quota of %i with %i used reserves %i more", (limit, used, reserved) => {
  const log = logOf(
    limit,
    Array.from({ length: used }, () => 0),
  );
  log.reserve(limit);
  expect(log.reserved).toBe(reserved);
});

test("a block that was open at a crash counts as used from the time of loading", () => {
  const log = logOf(100, [0, 0]);
  log.reserve(100);
  const restored = WindowLog.restore(log.toStored(), 500);
  expect(restored.used(W, 500)).toBe(6);
  expect(restored.reserved).toBe(0);
  expect(restored.used(W, W)).toBe(4);
  expect(restored.used(W, W + 500)).toBe(0);
});

test("what is stored with no block open comes back as it was", () => {
  const stored = logOf(100, [0, 10, 20]).toStored();
  expect(WindowLog.restore(stored, 30).toStored()).toEqual(stored);
});

test("a gate's time stands still for a jump back and goes on from there", () => {
  const clock = new GateClock(null);
  const read = [1000, 1500, 200, 300, 250, 260].map((ms) => clock.read(ms));
  expect(read).toEqual([1000, 1500, 1500, 1600, 1600, 1610]);
  expect(clock.toMachineMs(1610)).toBe(260);
});

test("a gate's time does not go back over a restart", () => {
  const before = new GateClock(null);
  before.read(5000);
  before.read(4000);
  const after = new GateClock(before.toStored());
  expect(after.read(3000)).toBe(5000);
  expect(after.read(3100)).toBe(5100);
  expect(new GateClock(before.toStored()).read(4700)).toBe(5700);
});
