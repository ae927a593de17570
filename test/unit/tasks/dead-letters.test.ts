import { describe, expect, test } from "vitest";
import { buryTask, isDeadLetter, isReplay, replayTask } from "#tasks/core/dead-letters";
import { cancelTask, claimTask, giveUp, loseWorker, settleTask } from "#tasks/core/lifecycle";
import type { TaskRow } from "#tasks/core/state";
import { aQueuedRow, aRunningRow, T0 } from "../../support/tasks";

const FAULT = { code: "FETCH_FAILED", params: {} } as const;
const settled = (row: TaskRow, isRetryable: boolean): TaskRow => {
  const failed = { status: "failed", fault: FAULT, isRetryable, retryAfterMs: 0 } as const;
  const result = settleTask(row, row.fence, failed, T0 + 1_000, 0);
  if (!result.ok) throw new Error("refused");
  return result.value;
};
const cancelled = (row: TaskRow): TaskRow => {
  const result = cancelTask(row, T0);
  if (!result.ok) throw new Error("refused");
  return result.value;
};
const LAST = aRunningRow({ attempts: 3, maxAttempts: 4 });

describe("a dead letter is", () => {
  test.each<[string, TaskRow, boolean]>([
    ["a task whose last attempt failed", settled(LAST, true), true],
    ["a task whose last worker was lost", loseWorker(LAST, T0 + 20_000, 0), true],
    ["a task that no worker took", giveUp(aQueuedRow(), T0), true],
    ["no task that another attempt could not help", settled(LAST, false), false],
    ["no task that is tried again", settled(aRunningRow(), true), false],
    ["no cancelled task", cancelled(aQueuedRow()), false],
    ["no running task", aRunningRow(), false],
  ])("%s", (_name, row, expected) => {
    expect(isDeadLetter(row)).toBe(expected);
    expect(replayTask(row, T0).ok).toBe(expected);
    expect(buryTask(row).ok).toBe(expected);
  });
});

describe("a replayed task", () => {
  const dead = settled(LAST, true);
  const replayed = replayTask(dead, T0 + 60_000);
  if (!replayed.ok) throw new Error("refused");
  const { value: again } = replayed;

  test("is queued anew with all of its attempts and all of its time", () => {
    expect(again).toMatchObject({
      status: "queued",
      attempts: 0,
      maxAttempts: 4,
      startedAtMs: null,
      completedAtMs: null,
      fault: null,
      isDead: false,
      deadLetters: 0,
    });
    expect(again.version).toBeGreaterThan(dead.version);
    expect(again.startByMs).toBeGreaterThan(T0 + 60_000);
    expect(isReplay(dead, again)).toBe(true);
  });

  test("keeps the attempts of its earlier life on record, and the newest of very many", () => {
    expect(again.history).toEqual(dead.history);
    const [record] = dead.history;
    if (!record) throw new Error("no attempt on record");
    const long = replayTask({ ...dead, history: Array.from({ length: 300 }, () => record) }, T0);
    expect(long.ok && long.value.history).toHaveLength(100);
  });

  test("is fenced off from whoever ran it before", () => {
    const claim = { taskId: dead.id, messageId: "m9", delivery: 1 };
    const decision = claimTask(again, claim, "consumer-2", T0 + 61_000);
    if (decision.verdict !== "run") throw new Error("not given out");
    expect(decision.row).toMatchObject({ attempts: 1, startedAtMs: T0 + 61_000 });
    const late = { status: "completed", result: { bytes: 1, chunks: 0, inlineJson: "1" } } as const;
    expect(settleTask(decision.row, dead.fence, late, T0 + 62_000, 0)).toEqual({
      ok: false,
      error: "superseded",
    });
  });
});

test("no other way leads back from an end", () => {
  const failed = settled(aRunningRow(), false);
  expect(isReplay(failed, { ...failed, status: "queued" })).toBe(false);
  const dead = settled(LAST, true);
  expect(isReplay(dead, { ...dead, status: "running", isDead: false })).toBe(false);
  const buried = buryTask(dead);
  expect(buried.ok && replayTask(buried.value, T0).ok).toBe(false);
});
