import { correlated } from "#platform/correlation";
import type { LogFields, Logger } from "#platform/log";
import { traceIdOf } from "#platform/trace-context";
import { inSpan } from "#platform/tracing";
import { runTask } from "./run-task";
import type { Assignment, Executors, RunPorts, RunReport } from "./run-task";

/** Runs `fn` as part of a claimed task: whatever it logs or asks belongs to the task's trace, which its submit began. */
export const inTask = <T>(
  { traceparent, taskId }: Pick<Assignment, "traceparent" | "taskId">,
  fn: () => T,
): T => correlated({ traceparent, taskId }, fn);

/** As `runTask`, in a span and with exactly one line in the log, whatever the end is. To be called inside `inTask`. */
export function runLogged(
  assignment: Assignment,
  executors: Executors,
  ports: RunPorts,
  log: Logger,
): Promise<RunReport | null> {
  const { taskId, kind, attempt, traceparent } = assignment;
  const attributes = {
    "naru.task.id": taskId,
    "naru.task.kind": kind,
    "naru.task.attempt": attempt,
    "naru.trace_id": traceIdOf(traceparent),
  };
  return inSpan(`run ${kind}`, attributes, async (span) => {
    const startedAtMs = ports.now();
    const report = await runTask(assignment, executors, ports);
    const fields = endOf(report);
    span.set({ "naru.task.outcome": String(fields["outcome"]) });
    if (fields["outcome"] === "failed" || fields["outcome"] === "timed_out")
      span.fail(String(fields["error_code"] ?? fields["outcome"]));
    log.info("task.run", {
      task_id: taskId,
      kind,
      attempt,
      lane: assignment.lane,
      ...fields,
      duration_ms: ports.now() - startedAtMs,
      owner_id: assignment.ownerId,
      consumer_id: assignment.consumerId,
    });
    return report;
  });
}

/** How a run ended, without a word of its input or its result. `revoked`: cancelled, or another worker's meanwhile. */
function endOf(report: RunReport | null): LogFields {
  if (report === null) return { outcome: "revoked" };
  const { outcome } = report;
  if (outcome.status === "failed")
    return {
      outcome: "failed",
      error_code: outcome.fault.code,
      is_retryable: outcome.isRetryable,
    };
  if (outcome.status === "deferred")
    return { outcome: "deferred", error_code: outcome.fault?.code };
  return { outcome: outcome.status };
}
