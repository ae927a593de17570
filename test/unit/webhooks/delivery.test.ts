import { describe, expect, test } from "vitest";
import {
  claimDelivery,
  createDelivery,
  DELIVERY_LEASE_MS,
  DELIVERY_RETENTION_MS,
  DELIVERY_TIMEOUT_MS,
  returnDelivery,
  settleDelivery,
  sweepDelivery,
} from "#tasks/core/delivery";
import type { DeliveryOutcome, DeliveryRow } from "#tasks/core/delivery";
import { T0 } from "../../support/tasks";

const aDelivery = (): DeliveryRow =>
  createDelivery(
    {
      id: "dlv_1",
      taskId: "task_1",
      ownerId: "usr_a",
      url: "https://receiver.example/hook",
      event: "task.completed",
      body: "{}",
      traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    },
    T0,
  );

const answered = (statusCode: number, retryAfterMs = 0): DeliveryOutcome => ({
  durationMs: 20,
  statusCode,
  code: null,
  retryAfterMs,
});

function claimed(row: DeliveryRow, nowMs: number): DeliveryRow {
  const after = claimDelivery(row, nowMs);
  if (after === null) throw new Error("It can't be claimed.");
  return after;
}

function settled(
  row: DeliveryRow,
  outcome: DeliveryOutcome,
  nowMs: number,
  random = 0,
): DeliveryRow {
  const after = settleDelivery(row, row.attempts, outcome, nowMs, random);
  if (!after.ok) throw new Error(after.error);
  return after.value;
}

/** Fails each attempt at once and takes the next as soon as it is due. */
function pausesOf(random: number): { pauses: number[]; last: DeliveryRow } {
  let row = aDelivery();
  let nowMs = T0;
  const pauses = [row.notBeforeMs - nowMs];
  for (;;) {
    row = settled(claimed(row, nowMs), answered(500), nowMs, random);
    if (row.status !== "pending") return { pauses, last: row };
    pauses.push(row.notBeforeMs - nowMs);
    nowMs = row.notBeforeMs;
  }
}

describe("a receiver that never takes the message", () => {
  test("is tried at 0, 5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h, and then no more", () => {
    const { pauses, last } = pausesOf(0);
    expect(pauses.map((ms) => ms / 1000)).toEqual([
      0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400,
    ]);
    expect(last).toMatchObject({ status: "failed", attempts: 10, lease: null });
    expect(last.history.map((entry) => entry.attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test("is never tried earlier than that, and at most a fifth later", () => {
    const { pauses: earliest } = pausesOf(0);
    const { pauses: latest } = pausesOf(0.999);
    for (const [i, pause] of earliest.entries()) {
      expect(latest[i]).toBeGreaterThanOrEqual(pause);
      expect(latest[i]).toBeLessThanOrEqual(pause * 1.2);
    }
  });
});

describe("an answer", () => {
  test.each([200, 201, 202, 204, 299])("of %i is a delivery, and the end", (status) => {
    const row = settled(claimed(aDelivery(), T0), answered(status), T0 + 20);
    expect(row).toMatchObject({ status: "delivered", endedAtMs: T0 + 20 });
    expect(row.history).toEqual([
      { attempt: 1, startedAtMs: T0, durationMs: 20, statusCode: status, code: null },
    ]);
  });

  test.each([301, 302, 307, 308, 400, 401, 404, 429, 500, 503])(
    "of %i is a failure that is tried again",
    (status) => {
      const row = settled(claimed(aDelivery(), T0), answered(status), T0);
      expect(row).toMatchObject({ status: "pending", notBeforeMs: T0 + 5_000 });
      expect(row.history[0]).toMatchObject({ statusCode: status, code: "TARGET_STATUS" });
    },
  );

  test("of 410 ends it at once", () => {
    expect(settled(claimed(aDelivery(), T0), answered(410), T0).status).toBe("gone");
  });

  test("that asks for a pause gets it where it is longer than ours, up to a day", () => {
    const after = (askedMs: number): number =>
      settled(claimed(aDelivery(), T0), answered(503, askedMs), T0).notBeforeMs - T0;
    expect(after(1_000)).toBe(5_000);
    expect(after(60_000)).toBe(60_000);
    expect(after(1e12)).toBe(86_400_000);
  });

  test("that never came is tried again with its reason on record", () => {
    const outcome = {
      durationMs: 15_000,
      statusCode: null,
      code: "FETCH_TIMED_OUT",
      retryAfterMs: 0,
    };
    const row = settled(claimed(aDelivery(), T0), outcome as DeliveryOutcome, T0);
    expect(row.status).toBe("pending");
    expect(row.history[0]).toMatchObject({ statusCode: null, code: "FETCH_TIMED_OUT" });
  });
});

describe("an attempt", () => {
  test("is made by one sender at a time, and not before it is due", () => {
    const first = claimed(aDelivery(), T0);
    expect(claimDelivery(first, T0 + 1)).toBeNull();
    const waiting = settled(first, answered(500), T0);
    expect(claimDelivery(waiting, T0 + 4_999)).toBeNull();
    expect(claimDelivery(waiting, T0 + 5_000)).toMatchObject({ attempts: 2 });
  });

  test("is not made of what is over", () => {
    const row = settled(claimed(aDelivery(), T0), answered(200), T0);
    expect(claimDelivery(row, T0 + 1e9)).toBeNull();
  });

  test("whose sender fell silent counts, is on record, and is made again", () => {
    const row = claimed(aDelivery(), T0);
    expect(DELIVERY_LEASE_MS).toBeGreaterThan(2 * DELIVERY_TIMEOUT_MS);
    expect(sweepDelivery(row, T0 + DELIVERY_LEASE_MS - 1, 0)).toEqual({ action: "none" });
    const swept = sweepDelivery(row, T0 + DELIVERY_LEASE_MS, 0);
    expect(swept).toMatchObject({
      action: "save",
      row: {
        status: "pending",
        lease: null,
        attempts: 1,
        notBeforeMs: T0 + DELIVERY_LEASE_MS + 5_000,
        history: [{ attempt: 1, statusCode: null, code: "WORKER_LOST" }],
      },
    });
  });

  test("that was given up can't be settled any more, not even by its late sender", () => {
    const first = claimed(aDelivery(), T0);
    const swept = sweepDelivery(first, T0 + DELIVERY_LEASE_MS, 0);
    if (swept.action !== "save") throw new Error(swept.action);
    expect(settleDelivery(swept.row, 1, answered(200), T0, 0).ok).toBe(false);
    const second = claimed(swept.row, swept.row.notBeforeMs);
    expect(settleDelivery(second, 1, answered(200), T0, 0).ok).toBe(false);
    expect(settleDelivery(second, 2, answered(200), T0, 0).ok).toBe(true);
  });

  test("that we could not even begin is not counted", () => {
    const row = returnDelivery(claimed(aDelivery(), T0), T0);
    expect(row).toMatchObject({ attempts: 0, lease: null, history: [] });
    expect(claimDelivery(row, row.notBeforeMs)).toMatchObject({ attempts: 1 });
  });
});

describe("a wake-up", () => {
  test("that nobody followed is sent again, at growing intervals up to ten minutes", () => {
    let row = aDelivery();
    const intervals: number[] = [];
    for (let i = 0; i < 8; i++) {
      const nowMs = row.dueAtMs;
      expect(sweepDelivery(row, nowMs - 1, 0).action).toBe("none");
      const swept = sweepDelivery(row, nowMs, 0);
      if (swept.action !== "send") throw new Error(swept.action);
      intervals.push((swept.row.dueAtMs - nowMs) / 1000);
      row = swept.row;
    }
    expect(intervals).toEqual([60, 120, 240, 480, 600, 600, 600, 600]);
  });
});

test("what is over can be looked at for seven days and is then forgotten", () => {
  const row = settled(claimed(aDelivery(), T0), answered(200), T0);
  expect(sweepDelivery(row, T0 + DELIVERY_RETENTION_MS - 1, 0).action).toBe("none");
  expect(sweepDelivery(row, T0 + DELIVERY_RETENTION_MS, 0).action).toBe("delete");
});
