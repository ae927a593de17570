import type { ErrorCode } from "#platform/errors";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import { backoffMs } from "#platform/retry";
import { isTerminal } from "./state";
import type {
  AttemptRecord,
  Fault,
  KeptResult,
  Lane,
  Priority,
  TaskRow,
  TaskStatus,
} from "./state";
import {
  LEASE_MS,
  MAX_DEAD_LETTERS,
  MAX_DEFER_MS,
  MAX_INLINE_INPUT_CHARS,
  MAX_RETRY_AFTER_MS,
  OVERRUN_GRACE_MS,
  RETRY_BACKOFF,
  resendAfterMs,
  WAIT_MARGIN_S,
} from "./timing";

const UNDELIVERABLE: Fault = { code: "TASK_UNDELIVERABLE", params: {} };

/** What a shard is given to record. */
export interface NewTask {
  readonly id: string;
  readonly ownerId: string;
  readonly kind: string;
  readonly lane: Lane;
  readonly inputJson: string;
  readonly timeoutMs: number;
  readonly priority: Priority;
  /** Not given out earlier, in milliseconds since the epoch; 0 for at once. */
  readonly notBeforeMs: number;
  /** Given up where no worker took it within so long of its time. */
  readonly startWithinMs: number;
  readonly maxAttempts: number;
  readonly retentionMs: number;
  readonly callbackUrl: string | null;
  /** How long its caller waits for its end at most; absent where nobody waits. */
  readonly patienceMs?: number;
  readonly traceparent: string;
  readonly idempotency: { readonly key: string; readonly fingerprint: string } | null;
}

/** A delivered message that asks for its task. */
export interface Claim {
  readonly taskId: string;
  readonly messageId: string;
  /** Counts the deliveries of this message from 1. */
  readonly delivery: number;
  /** How long the claim holds without a heartbeat; LEASE_MS unless told. An outside worker is farther away than a consumer. */
  readonly leaseMs?: number;
}

export type SkipReason = "unknown" | "finished" | "leased" | "not_due" | "at_limit";
export type ClaimDecision =
  | { readonly verdict: "run"; readonly row: TaskRow }
  /** `row` stands where the refusal itself changed the record. */
  | { readonly verdict: "skip"; readonly reason: SkipReason; readonly row?: TaskRow };

/** What a worker reports of a run. */
export type Settlement =
  | { readonly status: "completed"; readonly result: KeptResult }
  | {
      readonly status: "failed";
      readonly fault: Fault;
      readonly isRetryable: boolean;
      readonly retryAfterMs: number;
    }
  | { readonly status: "timed_out" }
  /** The fault says what is waited for: null where it is a worker. */
  | { readonly status: "deferred"; readonly notBeforeMs: number; readonly fault: Fault | null };

/**
 * A new record. One that may run now is queued with its first wake-up counted as sent: a send that fails puts it back. One for later is woken by
 * the sweeper.
 */
export function createRow(task: NewTask, nowMs: number): TaskRow {
  const isLater = task.notBeforeMs > nowMs;
  return {
    id: task.id,
    ownerId: task.ownerId,
    kind: task.kind,
    lane: task.lane,
    status: "queued",
    version: 1,
    attempts: 0,
    maxAttempts: task.maxAttempts,
    fence: 0,
    timeoutMs: task.timeoutMs,
    createdAtMs: nowMs,
    startedAtMs: null,
    completedAtMs: null,
    notBeforeMs: isLater ? task.notBeforeMs : 0,
    startByMs: Math.max(nowMs, task.notBeforeMs) + task.startWithinMs,
    sends: isLater ? 0 : 1,
    sentAtMs: isLater ? 0 : nowMs,
    wakeAtMs: isLater ? task.notBeforeMs : nowMs + resendAfterMs(1),
    deadLetters: 0,
    lease: null,
    fault: null,
    isDead: false,
    history: [],
    progressJson: null,
    traceparent: task.traceparent,
    hasChunkedInput: task.inputJson.length > MAX_INLINE_INPUT_CHARS,
    priority: task.priority,
    callbackUrl: task.callbackUrl,
    retentionMs: task.retentionMs,
    result: null,
  };
}

/** When a task's time is over: `timeout` after its first start, however many attempts that takes. Infinity before it starts. */
export const deadlineOf = (row: TaskRow): number =>
  row.startedAtMs === null ? Infinity : row.startedAtMs + row.timeoutMs;

/** When a task that no worker has taken is given up. One that has started has its deadline instead. */
export const giveUpAtMs = (row: TaskRow): number =>
  row.startedAtMs === null ? row.startByMs : Infinity;

/** When an ended task's record goes. */
export const forgetAtMs = (row: TaskRow): number =>
  (row.completedAtMs ?? row.createdAtMs) + row.retentionMs;

/** When the sweeper has to look at a task next, whatever its state. */
export function dueAtMs(row: TaskRow): number {
  if (row.status === "queued") return Math.min(row.wakeAtMs, giveUpAtMs(row), deadlineOf(row));
  if (row.lease) return Math.min(row.lease.untilMs, row.lease.deadlineMs + OVERRUN_GRACE_MS);
  return forgetAtMs(row);
}

/**
 * Gives a task to a worker, or says why not. A valid lease is respected, with one exception: the same message
 * delivered again means that the queue saw its earlier invocation die, so waiting for the lease would only cost time.
 */
export function claimTask(
  row: TaskRow,
  claim: Claim,
  consumerId: string,
  nowMs: number,
): ClaimDecision {
  if (isTerminal(row.status)) return { verdict: "skip", reason: "finished" };
  let base = row;
  if (row.lease) {
    const isRedelivered =
      row.lease.messageId === claim.messageId && claim.delivery > row.lease.delivery;
    if (row.lease.untilMs > nowMs && !isRedelivered) return { verdict: "skip", reason: "leased" };
    base = loseWorker(row, nowMs, 0);
    // Its attempts or its time are spent: what the sweeper would have found is recorded a little earlier.
    if (isTerminal(base.status)) return { verdict: "skip", reason: "finished", row: base };
  } else if (row.notBeforeMs > nowMs || giveUpAtMs(row) <= nowMs) {
    return { verdict: "skip", reason: "not_due" };
  } else if (deadlineOf(row) <= nowMs) {
    return { verdict: "skip", reason: "finished", row: expire(row, nowMs) };
  }
  const startedAtMs = base.startedAtMs ?? nowMs;
  return {
    verdict: "run",
    row: {
      ...base,
      status: "running",
      version: base.version + 1,
      attempts: base.attempts + 1,
      fence: base.fence + 1,
      startedAtMs,
      fault: null,
      lease: {
        untilMs: nowMs + (claim.leaseMs ?? LEASE_MS),
        ...(claim.leaseMs === undefined ? {} : { lengthMs: claim.leaseMs }),
        deadlineMs: startedAtMs + base.timeoutMs,
        claimedAtMs: nowMs,
        consumerId,
        messageId: claim.messageId,
        delivery: claim.delivery,
      },
    },
  };
}

export type HeartbeatVerdict = "go" | "cancel" | "lost";

/** Renews a lease. `cancel` and `lost` both tell the worker to stop; the first says that a caller asked for it. */
export function renewLease(
  row: TaskRow,
  fence: number,
  progressJson: string | null,
  nowMs: number,
): { readonly verdict: HeartbeatVerdict; readonly row: TaskRow } {
  if (row.status === "cancelled") return { verdict: "cancel", row };
  if (!row.lease || row.fence !== fence) return { verdict: "lost", row };
  return {
    verdict: "go",
    row: {
      ...row,
      lease: { ...row.lease, untilMs: nowMs + (row.lease.lengthMs ?? LEASE_MS) },
      progressJson: progressJson ?? row.progressJson,
    },
  };
}

/** Records what became of a run, or refuses it from a worker that lost the task: `superseded`. */
export function settleTask(
  row: TaskRow,
  fence: number,
  settlement: Settlement,
  nowMs: number,
  random: number,
): Result<TaskRow, "superseded"> {
  if (!row.lease || row.fence !== fence) return err("superseded");
  if (settlement.status === "completed")
    return ok({ ...finish(row, "completed", null, nowMs), result: settlement.result });
  if (settlement.status === "timed_out") return ok(overrun(row, nowMs));
  if (settlement.status === "deferred") return ok(defer(row, settlement, nowMs));
  if (!settlement.isRetryable) return ok(finish(row, "failed", settlement.fault, nowMs));
  const delayMs = Math.max(backoffMs(RETRY_BACKOFF, row.attempts, random), settlement.retryAfterMs);
  return ok(retryOrBury(row, "failed", settlement.fault, nowMs, delayMs));
}

/** Nothing was tried, so nothing is spent; a task that was never tried has not started, and its time does not run. */
function defer(
  row: TaskRow,
  { notBeforeMs, fault }: Extract<Settlement, { readonly status: "deferred" }>,
  nowMs: number,
): TaskRow {
  const atMs = Math.max(notBeforeMs, nowMs);
  const startedAtMs = row.attempts > 1 ? row.startedAtMs : null;
  // Nobody waits for longer than this by default: better to hear of it now than to time out in silence.
  const patienceMs = Math.min(MAX_DEFER_MS, row.timeoutMs + WAIT_MARGIN_S * 1000);
  if (atMs - nowMs > patienceMs || atMs >= deadlineOf({ ...row, startedAtMs }))
    return finish(row, "failed", fault ?? UNDELIVERABLE, nowMs);
  return { ...requeue(row, atMs), attempts: row.attempts - 1, startedAtMs, fault };
}

/** Ends a task at its owner's wish. The worker that runs it learns at its next heartbeat, and its result is fenced off. */
export const cancelTask = (row: TaskRow, nowMs: number): Result<TaskRow, "finished"> =>
  isTerminal(row.status)
    ? err("finished")
    : ok(finish(row, "cancelled", { code: "TASK_CANCELLED", params: {} }, nowMs));

/** What follows when the queue itself gave up on delivering a task's wake-up. */
export function buryOrRequeue(row: TaskRow, nowMs: number, random: number): TaskRow {
  // Someone is at work or was: the lost wake-up no longer matters.
  if (row.status !== "queued") return row;
  const deadLetters = row.deadLetters + 1;
  if (deadLetters >= MAX_DEAD_LETTERS) return { ...giveUp(row, nowMs), deadLetters };
  return { ...row, deadLetters, wakeAtMs: nowMs + backoffMs(RETRY_BACKOFF, deadLetters, random) };
}

/** A queued task that no worker took in time. */
export const giveUp = (row: TaskRow, nowMs: number): TaskRow => ({
  ...finish(row, "failed", UNDELIVERABLE, nowMs),
  isDead: true,
});

/** A task whose time ran out between two attempts: what the last one failed of is what became of it. */
export const expire = (row: TaskRow, nowMs: number): TaskRow => ({
  ...finish(row, "failed", row.fault ?? UNDELIVERABLE, nowMs),
  isDead: true,
});

/** A run that used up its time. */
export const overrun = (row: TaskRow, nowMs: number): TaskRow =>
  finish(
    row,
    "timed_out",
    { code: "TASK_TIMED_OUT", params: { timeout: row.timeoutMs / 1000 } },
    nowMs,
  );

/** A run whose worker stopped giving signs of life: tried again, or ended when its attempts or its time are spent. */
export const loseWorker = (row: TaskRow, nowMs: number, random: number): TaskRow =>
  deadlineOf(row) <= nowMs
    ? overrun(row, nowMs)
    : retryOrBury(
        row,
        "lost",
        { code: "WORKER_LOST", params: {} },
        nowMs,
        backoffMs(RETRY_BACKOFF, row.attempts, random),
      );

function retryOrBury(
  row: TaskRow,
  outcome: "failed" | "lost",
  fault: Fault,
  nowMs: number,
  delayMs: number,
): TaskRow {
  const isTooLate = nowMs + delayMs >= deadlineOf(row) || delayMs > MAX_RETRY_AFTER_MS;
  if (row.attempts >= row.maxAttempts || isTooLate)
    return { ...finish(row, "failed", fault, nowMs, outcome), isDead: true };
  return {
    ...requeue(row, nowMs + delayMs),
    fault,
    history: withAttempt(row, outcome, fault.code, nowMs),
  };
}

/** Back in the queue. The wake-up is sent when the task is due, by the sweeper. */
const requeue = (row: TaskRow, notBeforeMs: number): TaskRow => ({
  ...row,
  status: "queued",
  version: row.version + 1,
  lease: null,
  notBeforeMs,
  wakeAtMs: notBeforeMs,
  sends: 0,
});

function finish(
  row: TaskRow,
  status: Exclude<TaskStatus, "queued" | "running">,
  fault: Fault | null,
  nowMs: number,
  outcome: AttemptRecord["outcome"] = status,
): TaskRow {
  return {
    ...row,
    status,
    version: row.version + 1,
    completedAtMs: nowMs,
    lease: null,
    fault,
    history: withAttempt(row, outcome, fault?.code ?? null, nowMs),
  };
}

/** The history with the attempt that ends here; a task that was not running has none to add. */
function withAttempt(
  row: TaskRow,
  outcome: AttemptRecord["outcome"],
  code: ErrorCode | null,
  nowMs: number,
): readonly AttemptRecord[] {
  if (!row.lease) return row.history;
  const { consumerId, claimedAtMs } = row.lease;
  const record = { attempt: row.attempts, consumerId, startedAtMs: claimedAtMs };
  return [...row.history, { ...record, endedAtMs: nowMs, outcome, code }];
}
