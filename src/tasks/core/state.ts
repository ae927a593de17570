import type { ErrorCode, ErrorParams } from "#platform/errors";

/** Every state of a task. The last four are terminal: one of them is reached, once. */
export const TASK_STATUSES = [
  "queued",
  "running",
  "completed",
  "failed",
  "cancelled",
  "timed_out",
] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** Work that ends in moments and work that may take minutes travel on different queues; `pool` is what only outside workers do. */
export const LANES = ["fast", "slow", "pool"] as const;
export type Lane = (typeof LANES)[number];

/** In whose order an owner's tasks are taken; none of them waits for ever. */
export const PRIORITIES = ["high", "normal", "low"] as const;
export type Priority = (typeof PRIORITIES)[number];

const NEXT: Record<TaskStatus, readonly TaskStatus[]> = {
  queued: ["running", "failed", "cancelled"],
  running: ["queued", "completed", "failed", "cancelled", "timed_out"],
  completed: [],
  failed: [],
  cancelled: [],
  timed_out: [],
};

export const isLegal = (from: TaskStatus, to: TaskStatus): boolean => NEXT[from].includes(to);
export const isTerminal = (status: TaskStatus): boolean => NEXT[status].length === 0;

/** Why a task, or one attempt at it, did not succeed. The words are made where the reader's language is known. */
export interface Fault {
  readonly code: ErrorCode;
  readonly params: ErrorParams;
}

/** The right to run a task for a while. Only the holder of the newest fence may settle it. */
export interface Lease {
  readonly untilMs: number;
  /** How far a heartbeat moves it on; LEASE_MS where it is absent. */
  readonly lengthMs?: number;
  /** When this run is over, whoever holds it. */
  readonly deadlineMs: number;
  readonly claimedAtMs: number;
  readonly consumerId: string;
  /** The queue message that led to the claim, and which delivery of it. */
  readonly messageId: string;
  readonly delivery: number;
}

export interface AttemptRecord {
  readonly attempt: number;
  readonly consumerId: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly outcome: "completed" | "failed" | "cancelled" | "timed_out" | "lost";
  readonly code: ErrorCode | null;
}

/** A result as it is kept: its JSON in the row, or in so many chunks beside it. */
export interface KeptResult {
  readonly bytes: number;
  /** 0 where the JSON stands in `inlineJson`. */
  readonly chunks: number;
  readonly inlineJson: string | null;
}

/** The record of one task. */
export interface TaskRow {
  readonly id: string;
  readonly ownerId: string;
  readonly kind: string;
  readonly lane: Lane;
  readonly status: TaskStatus;
  /** Rises with every change that the index shows. */
  readonly version: number;
  /** Counted at the claim, so that a run that takes its worker down counts too. */
  readonly attempts: number;
  readonly maxAttempts: number;
  /** Rises with every claim; a holder of a lower one is fenced off. */
  readonly fence: number;
  readonly timeoutMs: number;
  readonly createdAtMs: number;
  /** The first claim. */
  readonly startedAtMs: number | null;
  readonly completedAtMs: number | null;
  /** A queued task is not given out earlier. */
  readonly notBeforeMs: number;
  /** A task that no worker has taken by then is given up. */
  readonly startByMs: number;
  /** Wake-ups sent to the queue since the task was last queued. */
  readonly sends: number;
  /** When the last wake-up was sent. */
  readonly sentAtMs: number;
  /** When a queued task is looked at again: to send its wake-up for the first time, or once more. */
  readonly wakeAtMs: number;
  /** How often the queue gave up on a wake-up of this task. */
  readonly deadLetters: number;
  readonly lease: Lease | null;
  readonly fault: Fault | null;
  /** Given up by us: attempts spent, or never delivered. */
  readonly isDead: boolean;
  readonly history: readonly AttemptRecord[];
  readonly progressJson: string | null;
  readonly traceparent: string;
  /** The input is too large to stand in the row, which is written anew at every heartbeat. */
  readonly hasChunkedInput: boolean;
  readonly priority: Priority;
  /** Who is told of the end. */
  readonly callbackUrl: string | null;
  /** For how long the record is kept after the end. */
  readonly retentionMs: number;
  readonly result: KeptResult | null;
}

/** What a caller may see of a task; plain enough to cross an RPC. */
export interface TaskView {
  readonly id: string;
  readonly kind: string;
  readonly status: TaskStatus;
  readonly priority: Priority;
  readonly attempts: number;
  readonly createdAtMs: number;
  readonly startedAtMs: number | null;
  readonly completedAtMs: number | null;
  /** Before when a waiting task is not tried again; null where nothing but a worker is waited for. */
  readonly notBeforeMs: number | null;
  readonly fault: Fault | null;
  readonly isDead: boolean;
  readonly history: readonly AttemptRecord[];
  readonly progressJson: string | null;
  /** The result where it is small enough to stand in an answer. */
  readonly dataJson: string | null;
  /** The result is kept in chunks and read by its own route. */
  readonly hasChunkedResult: boolean;
}

/** What a reader is told of a waiting task's time; null where there is nothing to tell. */
export const shownNotBeforeMs = (row: TaskRow): number | null =>
  row.status === "queued" && row.notBeforeMs > 0 ? row.notBeforeMs : null;

export const viewOf = (row: TaskRow): TaskView => ({
  id: row.id,
  kind: row.kind,
  status: row.status,
  priority: row.priority,
  attempts: row.attempts,
  createdAtMs: row.createdAtMs,
  startedAtMs: row.startedAtMs,
  completedAtMs: row.completedAtMs,
  notBeforeMs: shownNotBeforeMs(row),
  fault: row.fault,
  isDead: row.isDead,
  history: row.history,
  progressJson: row.progressJson,
  dataJson: row.result?.inlineJson ?? null,
  hasChunkedResult: (row.result?.chunks ?? 0) > 0,
});
