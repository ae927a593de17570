import type { TaskRow } from "./state";
import { HELD_LOOK_MS, resendAfterMs } from "./timing";

/** A task that would be one too many of its owner's: no wake-up is sent until another has ended. The sweeper looks at it now and then. */
export const hold = (row: TaskRow, nowMs: number): TaskRow => ({
  ...row,
  sends: 0,
  wakeAtMs: nowMs + HELD_LOOK_MS,
});

/** Its wake-up is sent, for the first time or once more. */
export const announce = (row: TaskRow, nowMs: number): TaskRow => ({
  ...row,
  sends: row.sends + 1,
  sentAtMs: nowMs,
  wakeAtMs: nowMs + resendAfterMs(row.sends + 1),
});

/** A task takes over the wake-up of another that was given out by its own. */
export const takeTicket = (row: TaskRow, { sends, sentAtMs, wakeAtMs }: TaskRow): TaskRow => ({
  ...row,
  sends,
  sentAtMs,
  wakeAtMs,
});
