import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import { resendAfterMs, START_WITHIN_MS } from "./timing";
import type { TaskRow, TaskView } from "./state";

/**
 * A task that was given up by us, not by its target: its attempts are spent, its time ran out between two of them, or no worker was ever found. It is
 * kept with its input, so that it can be tried anew once the cause is gone.
 */
export const isDeadLetter = (row: TaskRow): boolean => row.status === "failed" && row.isDead;

/** The one way back from an end. */
export const isReplay = (before: TaskRow, after: TaskRow): boolean =>
  isDeadLetter(before) && after.status === "queued" && !after.isDead;

/** What an administrator sees of a dead letter. */
export interface DeadLetter {
  readonly task: TaskView;
  readonly ownerId: string;
  readonly inputJson: string;
}

export type ReplayVerdict = "replayed" | "not_dead" | "full";

/** Attempts of earlier lives are kept, the newest of them, however often a letter is replayed. */
const MAX_HISTORY = 100;

/**
 * The same task with a new budget: as many attempts and as much time as it had at first, and a day to find a worker. Its fence goes on from where it
 * was, so that whoever ran it before its death stays fenced off.
 */
export function replayTask(row: TaskRow, nowMs: number): Result<TaskRow, "not_dead"> {
  if (!isDeadLetter(row)) return err("not_dead");
  return ok({
    ...row,
    status: "queued",
    version: row.version + 1,
    attempts: 0,
    startedAtMs: null,
    completedAtMs: null,
    notBeforeMs: 0,
    startByMs: nowMs + START_WITHIN_MS,
    sends: 1,
    sentAtMs: nowMs,
    wakeAtMs: nowMs + resendAfterMs(1),
    deadLetters: 0,
    lease: null,
    fault: null,
    isDead: false,
    history: row.history.slice(-MAX_HISTORY),
    progressJson: null,
  });
}

/** Takes a task off the dead letters. It stays failed, to its owner and to the counters, and can't be replayed any more. */
export const buryTask = (row: TaskRow): Result<TaskRow, "not_dead"> =>
  isDeadLetter(row) ? ok({ ...row, version: row.version + 1, isDead: false }) : err("not_dead");
