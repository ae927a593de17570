import type { ErrorText } from "#platform/errors";

/** English texts of what outside workers and their tasks can meet. */
export const WORKER_TEXTS_EN = {
  WORKER_FAILED: {
    title: "Worker failed",
    error: "The worker that ran the task reports a failure.[ It says: {message}]",
    detail: "[The worker calls it {worker_code}. ]Ask whoever runs the worker of this kind.",
  },
  WORKER_NOT_FOUND: {
    title: "Worker not found",
    error: "There is no such worker of yours.",
    detail:
      "Register it with POST /api/v1/workers/register; one that asked for nothing for a day is forgotten.",
  },
  LEASE_LOST: {
    title: "Lease lost",
    error: "The task is no longer this worker's, or its end was told already.",
    detail:
      "Drop what was done for it: it was cancelled, ran out of time, was given to another worker after its heartbeats stopped, or has ended.",
  },
} satisfies Record<string, ErrorText>;
