import type { JsonValue } from "#platform/json-value";
import { toTimestamp } from "#platform/clock";
import type { Locale } from "#platform/locale";
import { presentFault, taskPath } from "./core/present-fault";
import type { TaskSummary, TaskView } from "./service";
import type { Task, TaskSummaryBody } from "./schemas";

export { presentFault, taskPath };

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

const parseOrNull = (json: string | null): JsonValue =>
  json === null ? null : (JSON.parse(json) as JsonValue);
