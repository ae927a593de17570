import { expect, test } from "vitest";
import { classifyCallFailure, planSlice } from "#tasks/core/wait";
import { Waiters } from "#tasks/core/waiters";
import { viewOf } from "#tasks/core/state";
import type { TaskView } from "#tasks/core/state";
import { aQueuedRow, createManualTimers } from "../../support/tasks";

test.each([
  [0, 0, 0],
  [0, 1, 1],
  [0, 10_000, 10_000],
  [0, 330_000, 10_000],
  [5, 0, 0],
])("at %i a wait until %i goes on in a slice of %i ms", (nowMs, untilMs, sliceMs) => {
  expect(planSlice(nowMs, untilMs)).toBe(sliceMs);
});

test.each([
  [{ durableObjectReset: true }, "again"],
  [{ retryable: true }, "again"],
  [{ retryable: true, overloaded: true }, "overloaded"],
  [{ overloaded: true }, "overloaded"],
  [new Error("Network connection lost."), "again"],
  [new Error("The Durable Object's instance is no longer active"), "again"],
  [new Error("A task never goes from completed to running."), "fatal"],
  [new TypeError("x is not a function"), "fatal"],
  ["text", "fatal"],
  [null, "fatal"],
])("a call that failed with %o is %s", (error, verdict) => {
  expect(classifyCallFailure(error)).toBe(verdict);
});

test("all who wait for a task get its end, and who waits too long gets it as it stands", async () => {
  const timers = createManualTimers();
  const task = viewOf(aQueuedRow());
  const running: TaskView = { ...task, status: "running" };
  const ended: TaskView = { ...task, status: "completed" };
  const waiters = new Waiters(timers.startTimer, () => running);
  const all = [1, 2, 3].map(() => waiters.untilEnd(task, 8_000));
  const short = waiters.untilEnd(task, 1_000);
  await timers.advance(1_000);
  expect(await short).toBe(running);
  waiters.notify(ended);
  expect(await Promise.all(all)).toEqual([ended, ended, ended]);
  expect(timers.pending()).toBe(0);
  // Who comes after the end, or does not want to wait, is answered at once.
  expect(await waiters.untilEnd(ended, 8_000)).toBe(ended);
  expect(await waiters.untilEnd(task, 0)).toBe(task);
});
