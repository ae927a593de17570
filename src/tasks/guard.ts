import type { Context } from "hono";
import { systemClock, toTimestamp } from "#platform/clock";
import { ApiError } from "#platform/errors";
import type { ErrorCode } from "#platform/errors";
import { describeError } from "#platform/log";
import type { AppEnv } from "#http/context";
import { idempotencyKeyOf } from "#http/idempotency-key";
import { parsePrefer } from "#http/prefer";
import { lostAdmission } from "#auth/guard";
import { prepareCallbacks } from "./callback";
import { isTerminal } from "./core/state";
import { MAX_TIMEOUT_S, WAIT_MARGIN_S } from "./core/timing";
import { startTimer } from "#platform/timer";
import { watchedWait } from "./core/watched-wait";
import { presentFault, presentTask, taskPath } from "./present";
import { prepareSubmission } from "./prepare";
import type { SubmissionRequest, Submitter } from "./prepare";
import { applyOptions, submitTask, taskStats } from "./service";
import type { RunOptions, TaskView } from "./service";

export { presentTask };

export interface AnsweredRequest extends SubmissionRequest {
  /** Where the input stands in the body; at its root unless told. */
  readonly inputRoot?: readonly string[];
}

/** What a submission may refuse, for the definition of a route that answers one. */
export const SUBMISSION_ERRORS: readonly ErrorCode[] = [
  "UNKNOWN_TASK_KIND",
  "TIMEOUT_NOT_SERVED",
  "INVALID_HEADER",
  "IDEMPOTENCY_KEY_REUSED",
  "QUEUE_FULL",
  "TOO_MANY_TASKS",
  "TASK_TIMED_OUT",
  "WAIT_TIMED_OUT",
];

/** How soon it is worth asking for a task that goes on. */
const POLL_AFTER_S = 5;

/**
 * Takes a task and answers on the same connection: 200 with the record when it ended, whatever its end but one that ran out of time; 202 where the
 * caller asked for that; 408 otherwise, with everything needed to ask later. A caller that leaves ends the wait, never the task.
 */
export async function answerSubmission(
  c: Context<AppEnv>,
  request: AnsweredRequest,
): Promise<Response> {
  const places = { input: request.inputRoot ?? [], options: [] };
  const prepared = await prepareSubmission(submitterOf(c), request, places);
  const prefer = parsePrefer(c.req.header("prefer"));
  const options = request.options ?? {};
  const { longestS, isForLater } = planWait(request.timeout, options);
  // One who submits a task for later waits only where that is said.
  const respondAsync = prefer.respondAsync || (isForLater && prefer.waitSeconds === null);
  const waitS = Math.min(prefer.waitSeconds ?? (respondAsync ? 0 : longestS), longestS);
  await prepareCallbacks(c.env, prepared.ownerId, [options]);
  const submission = { ...prepared, idempotencyKey: idempotencyKeyOf(c) };
  const submitted = submitTask(c.env, submission, waitS * 1000, c.req.raw.signal);
  const askedAtMs = systemClock();
  const { task, isReplayed } = await watchedWait(
    submitted,
    () => lostAdmission(c),
    startTimer,
  ).finally(() => c.set("waitedMs", systemClock() - askedAtMs));

  c.get("logFields")["task_id"] = task.id;
  c.get("logFields")["task_kind"] = task.kind;
  const isEnded = isTerminal(task.status);
  if (isReplayed) c.header("Idempotency-Replayed", "true");
  applyPreferences(c, prefer, isEnded, waitS);
  if (task.status === "timed_out") throw await timedOut(c, "TASK_TIMED_OUT", task, request.timeout);
  if (!isEnded && !respondAsync) throw await timedOut(c, "WAIT_TIMED_OUT", task, request.timeout);
  c.header("Location", taskPath(task.id));
  if (!isEnded) c.header("Retry-After", String(pollAfterS(task)));
  return c.json(presentTask(task, c.get("locale"), systemClock()), isEnded ? 200 : 202);
}

/** Who submits, as the guards established it. */
export const submitterOf = (c: Context<AppEnv>): Submitter => ({
  env: c.env,
  principal: c.get("principal"),
  locale: c.get("locale"),
  traceparent: c.get("traceparent"),
});

/** When it is worth asking for a task again: soon, or when it may run, but within the hour, since it may be cancelled. */
function pollAfterS({ notBeforeMs }: TaskView): number {
  const waitS = notBeforeMs === null ? 0 : Math.ceil((notBeforeMs - systemClock()) / 1000);
  return Math.min(3_600, Math.max(1, waitS));
}

/** How long a caller waits at most, in seconds, and whether the task is for a time at which nobody would still be waiting. */
function planWait(timeout: number, options: RunOptions): { longestS: number; isForLater: boolean } {
  const nowMs = systemClock();
  const delayS = Math.ceil(Math.max(0, applyOptions(options, nowMs).notBeforeMs - nowMs) / 1000);
  return {
    longestS: Math.min(delayS + timeout, MAX_TIMEOUT_S) + WAIT_MARGIN_S,
    isForLater: delayS > WAIT_MARGIN_S,
  };
}

/** Says which wishes were granted (RFC 7240 section 3). */
function applyPreferences(
  c: Context<AppEnv>,
  prefer: ReturnType<typeof parsePrefer>,
  isEnded: boolean,
  waitS: number,
): void {
  const applied: string[] = [];
  if (prefer.respondAsync && !isEnded) applied.push("respond-async");
  if (prefer.waitSeconds !== null) applied.push(`wait=${waitS}`);
  if (applied.length > 0) c.header("Preference-Applied", applied.join(", "));
}

/** The 408: where the task stands, whether anyone has taken it, what it waits for, and when anyone last took anything at all. */
async function timedOut(
  c: Context<AppEnv>,
  code: "TASK_TIMED_OUT" | "WAIT_TIMED_OUT",
  task: TaskView,
  timeout: number,
): Promise<ApiError> {
  const lastClaimAtMs = await readLastClaim(c);
  return new ApiError(code, {
    params: { timeout },
    headers: { Location: taskPath(task.id), "Retry-After": String(POLL_AFTER_S) },
    extension: {
      task_id: task.id,
      claimed: task.startedAtMs !== null,
      last_claim_at: lastClaimAtMs === null ? null : toTimestamp(lastClaimAtMs),
      not_before: task.notBeforeMs === null ? null : toTimestamp(task.notBeforeMs),
      // Of a task that goes on: of one that ended, the problem itself tells why.
      ...(isTerminal(task.status)
        ? {}
        : { last_error: task.fault && presentFault(task.fault, c.get("locale")) }),
    },
  });
}

/** Null also where a shard can't tell: the 408 itself is worth more than this detail. */
async function readLastClaim(c: Context<AppEnv>): Promise<number | null> {
  try {
    return (await taskStats(c.env)).last_claim_at_ms;
  } catch (error) {
    c.get("log").warn("tasks.stats_failed", describeError(error));
    return null;
  }
}
