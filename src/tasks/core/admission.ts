import type { Agenda } from "./agenda";
import type { NewTask } from "./lifecycle";
import { MAX_QUEUED_PER_OWNER, MAX_RETRY_AFTER_BACKLOG_MS, QUEUE_FULL_RETRY_MS } from "./timing";

export interface AdmissionRefusal {
  readonly verdict: "busy" | "own_backlog";
  readonly retryAfterMs: number;
}

/**
 * Refuses a task that would be taken in vain: what waits already needs longer, at the rate of the last minute, than the task may wait for its start or
 * its caller for its end. Such a caller had better hear of it now, with the time after which it would be worth while. Where nothing was started
 * lately nothing can be foreseen, and the task is taken. `limit` is how many of the owner's may run at once.
 */
export function admit(
  task: NewTask,
  agenda: Agenda,
  limit: number,
  nowMs: number,
): AdmissionRefusal | null {
  if (agenda.ready(task.ownerId) >= MAX_QUEUED_PER_OWNER)
    return { verdict: "own_backlog", retryAfterMs: QUEUE_FULL_RETRY_MS };
  const estimate = agenda.estimate(task.ownerId, task.lane, limit, nowMs);
  // What stands in the way now tells nothing of a later time.
  if (estimate === null || task.notBeforeMs > nowMs) return null;
  const longestMs = Math.min(task.startWithinMs, task.patienceMs ?? Infinity);
  if (estimate.waitMs <= longestMs) return null;
  return {
    verdict: estimate.isOwn ? "own_backlog" : "busy",
    // By then so much has been served that a task would come to its turn in time.
    retryAfterMs: Math.min(
      MAX_RETRY_AFTER_BACKLOG_MS,
      Math.max(1_000, Math.ceil(estimate.waitMs - longestMs)),
    ),
  };
}
