import type { JsonValue } from "#platform/json-value";
import { toTimestamp } from "#platform/clock";
import { errorText } from "#platform/errors";
import type { Locale } from "#platform/locale";
import type { Fault } from "./core/state";
import type { TaskSummary, TaskView } from "./service";
import type { Task, TaskSummaryBody } from "./schemas";

export const taskPath = (id: string): string => `/api/v1/tasks/${id}`;

/** A task as its owner reads it. */
export function presentTask(task: TaskView, locale: Locale, nowMs: number): Task {
  return {
    ...presentSummary(task, locale, nowMs),
    data: parseOrNull(task.dataJson),
    progress: parseOrNull(task.progressJson),
    ...(task.hasChunkedResult ? { result_url: `${taskPath(task.id)}/result` } : {}),
  };
}

/** A task's entry in a list. */
export function presentSummary(task: TaskSummary, locale: Locale, nowMs: number): TaskSummaryBody {
  return {
    request_id: task.id,
    kind: task.kind,
    status: task.status,
    priority: task.priority,
    error: task.fault && presentFault(task.fault, locale),
    execution_time:
      task.startedAtMs === null
        ? 0
        : Math.max(0, (task.completedAtMs ?? nowMs) - task.startedAtMs) / 1000,
    attempts: task.attempts,
    created_at: toTimestamp(task.createdAtMs),
    completed_at: task.completedAtMs === null ? null : toTimestamp(task.completedAtMs),
    not_before: task.notBeforeMs === null ? null : toTimestamp(task.notBeforeMs),
  };
}

export function presentFault(fault: Fault, locale: Locale): Task["error"] {
  const { error, detail } = errorText(fault.code, locale, fault.params);
  return { code: fault.code, message: error, detail };
}

const parseOrNull = (json: string | null): JsonValue =>
  json === null ? null : (JSON.parse(json) as JsonValue);
