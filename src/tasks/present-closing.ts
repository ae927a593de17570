import { systemClock, toTimestamp } from "#platform/clock";
import type { PresentedEvent } from "./core/present-event";
import type { FollowEnd } from "./follow";

/** The event with which a stream closes: the task's end, or that its reader is to connect again. */
export const presentClosing = (taskId: string, end: FollowEnd): PresentedEvent => ({
  id: String(end.seq),
  event: "done",
  data: JSON.stringify({
    task_id: taskId,
    reason: end.reason,
    ...(end.reason === "ended" ? { status: end.task.status } : {}),
    timestamp: toTimestamp(systemClock()),
  }),
});
