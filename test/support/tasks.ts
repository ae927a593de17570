import type { NewTask } from "#tasks/core/lifecycle";
import { claimTask, createRow } from "#tasks/core/lifecycle";
import type { TaskRow } from "#tasks/core/state";
import { MAX_ATTEMPTS, RETENTION_MS, START_WITHIN_MS } from "#tasks/core/timing";
import type { StartTimer } from "#platform/timer";

/** A moment to reckon from: 2026-01-01T00:00:00Z. */
export const T0 = 1_767_225_600_000;

/** A valid new task; a test changes what it is about. */
export const aTask = (changes: Partial<NewTask> = {}): NewTask => ({
  id: "task_01kcm4v7d00003q6zr1w8n5tbe2y9",
  ownerId: "usr_a",
  kind: "echo",
  lane: "fast",
  inputJson: '{"hello":"world"}',
  timeoutMs: 60_000,
  priority: "normal",
  notBeforeMs: 0,
  startWithinMs: START_WITHIN_MS,
  maxAttempts: MAX_ATTEMPTS,
  retentionMs: RETENTION_MS,
  callbackUrl: null,
  traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  idempotency: null,
  ...changes,
});

export const aQueuedRow = (changes: Partial<TaskRow> = {}): TaskRow => ({
  ...createRow(aTask(), T0),
  ...changes,
});

/** A task that `consumer-1` claimed at `atMs`, from the message `m1`, delivered once. */
export function aRunningRow(changes: Partial<TaskRow> = {}, atMs = T0): TaskRow {
  const claim = { taskId: "t", messageId: "m1", delivery: 1 };
  const decision = claimTask(aQueuedRow(changes), claim, "consumer-1", atMs);
  if (decision.verdict !== "run") throw new Error("The row can't be claimed.");
  return decision.row;
}

/** Timers that run when a test says so, in the order of their time. */
export function createManualTimers(startMs = T0): {
  readonly now: () => number;
  readonly startTimer: StartTimer;
  readonly advance: (ms: number) => Promise<void>;
  readonly pending: () => number;
} {
  let nowMs = startMs;
  const timers = new Set<{ readonly atMs: number; readonly onEnd: () => void }>();
  const settle = async (): Promise<void> => {
    // Promises that a timer has resolved run their chains before the next timer.
    for (let i = 0; i < 50; i++) await Promise.resolve();
  };
  return {
    now: () => nowMs,
    startTimer: (delayMs, onEnd) => {
      const timer = { atMs: nowMs + delayMs, onEnd };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settle();
      for (;;) {
        const [next] = [...timers]
          .filter((timer) => timer.atMs <= untilMs)
          .sort((a, b) => a.atMs - b.atMs);
        if (!next) break;
        timers.delete(next);
        nowMs = next.atMs;
        next.onEnd();
        await settle();
      }
      nowMs = untilMs;
    },
    pending: () => timers.size,
  };
}

export const isTaskId = /^task_[0-9a-z]{29}$/;
