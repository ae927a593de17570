import { describe, expect, test } from "vitest";
import { settleTask } from "#tasks/core/lifecycle";
import { sweepTask } from "#tasks/core/sweep";
import type { LaneProgress } from "#tasks/core/sweep";
import type { TaskRow } from "#tasks/core/state";
import { LEASE_MS, MAX_ATTEMPTS, resendAfterMs, RETENTION_MS } from "#tasks/core/timing";
import { aQueuedRow, aRunningRow, T0 } from "../../support/tasks";

const SILENT: LaneProgress = { lastClaimAtMs: 0, reachedSentAtMs: 0 };
const sweep = (row: TaskRow, nowMs: number, lane = SILENT) => sweepTask(row, lane, nowMs, 0.5);

describe("a queued task", () => {
  test("whose wake-up led to no claim is sent again, at intervals from 5 s to 60 s", () => {
    expect([1, 2, 3, 4, 5, 6, 20].map(resendAfterMs)).toEqual([
      5_000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000,
    ]);
    expect(sweep(aQueuedRow(), T0 + 4_999).action).toBe("none");
    const first = sweep(aQueuedRow(), T0 + 5_000);
    expect(first).toMatchObject({
      action: "send",
      row: { sends: 2, sentAtMs: T0 + 5_000, wakeAtMs: T0 + 15_000 },
    });
  });

  test("is not sent again while its lane's consumers work and have not come to it", () => {
    const row = aQueuedRow();
    const behind = { lastClaimAtMs: T0 + 4_900, reachedSentAtMs: T0 - 60_000 };
    expect(sweep(row, T0 + 5_000, behind)).toMatchObject({
      action: "save",
      row: { sends: 1, wakeAtMs: T0 + 10_000 },
    });
    const passed = { lastClaimAtMs: T0 + 4_900, reachedSentAtMs: T0 + 1 };
    expect(sweep(row, T0 + 5_000, passed).action).toBe("send");
    const stopped = { lastClaimAtMs: T0 - 10_000, reachedSentAtMs: T0 - 60_000 };
    expect(sweep(row, T0 + 5_000, stopped).action).toBe("send");
  });

  test("that waits for its next attempt is sent when it may run, whatever its lane does", () => {
    const row = aQueuedRow({ sends: 0, notBeforeMs: T0 + 3_000, wakeAtMs: T0 + 3_000 });
    const busy = { lastClaimAtMs: T0 + 2_999, reachedSentAtMs: 0 };
    expect(sweep(row, T0 + 3_000, busy)).toMatchObject({ action: "send", row: { sends: 1 } });
  });

  test("whose time ends before its next attempt failed of what the last one did", () => {
    const row = aQueuedRow({
      startedAtMs: T0,
      attempts: 1,
      notBeforeMs: T0 + 50_000,
      wakeAtMs: T0 + 90_000,
      fault: { code: "FETCH_FAILED", params: {} },
    });
    expect(sweep(row, T0 + 59_999).action).toBe("none");
    expect(sweep(row, T0 + 60_000)).toMatchObject({
      action: "save",
      row: { status: "failed", fault: { code: "FETCH_FAILED" } },
    });
  });

  test("that nobody took in a day fails as undeliverable", () => {
    expect(sweep(aQueuedRow(), T0 + 24 * 3_600_000)).toMatchObject({
      action: "save",
      row: { status: "failed", isDead: true, fault: { code: "TASK_UNDELIVERABLE" } },
    });
  });
});

describe("a running task", () => {
  test("whose worker fell silent is queued again, with a delay", () => {
    expect(sweep(aRunningRow(), T0 + LEASE_MS - 1).action).toBe("none");
    const swept = sweep(aRunningRow(), T0 + LEASE_MS);
    expect(swept).toMatchObject({
      action: "save",
      row: { status: "queued", lease: null, fault: { code: "WORKER_LOST" } },
    });
    if (swept.action === "save") expect(swept.row.wakeAtMs).toBeGreaterThan(T0 + LEASE_MS);
  });

  test("whose every worker fell silent is dead", () => {
    expect(sweep(aRunningRow({ attempts: MAX_ATTEMPTS - 1 }), T0 + LEASE_MS)).toMatchObject({
      action: "save",
      row: { status: "failed", isDead: true, fault: { code: "WORKER_LOST" } },
    });
  });

  test("whose worker lives and does not end it is timed out a little after its deadline", () => {
    const row = aRunningRow({ timeoutMs: 20_000 });
    const alive = row.lease && { ...row, lease: { ...row.lease, untilMs: T0 + 20_000 + LEASE_MS } };
    if (!alive) throw new Error("unexpected");
    expect(sweep(alive, T0 + 24_999).action).toBe("none");
    expect(sweep(alive, T0 + 25_000)).toMatchObject({
      action: "save",
      row: { status: "timed_out" },
    });
  });

  test("whose worker died early gets another one while its time lasts, and no longer", () => {
    const row = aRunningRow({ timeoutMs: 20_000 });
    expect(sweep(row, T0 + LEASE_MS)).toMatchObject({ action: "save", row: { status: "queued" } });
    expect(sweep(row, T0 + 20_000)).toMatchObject({ action: "save", row: { status: "timed_out" } });
  });
});

test("a task that ended is kept for its retention, then forgotten", () => {
  const done = settleTask(aRunningRow(), 1, { status: "timed_out" }, T0 + 1, 0);
  if (!done.ok) throw new Error("unexpected");
  expect(sweep(done.value, T0 + RETENTION_MS).action).toBe("none");
  expect(sweep(done.value, T0 + 1 + RETENTION_MS).action).toBe("delete");
});
