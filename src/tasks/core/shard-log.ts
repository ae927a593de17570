import type { LogFields } from "#platform/log";
import { traceIdOf } from "#platform/trace-context";
import type { SpanAttributes } from "#platform/tracing";
import type { TaskRow } from "./state";

/** What the log tells of a task that came in, was claimed, went back or ended. Calls share commits, so the trace is the task's own and not the call's. */
export const savedFields = (row: TaskRow): LogFields => ({
  task_id: row.id,
  trace_id: traceIdOf(row.traceparent),
  kind: row.kind,
  status: row.status,
  attempt: row.attempts,
  error_code: row.fault?.code,
});

/** A batch of wake-ups on its way to a queue (OpenTelemetry semantic conventions, "Messaging"). */
export const sendAttributes = (count: number): SpanAttributes => ({
  "messaging.system": "cloudflare_queues",
  "messaging.operation.name": "send",
  "messaging.operation.type": "send",
  "messaging.batch.message_count": count,
});
