import type { ErrorCode } from "#platform/errors";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";

/**
 * The rules of a webhook's delivery: when it is tried, what an answer means, when it is over. At least once: an attempt whose outcome is
 * unknown is made again under the same id, by which a receiver recognises it.
 */
export const DELIVERY_STATUSES = ["pending", "delivered", "failed", "gone"] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

export interface DeliveryAttempt {
  readonly attempt: number;
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** Null where no answer came. */
  readonly statusCode: number | null;
  /** Why it did not count as delivered; null where it did. */
  readonly code: ErrorCode | null;
}

export interface DeliveryLease {
  readonly untilMs: number;
  readonly claimedAtMs: number;
}

/** One message to one address. */
export interface DeliveryRow {
  /** What the receiver sees as `webhook-id`, the same at every attempt. */
  readonly id: string;
  readonly taskId: string;
  readonly ownerId: string;
  readonly url: string;
  /** Such as `task.completed`. */
  readonly event: string;
  /** Exactly the text that is sent, the same at every attempt. */
  readonly body: string;
  readonly traceparent: string;
  readonly status: DeliveryStatus;
  /** Counted when one begins, so that one that takes its sender down counts too. */
  readonly attempts: number;
  readonly lease: DeliveryLease | null;
  /** The next attempt is not made earlier. */
  readonly notBeforeMs: number;
  /** Wake-ups sent since the attempt fell due. */
  readonly sends: number;
  /** When the clock has to look at it again. */
  readonly dueAtMs: number;
  readonly createdAtMs: number;
  readonly endedAtMs: number | null;
  readonly history: readonly DeliveryAttempt[];
}

/** What became of an attempt. */
export interface DeliveryOutcome {
  readonly durationMs: number;
  /** Null where no answer came; then `code` says why. */
  readonly statusCode: number | null;
  readonly code: ErrorCode | null;
  /** What the receiver asked for in Retry-After; 0 where it asked for nothing. */
  readonly retryAfterMs: number;
}

/** What an attempt is counted as: an answer that is no success is the receiver's doing, no answer may be anybody's. */
export function countedAs({ statusCode }: DeliveryOutcome): "delivered" | "refused" | "failed" {
  if (statusCode === null) return "failed";
  return statusCode >= 200 && statusCode < 300 ? "delivered" : "refused";
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The pauses before each attempt, as the Standard Webhooks specification recommends them: over three days in all. */
export const DELIVERY_PAUSES_MS: readonly number[] = [
  0,
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];
/** A receiver's own Retry-After is honoured up to here. */
export const MAX_DELIVERY_PAUSE_MS = 24 * HOUR;
/** How much longer a pause may be, as a part of it: what failed together does not come back together. */
const JITTER = 0.2;

/** The specification's 15 to 30 s, at its lower end: a receiver that works longer should answer first. */
export const DELIVERY_TIMEOUT_MS = 15 * SECOND;
/** How long an attempt holds without word of it: its time-out, a slow name server, and the way back. */
export const DELIVERY_LEASE_MS = 45 * SECOND;
/** A wake-up with no attempt after it counts as lost; the interval doubles up to the cap. */
const RESEND_BASE_MS = 30 * SECOND;
const RESEND_CAP_MS = 10 * MINUTE;
/** An ended delivery can be looked at for so long. */
export const DELIVERY_RETENTION_MS = 7 * 24 * HOUR;

export type NewDelivery = Pick<
  DeliveryRow,
  "id" | "taskId" | "ownerId" | "url" | "event" | "body" | "traceparent"
>;

/** A new delivery, its first wake-up counted as sent. */
export const createDelivery = (delivery: NewDelivery, nowMs: number): DeliveryRow => ({
  ...delivery,
  status: "pending",
  attempts: 0,
  lease: null,
  notBeforeMs: nowMs,
  sends: 1,
  dueAtMs: nowMs + resendAfterMs(1),
  createdAtMs: nowMs,
  endedAtMs: null,
  history: [],
});

/** Begins an attempt; null where none is due, or somebody is at it. */
export function claimDelivery(row: DeliveryRow, nowMs: number): DeliveryRow | null {
  if (row.status !== "pending" || row.notBeforeMs > nowMs) return null;
  // A lease that ran out is the sweeper's: it books the lost attempt first.
  if (row.lease !== null) return null;
  return {
    ...row,
    attempts: row.attempts + 1,
    lease: { untilMs: nowMs + DELIVERY_LEASE_MS, claimedAtMs: nowMs },
    dueAtMs: nowMs + DELIVERY_LEASE_MS,
  };
}

/** An attempt that could not begin for reasons of ours, such as a database that did not answer: it is not counted. */
export const returnDelivery = (row: DeliveryRow, nowMs: number): DeliveryRow => ({
  ...row,
  attempts: row.attempts - 1,
  lease: null,
  sends: 0,
  notBeforeMs: nowMs + RESEND_BASE_MS,
  dueAtMs: nowMs + RESEND_BASE_MS,
});

/**
 * Books what became of attempt number `attempt`. Only 2xx is delivered: a redirect is a failure, since following it would hand a signed
 * message to an address that nobody named. 410 ends the delivery, as the specification says. `superseded` where the attempt
 * was given up meanwhile.
 */
export function settleDelivery(
  row: DeliveryRow,
  attempt: number,
  outcome: DeliveryOutcome,
  nowMs: number,
  random: number,
): Result<DeliveryRow, "superseded"> {
  if (row.lease === null || row.attempts !== attempt) return err("superseded");
  const { statusCode, durationMs } = outcome;
  const isDelivered = statusCode !== null && statusCode >= 200 && statusCode < 300;
  const code = isDelivered ? null : (outcome.code ?? "TARGET_STATUS");
  const startedAtMs = row.lease.claimedAtMs;
  const booked: DeliveryRow = {
    ...row,
    lease: null,
    history: [...row.history, { attempt, startedAtMs, durationMs, statusCode, code }],
  };
  if (isDelivered) return ok(end(booked, "delivered", nowMs));
  if (statusCode === 410) return ok(end(booked, "gone", nowMs));
  return ok(retryOrFail(booked, outcome.retryAfterMs, nowMs, random));
}

export type DeliverySweep =
  | { readonly action: "save"; readonly row: DeliveryRow }
  /** Keep the new row and wake a sender. */
  | { readonly action: "send"; readonly row: DeliveryRow }
  | { readonly action: "delete" }
  | { readonly action: "none" };

/** What the clock alone decides about a delivery. `random` is in [0, 1). */
export function sweepDelivery(row: DeliveryRow, nowMs: number, random: number): DeliverySweep {
  if (row.dueAtMs > nowMs) return { action: "none" };
  if (row.status !== "pending") return { action: "delete" };
  if (row.lease !== null) {
    // Its sender fell silent: the message may have arrived or not, so it goes out again.
    const { claimedAtMs } = row.lease;
    const lost = {
      attempt: row.attempts,
      startedAtMs: claimedAtMs,
      durationMs: nowMs - claimedAtMs,
      statusCode: null,
      code: "WORKER_LOST",
    } as const;
    const booked = { ...row, lease: null, history: [...row.history, lost] };
    return { action: "save", row: retryOrFail(booked, 0, nowMs, random) };
  }
  const sends = row.sends + 1;
  return { action: "send", row: { ...row, sends, dueAtMs: nowMs + resendAfterMs(sends) } };
}

function retryOrFail(
  row: DeliveryRow,
  retryAfterMs: number,
  nowMs: number,
  random: number,
): DeliveryRow {
  const pauseMs = DELIVERY_PAUSES_MS[row.attempts];
  if (pauseMs === undefined) return end(row, "failed", nowMs);
  const askedMs = Math.min(retryAfterMs, MAX_DELIVERY_PAUSE_MS);
  const atMs = nowMs + Math.max(Math.round(pauseMs * (1 + JITTER * random)), askedMs);
  return { ...row, sends: 0, notBeforeMs: atMs, dueAtMs: atMs };
}

const end = (row: DeliveryRow, status: DeliveryStatus, nowMs: number): DeliveryRow => ({
  ...row,
  status,
  endedAtMs: nowMs,
  dueAtMs: nowMs + DELIVERY_RETENTION_MS,
});

const resendAfterMs = (sends: number): number =>
  Math.min(RESEND_CAP_MS, RESEND_BASE_MS * 2 ** Math.max(0, sends - 1));
