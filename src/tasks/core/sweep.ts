import {
  deadlineOf,
  expire,
  forgetAtMs,
  giveUp,
  giveUpAtMs,
  loseWorker,
  overrun,
} from "./lifecycle";
import { isTerminal } from "./state";
import type { TaskRow } from "./state";
import { announce, hold } from "./wake-up";
import { HEARTBEAT_MS, LANE_ALIVE_MS, LEASE_MS, OVERRUN_GRACE_MS, resendAfterMs } from "./timing";

/** How far a lane's consumers have come, as far as the shard knows. */
export interface LaneProgress {
  readonly lastClaimAtMs: number;
  /** When the newest wake-up was sent that has led to a claim. */
  readonly reachedSentAtMs: number;
}

export type SweepDecision =
  /** Keep the new row; nothing to send. */
  | { readonly action: "save"; readonly row: TaskRow }
  /** Keep the new row and wake a consumer. */
  | { readonly action: "send"; readonly row: TaskRow }
  /** Its time is over. */
  | { readonly action: "delete" }
  /** Looked at too early. */
  | { readonly action: "none" };

/** What the clock alone decides about a task. `random` is in [0, 1); `isAtLimit` where as many of its owner's are under way as may be. */
export function sweepTask(
  row: TaskRow,
  lane: LaneProgress,
  nowMs: number,
  random: number,
  isAtLimit = false,
): SweepDecision {
  if (isTerminal(row.status))
    return forgetAtMs(row) <= nowMs ? { action: "delete" } : { action: "none" };
  if (row.status === "running") return sweepRunning(row, nowMs, random);
  if (giveUpAtMs(row) <= nowMs) return { action: "save", row: giveUp(row, nowMs) };
  if (deadlineOf(row) <= nowMs) return { action: "save", row: expire(row, nowMs) };
  if (row.wakeAtMs > nowMs) return { action: "none" };
  // A queue is roughly in order: while its consumers are at work and have not come as far as this wake-up, it is waiting its turn.
  const isWaitingItsTurn =
    row.sends > 0 &&
    nowMs - lane.lastClaimAtMs < LANE_ALIVE_MS &&
    row.sentAtMs > lane.reachedSentAtMs;
  if (isWaitingItsTurn)
    return { action: "save", row: { ...row, wakeAtMs: nowMs + resendAfterMs(row.sends) } };
  if (row.sends === 0 && isAtLimit) return { action: "save", row: hold(row, nowMs) };
  return { action: "send", row: announce(row, nowMs) };
}

function sweepRunning(row: TaskRow, nowMs: number, random: number): SweepDecision {
  const lease = row.lease;
  if (!lease || Math.min(lease.untilMs, lease.deadlineMs + OVERRUN_GRACE_MS) > nowMs)
    return { action: "none" };
  // A worker that was alive shortly before the deadline overran it; one that fell silent earlier died and gets a successor.
  const lastSignMs = lease.untilMs - (lease.lengthMs ?? LEASE_MS);
  const overran = lastSignMs >= lease.deadlineMs - 3 * HEARTBEAT_MS;
  return { action: "save", row: overran ? overrun(row, nowMs) : loseWorker(row, nowMs, random) };
}
