import type { JsonObject } from "#platform/json-value";
import type { Clock } from "#platform/clock";
import { utf8 } from "#platform/bytes";
import type { LogLine } from "./events";
import type { Executor, RunOutcome } from "./run";
import type { Fault, Lane } from "./state";
import { Tidings } from "./tidings";
import { HEARTBEAT_MS, LEASE_MS, MAX_RESULT_BYTES, REPORT_MS } from "./timing";
import type { HeartbeatVerdict } from "./lifecycle";
import type { StartTimer } from "#platform/timer";

/** A claimed task on its way to an executor; plain enough to cross an RPC and to be handed on. */
export interface Assignment {
  readonly taskId: string;
  readonly fence: number;
  readonly attempt: number;
  readonly ownerId: string;
  readonly kind: string;
  readonly lane: Lane;
  readonly inputJson: string;
  /** What this attempt may take: the rest of the task's time. */
  readonly timeoutMs: number;
  readonly deadlineMs: number;
  readonly traceparent: string;
  readonly consumerId: string;
}

export type ReportOutcome =
  | { readonly status: "completed"; readonly json: string }
  | {
      readonly status: "failed";
      readonly fault: Fault;
      readonly isRetryable: boolean;
      readonly retryAfterMs: number;
    }
  | { readonly status: "timed_out" }
  | { readonly status: "deferred"; readonly notBeforeMs: number; readonly fault: Fault | null };

/** What a worker has for those who follow its task. */
export interface Told {
  /** The newest; null where nothing was told since the last time. */
  readonly progressJson: string | null;
  readonly logs: readonly LogLine[];
}

/** What a worker tells the shard of a run that it ended. */
export interface RunReport extends Partial<Told> {
  readonly taskId: string;
  readonly fence: number;
  readonly outcome: ReportOutcome;
}

export interface Renewal extends Partial<Told> {
  readonly taskId: string;
  readonly fence: number;
  readonly consumerId: string;
  readonly progressJson: string | null;
}

export interface RunPorts {
  readonly now: Clock;
  readonly startTimer: StartTimer;
  readonly heartbeat: (renewal: Renewal) => Promise<HeartbeatVerdict>;
  /** Told of what an executor threw: a fault of ours that no caller is shown. */
  readonly onFault: (error: unknown, assignment: Assignment) => void;
}

/** Reasons of an abort, made once: an error takes its stack when it is made, which would be most of what a short run costs. */
const OVERRAN = new Error("The run's time is over.");
const REVOKED = new Error("The task was cancelled or is another worker's.");
const OVER = new Error("The run is over.");

export type Executors = Readonly<Record<string, Executor>>;

/**
 * Runs one claimed task to its end and says what to report, or null where the task is no longer this worker's: cancelled, or its
 * lease lost. Ends at the deadline whatever the executor does; one that ignores its signal is left behind. Never throws.
 */
export async function runTask(
  assignment: Assignment,
  executors: Executors,
  ports: RunPorts,
): Promise<RunReport | null> {
  const { taskId, fence } = assignment;
  const abort = new AbortController();
  const tidings = new Tidings(ports.now);
  const stops: (() => void)[] = [];
  const ended = new Promise<"overran" | "revoked">((resolve) => {
    const overrun = (): void => {
      // First of all: an executor that ends because its signal did tells of a failure that is only ours.
      resolve("overran");
      abort.abort(OVERRAN);
    };
    const revoke = (): void => {
      abort.abort(REVOKED);
      resolve("revoked");
    };
    // Counted from here on: the shard's clock, which set the deadline, may stand elsewhere.
    stops.push(ports.startTimer(assignment.timeoutMs, overrun));
    stops.push(keepLease(assignment, ports, tidings, revoke));
  });
  try {
    const result = await Promise.race([
      execute(assignment, executors, ports, abort.signal, tidings),
      ended,
    ]);
    if (result === "revoked") return null;
    const outcome = result === "overran" ? ({ status: "timed_out" } as const) : result;
    return { taskId, fence, outcome, ...tidings.takeIfAny() };
  } finally {
    for (const stop of stops) stop();
    // Whatever the executor left open ends with its run.
    abort.abort(OVER);
  }
}

async function execute(
  assignment: Assignment,
  executors: Executors,
  ports: RunPorts,
  signal: AbortSignal,
  tidings: Tidings,
): Promise<ReportOutcome> {
  const executor = Object.hasOwn(executors, assignment.kind)
    ? executors[assignment.kind]
    : undefined;
  // A kind that only a newer or older version of this Worker knows: during a deploy another attempt meets the other one.
  if (!executor)
    return failure({ code: "UNKNOWN_TASK_KIND", params: { kind: assignment.kind } }, true);
  try {
    const outcome = await executor({
      taskId: assignment.taskId,
      ownerId: assignment.ownerId,
      kind: assignment.kind,
      attempt: assignment.attempt,
      input: JSON.parse(assignment.inputJson) as JsonObject,
      signal,
      deadlineMs: assignment.deadlineMs,
      traceparent: assignment.traceparent,
      reportProgress: (progress) => {
        tidings.setProgress(progress);
      },
      reportLog: (level, message) => {
        tidings.addLine(level, message);
      },
    });
    return toReport(outcome);
  } catch (error) {
    if (!signal.aborted) ports.onFault(error, assignment);
    return failure({ code: "INTERNAL", params: {} }, true);
  }
}

function toReport(outcome: RunOutcome): ReportOutcome {
  if (outcome.status === "deferred") {
    const fault = { code: outcome.code, params: outcome.params ?? {} };
    return { status: "deferred", notBeforeMs: outcome.notBeforeMs, fault };
  }
  if (outcome.status === "failed") {
    const fault = { code: outcome.code, params: outcome.params ?? {} };
    return failure(fault, outcome.retryable, outcome.retryAfterMs);
  }
  const json = JSON.stringify(outcome.data);
  // A text of n characters has n to 3n bytes: what is surely over needs no encoding to be refused.
  return json.length > MAX_RESULT_BYTES || utf8(json).byteLength > MAX_RESULT_BYTES
    ? failure({ code: "RESULT_TOO_LARGE", params: { limit: MAX_RESULT_BYTES } }, false)
    : { status: "completed", json };
}

const failure = (fault: Fault, isRetryable: boolean, retryAfterMs = 0): ReportOutcome => ({
  status: "failed",
  fault,
  isRetryable,
  retryAfterMs,
});

/**
 * Renews the lease every HEARTBEAT_MS until stopped, and sooner where there is something to tell. A shard that can't be reached is borne as long
 * as the lease holds; after that someone else may have the task, so the run ends.
 */
function keepLease(
  assignment: Assignment,
  ports: RunPorts,
  tidings: Tidings,
  onRevoked: () => void,
): () => void {
  let isStopped = false;
  let isBeating = false;
  let heldUntilMs = ports.now() + LEASE_MS;
  let stopTimer = ports.startTimer(HEARTBEAT_MS, () => void beat());
  tidings.onNews = () => {
    // A beat that is on its way looks for news when it is back.
    if (isStopped || isBeating) return;
    stopTimer();
    stopTimer = ports.startTimer(REPORT_MS, () => void beat());
  };

  async function beat(): Promise<void> {
    isBeating = true;
    const askedAtMs = ports.now();
    const { taskId, fence, consumerId } = assignment;
    const told = tidings.take();
    try {
      const verdict = await ports.heartbeat({ taskId, fence, consumerId, ...told });
      if (verdict !== "go") {
        onRevoked();
        return;
      }
      heldUntilMs = askedAtMs + LEASE_MS;
    } catch {
      if (ports.now() >= heldUntilMs) {
        onRevoked();
        return;
      }
      // Told again with the next beat, twice where only the answer was lost: better than never.
      tidings.putBack(told);
    }
    isBeating = false;
    const delayMs = tidings.hasNews ? REPORT_MS : HEARTBEAT_MS;
    if (!isStopped) stopTimer = ports.startTimer(delayMs, () => void beat());
  }

  return () => {
    isStopped = true;
    stopTimer();
  };
}
