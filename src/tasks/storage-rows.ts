import type { ErrorCode } from "#platform/errors";
import { shownNotBeforeMs } from "./core/state";
import type {
  AttemptRecord,
  Fault,
  Lane,
  Lease,
  Priority,
  TaskRow,
  TaskStatus,
} from "./core/state";

/** A row of the object's `tasks` table as SQLite gives it. A type alias, since `exec` wants an index signature. */
// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface has no index signature
export type StoredTask = {
  id: string;
  owner_id: string;
  kind: string;
  lane: string;
  status: string;
  version: number;
  attempts: number;
  max_attempts: number;
  fence: number;
  timeout_ms: number;
  created_at: number;
  started_at: number | null;
  completed_at: number | null;
  not_before: number;
  start_by: number;
  sends: number;
  sent_at: number;
  wake_at: number;
  dead_letters: number;
  lease: string | null;
  fault: string | null;
  is_dead: number;
  history: string;
  progress: string | null;
  traceparent: string;
  result: string | null;
  result_bytes: number | null;
  result_chunks: number;
  has_chunked_input: number;
  priority: string;
  callback_url: string | null;
  retention_ms: number;
};

export const TASK_COLUMNS = `id, owner_id, kind, lane, status, version, attempts, max_attempts, fence, timeout_ms, created_at,
  started_at, completed_at, not_before, start_by, sends, sent_at, wake_at, dead_letters, lease, fault, is_dead, history,
  progress, traceparent, result, result_bytes, result_chunks, has_chunked_input,
  priority, callback_url, retention_ms`;

/** Our own writing is trusted: a row that does not parse is a fault of the object and throws. */
export function fromStored(row: StoredTask): TaskRow {
  return {
    id: row.id,
    ownerId: row.owner_id,
    kind: row.kind,
    lane: row.lane as Lane,
    status: row.status as TaskStatus,
    version: row.version,
    attempts: row.attempts,
    maxAttempts: row.max_attempts,
    fence: row.fence,
    timeoutMs: row.timeout_ms,
    createdAtMs: row.created_at,
    startedAtMs: row.started_at,
    completedAtMs: row.completed_at,
    notBeforeMs: row.not_before,
    startByMs: row.start_by,
    sends: row.sends,
    sentAtMs: row.sent_at,
    wakeAtMs: row.wake_at,
    deadLetters: row.dead_letters,
    lease: row.lease === null ? null : (JSON.parse(row.lease) as Lease),
    fault: row.fault === null ? null : (JSON.parse(row.fault) as Fault),
    isDead: row.is_dead === 1,
    history: JSON.parse(row.history) as AttemptRecord[],
    progressJson: row.progress,
    traceparent: row.traceparent,
    hasChunkedInput: row.has_chunked_input === 1,
    priority: row.priority as Priority,
    callbackUrl: row.callback_url,
    retentionMs: row.retention_ms,
    result:
      row.result_bytes === null
        ? null
        : { bytes: row.result_bytes, chunks: row.result_chunks, inlineJson: row.result },
  };
}

/** The values of a new row in the order of `TASK_COLUMNS`. */
export const newValues = (row: TaskRow): (string | number | null)[] => [
  row.id,
  row.ownerId,
  row.kind,
  row.lane,
  row.status,
  row.version,
  row.attempts,
  row.maxAttempts,
  row.fence,
  row.timeoutMs,
  row.createdAtMs,
  row.startedAtMs,
  row.completedAtMs,
  row.notBeforeMs,
  row.startByMs,
  row.sends,
  row.sentAtMs,
  row.wakeAtMs,
  row.deadLetters,
  row.lease && JSON.stringify(row.lease),
  row.fault && JSON.stringify(row.fault),
  row.isDead ? 1 : 0,
  JSON.stringify(row.history),
  row.progressJson,
  row.traceparent,
  row.result?.inlineJson ?? null,
  row.result?.bytes ?? null,
  row.result?.chunks ?? 0,
  row.hasChunkedInput ? 1 : 0,
  row.priority,
  row.callbackUrl,
  row.retentionMs,
];

/** The values of `TASK_COLUMNS` that change in a task's life, in the order of the update statement. */
export const changingValues = (row: TaskRow): (string | number | null)[] => [
  row.status,
  row.version,
  row.attempts,
  row.fence,
  row.startedAtMs,
  row.completedAtMs,
  row.notBeforeMs,
  row.startByMs,
  row.sends,
  row.sentAtMs,
  row.wakeAtMs,
  row.deadLetters,
  row.lease && JSON.stringify(row.lease),
  row.fault && JSON.stringify(row.fault),
  row.isDead ? 1 : 0,
  JSON.stringify(row.history),
  row.progressJson,
  row.result?.inlineJson ?? null,
  row.result?.bytes ?? null,
  row.result?.chunks ?? 0,
];

export const CHANGING_COLUMNS = [
  "status",
  "version",
  "attempts",
  "fence",
  "started_at",
  "completed_at",
  "not_before",
  "start_by",
  "sends",
  "sent_at",
  "wake_at",
  "dead_letters",
  "lease",
  "fault",
  "is_dead",
  "history",
  "progress",
  "result",
  "result_bytes",
  "result_chunks",
] as const;

/** What the index in D1 is told of a task. */
export interface IndexEntry {
  readonly id: string;
  readonly owner_id: string;
  readonly kind: string;
  readonly status: string;
  readonly version: number;
  readonly is_dead: number;
  readonly attempts: number;
  readonly error_code: ErrorCode | null;
  readonly error_params: string | null;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly completed_at: number | null;
  readonly expires_at: number | null;
  readonly priority: Priority;
  /** Of a queued task that waits for a time. */
  readonly not_before: number | null;
}

export const toIndexEntry = (row: TaskRow, expiresAtMs: number | null): IndexEntry => ({
  id: row.id,
  owner_id: row.ownerId,
  kind: row.kind,
  status: row.status,
  version: row.version,
  is_dead: row.isDead ? 1 : 0,
  attempts: row.attempts,
  error_code: row.fault?.code ?? null,
  error_params: row.fault && JSON.stringify(row.fault.params),
  created_at: row.createdAtMs,
  started_at: row.startedAtMs,
  completed_at: row.completedAtMs,
  expires_at: expiresAtMs,
  priority: row.priority,
  not_before: shownNotBeforeMs(row),
});
