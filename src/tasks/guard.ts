import type { JsonObject } from "#platform/json-value";
import type { Context } from "hono";
import { systemClock, toTimestamp } from "#platform/clock";
import { ApiError } from "#platform/errors";
import type { ErrorCode, FieldError } from "#platform/errors";
import type { Config } from "#platform/config";
import { toPointer } from "#platform/faults";
import type { Locale } from "#platform/locale";
import { describeError } from "#platform/log";
import { hasScope } from "#platform/principal";
import type { AppEnv } from "#http/context";
import { idempotencyKeyOf } from "#http/idempotency-key";
import { parsePrefer } from "#http/prefer";
import { checkCallback, prepareCallbacks } from "./callback";
import { isTerminal } from "./core/state";
import { MAX_INPUT_CHARS, MAX_SERVED_TIMEOUT_S, MAX_TIMEOUT_S, WAIT_MARGIN_S } from "./core/timing";
import { presentFault, presentTask, taskPath } from "./present";
import { applyOptions, checkOptions, submitTask, taskStats } from "./service";
import type { KindDefinition, KindRegistry, RunOptions, TaskView } from "./service";

export interface SubmissionRequest {
  readonly kinds: KindRegistry;
  readonly kind: string;
  readonly input: JsonObject;
  /** Where the input stands in the body; at its root unless told. */
  readonly inputRoot?: readonly string[];
  /** Seconds. */
  readonly timeout: number;
  /** How it is run; the defaults unless told. */
  readonly options?: RunOptions;
}

/** What a submission may refuse, for the definition of a route that answers one. */
export const SUBMISSION_ERRORS: readonly ErrorCode[] = [
  "UNKNOWN_TASK_KIND",
  "TIMEOUT_NOT_SERVED",
  "INVALID_HEADER",
  "IDEMPOTENCY_KEY_REUSED",
  "QUEUE_FULL",
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
  request: SubmissionRequest,
): Promise<Response> {
  const { ownerId } = c.get("principal");
  const definition = admitKind(c, request);
  const faults = describeOptions(request.options ?? {}, c.get("config"), c.get("locale"), []);
  if (faults.length > 0)
    throw new ApiError("VALIDATION_FAILED", { params: { count: faults.length }, errors: faults });
  const validated = await definition.validate(request.input, {
    env: c.env,
    ownerId,
    locale: c.get("locale"),
    root: request.inputRoot ?? [],
  });
  if (!validated.ok) throw validated.error;
  if (JSON.stringify(validated.value).length > MAX_INPUT_CHARS)
    throw new ApiError("BODY_TOO_LARGE", { params: { limit: MAX_INPUT_CHARS } });

  const prefer = parsePrefer(c.req.header("prefer"));
  const options = request.options ?? {};
  const { longestS, isForLater } = planWait(request.timeout, options);
  // One who submits a task for later waits only where that is said.
  const respondAsync = prefer.respondAsync || (isForLater && prefer.waitSeconds === null);
  const waitS = Math.min(prefer.waitSeconds ?? (respondAsync ? 0 : longestS), longestS);
  await prepareCallbacks(c.env, ownerId, [options]);
  const { task, isReplayed } = await submitTask(
    c.env,
    {
      ownerId,
      definition,
      input: validated.value,
      timeout: request.timeout,
      options,
      idempotencyKey: idempotencyKeyOf(c),
      traceparent: c.get("traceparent"),
    },
    waitS * 1000,
    c.req.raw.signal,
  );

  c.get("logFields")["task_id"] = task.id;
  c.get("logFields")["task_kind"] = task.kind;
  const isEnded = isTerminal(task.status);
  if (isReplayed) c.header("Idempotency-Replayed", "true");
  applyPreferences(c, prefer, isEnded, waitS);
  if (task.status === "timed_out") throw await timedOut(c, "TASK_TIMED_OUT", task, request.timeout);
  if (!isEnded && !respondAsync) throw await timedOut(c, "WAIT_TIMED_OUT", task, request.timeout);
  c.header("Location", taskPath(task.id));
  if (!isEnded) c.header("Retry-After", "1");
  return c.json(presentTask(task, c.get("locale"), systemClock()), isEnded ? 200 : 202);
}

const OPTION_TEXTS: Readonly<Record<Locale, Readonly<Record<"conflict" | "too_far", string>>>> = {
  en: {
    conflict: "Only one of run_at and delay_seconds can be given",
    too_far: "Must be at most 30 days ahead",
  },
  ko: {
    conflict: "run_at과 delay_seconds 중 하나만 쓸 수 있습니다",
    too_far: "30일 이내여야 합니다",
  },
};

/** What is wrong with the options, in the caller's words; `root` is where they stand in the body. */
export const describeOptions = (
  options: RunOptions,
  config: Config,
  locale: Locale,
  root: readonly string[],
): FieldError[] => [
  ...checkOptions(options, systemClock()).map(({ field, code }) => ({
    pointer: toPointer([...root, field]),
    code,
    message: OPTION_TEXTS[locale][code],
  })),
  ...checkCallback(options, config, locale, root),
];

/** How long a caller waits at most, in seconds, and whether the task is for a time at which nobody would still be waiting. */
function planWait(timeout: number, options: RunOptions): { longestS: number; isForLater: boolean } {
  const nowMs = systemClock();
  const delayS = Math.ceil(Math.max(0, applyOptions(options, nowMs).notBeforeMs - nowMs) / 1000);
  return {
    longestS: Math.min(delayS + timeout, MAX_TIMEOUT_S) + WAIT_MARGIN_S,
    isForLater: delayS > WAIT_MARGIN_S,
  };
}

/** The definition of the kind, if it exists, the caller may use it and it is served for so long. */
function admitKind(c: Context<AppEnv>, request: SubmissionRequest): KindDefinition {
  const { kinds, kind, timeout } = request;
  const definition = kinds.find(kind);
  if (!definition)
    throw new ApiError("UNKNOWN_TASK_KIND", { params: { kind, kinds: kinds.names.join(", ") } });
  if (!hasScope(c.get("principal"), definition.scope))
    throw new ApiError("INSUFFICIENT_SCOPE", { params: { scope: definition.scope } });
  if (timeout > MAX_SERVED_TIMEOUT_S)
    throw new ApiError("TIMEOUT_NOT_SERVED", { params: { max: MAX_SERVED_TIMEOUT_S } });
  return definition;
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
