import type { Backoff } from "#platform/retry";

/** How long a claim holds without a heartbeat: a few missed ones are borne, a dead worker is noticed soon. */
export const LEASE_MS = 15_000;
export const HEARTBEAT_MS = 2_000;
/** A run that has something to tell its followers does so earlier, and no more often than this. */
export const REPORT_MS = 500;

/** A worker ends its own overrun run; the shard ends it only when the worker has not by this much later. */
export const OVERRUN_GRACE_MS = 5_000;

/** One attempt and three retries. */
export const MAX_ATTEMPTS = 4;
export const RETRY_BACKOFF: Backoff = { baseMs: 1_000, capMs: 60_000 };
/** A target's own Retry-After is honoured up to here; a target that asks for more ends the task. */
export const MAX_RETRY_AFTER_MS = 15 * 60_000;
/** How far ahead a busy target may defer a task; one that wants more ends it. */
export const MAX_DEFER_MS = 15 * 60_000;

/** A wake-up with no claim after it counts as lost; the interval doubles up to the cap. */
const RESEND_BASE_MS = 5_000;
const RESEND_CAP_MS = 60_000;
/** After a refused send. */
export const SEND_BACKOFF: Backoff = { baseMs: 1_000, capMs: 30_000 };
/** While the lane's consumers claimed something this recently, a task behind the newest claim is waiting, not lost. */
export const LANE_ALIVE_MS = 10_000;

/** A task that is held back is looked at so often, should what ends have told nobody. */
export const HELD_LOOK_MS = 60_000;

/** The queue has given up on a wake-up so often before the task is given up too. */
export const MAX_DEAD_LETTERS = 3;

/** A task that nobody has taken after a day never will be: the queue keeps messages about as long. */
export const START_WITHIN_MS = 24 * 3_600_000;
/** How far ahead a task may be scheduled: the shard's alarm keeps the time, not the queue, which bears a day at most. */
export const MAX_DELAY_S = 30 * 24 * 3_600;
export const MAX_QUEUE_TTL_S = 7 * 24 * 3_600;
export const MAX_RESULT_TTL_S = 30 * 24 * 3_600;
export const MIN_RESULT_TTL_S = 60;
export const MOST_ATTEMPTS = 10;
export const RETENTION_MS = 7 * 24 * 3_600_000;
export const IDEMPOTENCY_MS = 24 * 3_600_000;

/** A shard with more queued tasks refuses new ones: what can't be served soon is better refused at once. */
export const MAX_QUEUED_PER_SHARD = 10_000;
export const QUEUE_FULL_RETRY_MS = 10_000;
/** Half of that is for one owner: nobody fills a shard alone. */
export const MAX_QUEUED_PER_OWNER = 5_000;
/** The longest that anybody is told to stay away. */
export const MAX_RETRY_AFTER_BACKLOG_MS = 3_600_000;

/** A consumer is active for so long after its last claim or heartbeat. */
export const CONSUMER_ACTIVE_MS = 30_000;

/** A platform limit: a queue consumer has 15 minutes, of which the last one is kept for settling. */
export const MAX_SERVED_TIMEOUT_S = 840;
export const MAX_TIMEOUT_S = 3_600;
export const DEFAULT_TIMEOUT_S = 300;
/** How much longer than its run a caller waits by default, for the queue and for retries. */
export const WAIT_MARGIN_S = 30;

export const MAX_INLINE_RESULT_BYTES = 64 * 1024;
export const MAX_RESULT_BYTES = 10 * 1024 * 1024;
/** A row of an object's SQLite holds at most 2 MB; half of it leaves room for the rest of the row. */
export const CHUNK_BYTES = 1024 * 1024;
export const MAX_PROGRESS_BYTES = 4 * 1024;

/** After how long a wake-up counts as lost when `sends` have been made, in milliseconds. */
export const resendAfterMs = (sends: number): number =>
  Math.min(RESEND_CAP_MS, RESEND_BASE_MS * 2 ** Math.max(0, sends - 1));
/** Characters of an input's JSON: one is always part of a claim's answer, which an RPC of 32 MiB has to carry. */
export const MAX_INPUT_CHARS = 8 * 1024 * 1024;
/** An input beyond this leaves its row, which is written anew at every heartbeat. */
export const MAX_INLINE_INPUT_CHARS = 8 * 1024;
