/** A long poll ends before proxies on the way give the connection up. */
export const MAX_POLL_S = 20;
/** Tasks that one lease hands out at most. */
export const MAX_LEASED = 10;
export const MAX_HEARTBEATS = 100;

/** How long a task stays a worker's without a heartbeat, in seconds. */
export const DEFAULT_LEASE_S = 30;
export const MIN_LEASE_S = 10;
export const MAX_LEASE_S = 300;

/** A worker that asked for nothing for so long has to register again. */
export const WORKER_MEMORY_MS = 24 * 3_600_000;
/** A worker counts as active for so long after it was heard of. */
export const WORKER_ACTIVE_MS = 30_000;
/** What is stored of when a worker was heard of may be so old: a restart forgets no more. */
export const SEEN_STEP_MS = 5_000;
/** A task that nobody took for so long is offered again by its shard, or given up. */
export const OFFER_MEMORY_MS = 48 * 3_600_000;
