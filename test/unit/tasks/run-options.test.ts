import { describe, expect, test } from "vitest";
import { createRow, dueAtMs, settleTask } from "#tasks/core/lifecycle";
import { applyOptions, checkOptions, splitOptions } from "#tasks/core/run-options";
import { sweepTask } from "#tasks/core/sweep";
import { claimTask } from "#tasks/core/lifecycle";
import type { RunOptions } from "#tasks/core/run-options";
import type { TaskRow } from "#tasks/core/state";
import { MAX_ATTEMPTS, RETENTION_MS, START_WITHIN_MS } from "#tasks/core/timing";
import { aTask, T0 } from "../../support/tasks";

const DAY_S = 24 * 3_600;
const at = (offsetS: number): string => new Date(T0 + offsetS * 1000).toISOString();
const rowOf = (options: RunOptions): TaskRow => createRow(aTask(applyOptions(options, T0)), T0);
const SILENT = { lastClaimAtMs: 0, reachedSentAtMs: 0 };
const sweep = (row: TaskRow, nowMs: number) => sweepTask(row, SILENT, nowMs, 0);
const claim = (row: TaskRow, nowMs: number) =>
  claimTask(row, { taskId: row.id, messageId: "m", delivery: 1 }, "c", nowMs);

test("options that nobody gave are the defaults", () => {
  expect(applyOptions({}, T0)).toEqual({
    priority: "normal",
    notBeforeMs: 0,
    startWithinMs: START_WITHIN_MS,
    maxAttempts: MAX_ATTEMPTS,
    retentionMs: RETENTION_MS,
    callbackUrl: null,
  });
});

test("options are taken out of a body, and nothing else is", () => {
  const body = { kind: "echo", priority: "low" as const, result_ttl: 60 };
  expect(splitOptions(body)).toEqual({
    options: { priority: "low", result_ttl: 60 },
    rest: { kind: "echo" },
  });
});

describe("a time to run at", () => {
  test.each<[RunOptions, number]>([
    [{ delay_seconds: 0 }, 0],
    [{ delay_seconds: 90 }, T0 + 90_000],
    [{ run_at: at(90) }, T0 + 90_000],
    // The same moment in another zone.
    [{ run_at: "2026-01-01T09:01:30+09:00" }, T0 + 90_000],
    [{ run_at: at(-90) }, 0],
    [{ run_at: at(0) }, 0],
  ])("%j", (options, expected) => {
    expect(applyOptions(options, T0).notBeforeMs).toBe(expected);
  });

  test.each<[RunOptions, readonly object[]]>([
    [{ run_at: at(30 * DAY_S) }, []],
    [{ run_at: at(30 * DAY_S + 1) }, [{ field: "run_at", code: "too_far" }]],
    [{ run_at: at(60), delay_seconds: 60 }, [{ field: "run_at", code: "conflict" }]],
    [{ delay_seconds: 60 }, []],
  ])("%j has the faults %j", (options, faults) => {
    expect(checkOptions(options, T0)).toEqual(faults);
  });

  test("is kept by the shard: no wake-up is sent and no worker gets the task before", () => {
    const row = rowOf({ delay_seconds: 90 });
    expect(row).toMatchObject({ status: "queued", sends: 0, notBeforeMs: T0 + 90_000 });
    expect(dueAtMs(row)).toBe(T0 + 90_000);
    expect(claim(row, T0 + 89_999)).toEqual({ verdict: "skip", reason: "not_due" });
    expect(sweep(row, T0 + 89_999).action).toBe("none");
    expect(sweep(row, T0 + 90_000)).toMatchObject({ action: "send", row: { sends: 1 } });
    expect(claim(row, T0 + 90_000).verdict).toBe("run");
  });
});

describe("a time to be taken within", () => {
  test("counts from when the task may run, and ends it as undeliverable", () => {
    const row = rowOf({ delay_seconds: 90, queue_ttl: 10 });
    expect(sweep(row, T0 + 99_999).action).toBe("send");
    expect(sweep(row, T0 + 100_000)).toMatchObject({
      action: "save",
      row: { status: "failed", fault: { code: "TASK_UNDELIVERABLE" } },
    });
    expect(claim(row, T0 + 100_000)).toEqual({ verdict: "skip", reason: "not_due" });
  });

  test("is over once a worker took the task: its retries have the task's own time", () => {
    const first = claim(rowOf({ queue_ttl: 10 }), T0 + 9_000);
    if (first.verdict !== "run") throw new Error("not given out");
    const failed = settleTask(
      first.row,
      1,
      {
        status: "failed",
        fault: { code: "FETCH_FAILED", params: {} },
        isRetryable: true,
        retryAfterMs: 5_000,
      },
      T0 + 9_500,
      0,
    );
    if (!failed.ok) throw new Error("refused");
    expect(dueAtMs(failed.value)).toBe(T0 + 14_500);
    expect(sweep(failed.value, T0 + 14_500).action).toBe("send");
    expect(claim(failed.value, T0 + 14_500).verdict).toBe("run");
  });
});

test("one attempt is one attempt", () => {
  const first = claim(rowOf({ max_attempts: 1 }), T0);
  if (first.verdict !== "run") throw new Error("not given out");
  const fault = { code: "FETCH_FAILED", params: {} } as const;
  const settlement = { status: "failed", fault, isRetryable: true, retryAfterMs: 0 } as const;
  expect(settleTask(first.row, 1, settlement, T0 + 1, 0)).toMatchObject({
    ok: true,
    value: { status: "failed", attempts: 1, isDead: true },
  });
});

test("a result is kept for as long as was asked, counted from the end", () => {
  const first = claim(rowOf({ result_ttl: 60 }), T0);
  if (first.verdict !== "run") throw new Error("not given out");
  const done = settleTask(first.row, 1, { status: "timed_out" }, T0 + 5_000, 0);
  if (!done.ok) throw new Error("refused");
  expect(dueAtMs(done.value)).toBe(T0 + 65_000);
  expect(sweep(done.value, T0 + 64_999).action).toBe("none");
  expect(sweep(done.value, T0 + 65_000).action).toBe("delete");
});
