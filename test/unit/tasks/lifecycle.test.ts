import { describe, expect, test } from "vitest";
import {
  buryOrRequeue,
  cancelTask,
  claimTask,
  dueAtMs,
  renewLease,
  settleTask,
} from "#tasks/core/lifecycle";
import type { Settlement } from "#tasks/core/lifecycle";
import { isLegal, isTerminal, TASK_STATUSES, viewOf } from "#tasks/core/state";
import type { TaskRow } from "#tasks/core/state";
import { LEASE_MS, MAX_ATTEMPTS, MAX_DEAD_LETTERS, RETENTION_MS } from "#tasks/core/timing";
import { aQueuedRow, aRunningRow, T0 } from "../../support/tasks";

const claimOf = (messageId: string, delivery = 1) => ({ taskId: "t", messageId, delivery });
const failed = (isRetryable: boolean, retryAfterMs = 0): Settlement => ({
  status: "failed",
  fault: { code: "FETCH_FAILED", params: { host: "a.test" } },
  isRetryable,
  retryAfterMs,
});
const deferred = (notBeforeMs: number): Settlement => ({
  status: "deferred",
  notBeforeMs,
  fault: { code: "SITE_BUSY", params: { host: "a.test" } },
});
const completed: Settlement = {
  status: "completed",
  result: { bytes: 2, chunks: 0, inlineJson: "{}" },
};

function settle(row: TaskRow, settlement: Settlement, nowMs = T0 + 1_000, random = 0.5): TaskRow {
  const settled = settleTask(row, row.fence, settlement, nowMs, random);
  if (!settled.ok) throw new Error(settled.error);
  return settled.value;
}

describe("states", () => {
  test("a terminal state is left by nothing", () => {
    for (const from of TASK_STATUSES.filter(isTerminal))
      for (const to of TASK_STATUSES) expect(isLegal(from, to), `${from} to ${to}`).toBe(false);
  });

  test("only a running task completes or times out", () => {
    const before = (to: "completed" | "timed_out") =>
      TASK_STATUSES.filter((from) => isLegal(from, to));
    expect(before("completed")).toEqual(["running"]);
    expect(before("timed_out")).toEqual(["running"]);
  });
});

describe("a claim", () => {
  test("counts the attempt before anything is run, and holds for one lease", () => {
    const row = aRunningRow();
    expect(row).toMatchObject({ status: "running", attempts: 1, fence: 1, startedAtMs: T0 });
    expect(row.lease).toMatchObject({ untilMs: T0 + LEASE_MS, deadlineMs: T0 + 60_000 });
  });

  // Each line: the row, the claim, when, and what is answered.
  test.each<[string, TaskRow, ReturnType<typeof claimOf>, number, string]>([
    ["another message while the lease holds", aRunningRow(), claimOf("m2"), T0 + 1, "leased"],
    [
      "the same delivery twice while the lease holds",
      aRunningRow(),
      claimOf("m1"),
      T0 + 1,
      "leased",
    ],
    [
      "the same message delivered again: its first invocation died",
      aRunningRow(),
      claimOf("m1", 2),
      T0 + 1,
      "run",
    ],
    ["another message after the lease", aRunningRow(), claimOf("m2"), T0 + LEASE_MS, "run"],
    [
      "a task that completed",
      settle(aRunningRow(), completed),
      claimOf("m1", 2),
      T0 + 2_000,
      "finished",
    ],
    [
      "a task that waits for its next attempt",
      settle(aRunningRow(), failed(true)),
      claimOf("m2"),
      T0 + 1_001,
      "not_due",
    ],
    [
      "a task that nobody took in its time to start",
      aQueuedRow(),
      claimOf("m1"),
      T0 + 24 * 3_600_000,
      "not_due",
    ],
  ])("%s", (_name, row, claim, nowMs, answer) => {
    const decision = claimTask(row, claim, "consumer-2", nowMs);
    expect(decision.verdict === "skip" ? decision.reason : "run").toBe(answer);
  });

  test("a task taken over has a new fence and keeps the lost attempt in its history", () => {
    const decision = claimTask(aRunningRow(), claimOf("m1", 2), "consumer-2", T0 + 500);
    expect(decision).toMatchObject({ verdict: "run", row: { fence: 2, attempts: 2 } });
    expect(decision.row?.history).toMatchObject([
      { attempt: 1, consumerId: "consumer-1", outcome: "lost", code: "WORKER_LOST" },
    ]);
  });

  test("a redelivery finds the last attempt lost and buries the task instead of running it again", () => {
    const row = aRunningRow({ attempts: MAX_ATTEMPTS - 1 });
    const decision = claimTask(row, claimOf("m1", 2), "consumer-2", T0 + 1);
    expect(decision).toMatchObject({ verdict: "skip", reason: "finished" });
    expect(decision.row).toMatchObject({ status: "failed", isDead: true });
  });
});

describe("a heartbeat", () => {
  test("renews the lease and keeps the last progress", () => {
    const first = renewLease(aRunningRow(), 1, '{"page":1}', T0 + 2_000);
    expect(first.verdict).toBe("go");
    expect(first.row.lease?.untilMs).toBe(T0 + 2_000 + LEASE_MS);
    expect(renewLease(first.row, 1, null, T0 + 4_000).row.progressJson).toBe('{"page":1}');
  });

  test("tells a worker whose task was cancelled, given to another or ended", () => {
    const running = aRunningRow();
    const cancelled = cancelTask(running, T0 + 1);
    if (!cancelled.ok) throw new Error("unexpected");
    expect(renewLease(cancelled.value, 1, null, T0 + 2).verdict).toBe("cancel");
    expect(renewLease({ ...running, fence: 2 }, 1, null, T0 + 2).verdict).toBe("lost");
    expect(renewLease(settle(running, completed), 1, null, T0 + 2_000).verdict).toBe("lost");
  });
});

describe("an end", () => {
  test("is accepted once: the second of two workers is superseded", () => {
    const row = aRunningRow();
    const done = settle(row, completed);
    expect(done).toMatchObject({ status: "completed", completedAtMs: T0 + 1_000, lease: null });
    expect(settleTask(done, 1, completed, T0 + 2_000, 0)).toEqual({
      ok: false,
      error: "superseded",
    });
  });

  test("of a worker that lost its lease to another is fenced off", () => {
    const taken = claimTask(aRunningRow(), claimOf("m2"), "consumer-2", T0 + LEASE_MS);
    if (taken.verdict !== "run") throw new Error("unexpected");
    expect(settleTask(taken.row, 1, completed, T0 + LEASE_MS, 0).ok).toBe(false);
    expect(settleTask(taken.row, 2, completed, T0 + LEASE_MS, 0).ok).toBe(true);
  });

  test("by a failure that another attempt can't mend is final at once", () => {
    expect(settle(aRunningRow(), failed(false))).toMatchObject({
      status: "failed",
      isDead: false,
      fault: { code: "FETCH_FAILED" },
    });
  });

  test("is put off by three retries with growing delays, then the task is dead with all its attempts", () => {
    let row = aQueuedRow();
    let nowMs = T0;
    const delays: number[] = [];
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      row = settle(aRunningRow(row, nowMs), failed(true), nowMs, 1);
      delays.push(row.notBeforeMs - nowMs);
      nowMs = Math.max(nowMs, row.notBeforeMs);
    }
    expect(delays.slice(0, -1)).toEqual([1_000, 2_000, 4_000]);
    expect(row).toMatchObject({ status: "failed", isDead: true, attempts: 4 });
    expect(row.history.map((entry) => entry.attempt)).toEqual([1, 2, 3, 4]);
  });

  test("a target's Retry-After is honoured up to a quarter of an hour; one that asks for more ends the task", () => {
    const row = aRunningRow({ timeoutMs: 3_600_000 });
    const asked = (retryAfterMs: number) => settle(row, failed(true, retryAfterMs), T0);
    expect(asked(30_000).notBeforeMs).toBe(T0 + 30_000);
    expect(asked(900_000).notBeforeMs).toBe(T0 + 900_000);
    expect(asked(900_001)).toMatchObject({ status: "failed", fault: { code: "FETCH_FAILED" } });
  });

  test("a deferred task comes back when it may, and no attempt is spent", () => {
    const row = settle(aRunningRow(), deferred(T0 + 7_000));
    expect(row).toMatchObject({
      status: "queued",
      attempts: 0,
      startedAtMs: null,
      notBeforeMs: T0 + 7_000,
      fault: { code: "SITE_BUSY" },
    });
    expect(viewOf(row).notBeforeMs).toBe(T0 + 7_000);
    expect(row.history).toEqual([]);
    // The fence has moved all the same: the worker that gave it back can't settle it any more.
    expect(aRunningRow(row, T0 + 7_000).fence).toBe(2);
  });

  test("a run that overran is timed out and not tried again", () => {
    expect(settle(aRunningRow(), { status: "timed_out" })).toMatchObject({
      status: "timed_out",
      fault: { code: "TASK_TIMED_OUT", params: { timeout: 60 } },
      history: [{ attempt: 1, outcome: "timed_out" }],
    });
  });
});

describe("the time of a task", () => {
  test("is one for all its attempts, counted from the first start", () => {
    const retried = settle(aRunningRow(), failed(true), T0 + 40_000);
    const second = aRunningRow(retried, T0 + 45_000);
    expect(second).toMatchObject({
      attempts: 2,
      startedAtMs: T0,
      lease: { deadlineMs: T0 + 60_000 },
    });
  });

  test("leaves out a retry that could only start after it: the task failed of its last error", () => {
    const row = aRunningRow();
    expect(settle(row, failed(true, 58_999)).status).toBe("queued");
    expect(settle(row, failed(true, 59_000))).toMatchObject({
      status: "failed",
      isDead: true,
      fault: { code: "FETCH_FAILED" },
      history: [{ attempt: 1, outcome: "failed" }],
    });
  });

  test("ends a task that waits for its next attempt, for whoever sees it first", () => {
    const retried = settle(aRunningRow(), failed(true, 50_000));
    expect(dueAtMs({ ...retried, wakeAtMs: T0 + 90_000 })).toBe(T0 + 60_000);
    expect(claimTask(retried, claimOf("m2"), "c", T0 + 59_999).verdict).toBe("run");
    expect(claimTask(retried, claimOf("m2"), "c", T0 + 60_000)).toMatchObject({
      verdict: "skip",
      reason: "finished",
      row: { status: "failed", isDead: true, fault: { code: "FETCH_FAILED" } },
    });
  });

  test("does not run while a task that was never tried waits for its site", () => {
    const row = settle(aRunningRow(), deferred(T0 + 80_000));
    expect(aRunningRow(row, T0 + 80_000).lease?.deadlineMs).toBe(T0 + 140_000);
  });

  test("holds for a site that puts a task off after an attempt was made", () => {
    const second = aRunningRow(settle(aRunningRow(), failed(true)), T0 + 5_000);
    expect(settle(second, deferred(T0 + 59_999))).toMatchObject({ status: "queued", attempts: 1 });
    expect(settle(second, deferred(T0 + 60_000))).toMatchObject({
      status: "failed",
      fault: { code: "SITE_BUSY" },
    });
  });

  test.each([
    [10_000, 40_000],
    [3_600_000, 900_000],
  ])("of %i ms bears a site that asks for %i ms and no more", (timeoutMs, longestMs) => {
    const row = aRunningRow({ timeoutMs });
    expect(settle(row, deferred(T0 + longestMs), T0).status).toBe("queued");
    expect(settle(row, deferred(T0 + longestMs + 1), T0)).toMatchObject({
      status: "failed",
      fault: { code: "SITE_BUSY", params: { host: "a.test" } },
    });
  });
});

test("a task is cancelled before and during its run, and not after", () => {
  for (const row of [aQueuedRow(), aRunningRow()]) {
    const cancelled = cancelTask(row, T0 + 1);
    expect(cancelled).toMatchObject({ ok: true, value: { status: "cancelled", lease: null } });
    if (cancelled.ok)
      expect(cancelTask(cancelled.value, T0 + 2)).toEqual({ ok: false, error: "finished" });
  }
});

test("a wake-up that the queue gave up on is sent again, and after some of them the task fails as undeliverable", () => {
  let row = aQueuedRow();
  for (let i = 1; i < MAX_DEAD_LETTERS; i++) {
    row = buryOrRequeue(row, T0, 0.5);
    expect(row.status).toBe("queued");
    expect(row.wakeAtMs).toBeGreaterThan(T0);
  }
  expect(buryOrRequeue(row, T0, 0.5)).toMatchObject({
    status: "failed",
    isDead: true,
    fault: { code: "TASK_UNDELIVERABLE" },
  });
  const running = aRunningRow();
  expect(buryOrRequeue(running, T0, 0.5)).toBe(running);
});

test("every state has a time at which the sweeper looks at it", () => {
  expect(dueAtMs(aQueuedRow())).toBe(T0 + 5_000);
  expect(dueAtMs(aRunningRow())).toBe(T0 + LEASE_MS);
  expect(dueAtMs(aRunningRow({ timeoutMs: 3_000 }))).toBe(T0 + 3_000 + 5_000);
  expect(dueAtMs(settle(aRunningRow(), completed))).toBe(T0 + 1_000 + RETENTION_MS);
});
