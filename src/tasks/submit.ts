import type { JsonObject } from "#platform/json-value";
import { sha256Hex } from "#platform/bytes";
import { canonicalJson } from "#platform/canonical-json";
import { systemClock } from "#platform/clock";
import { readConfig } from "#platform/config";
import { newId } from "#platform/ids";
import type { NewTask } from "./core/lifecycle";
import { refusalOf } from "./admission";
import { applyOptions } from "./core/run-options";
import type { RunOptions } from "./core/run-options";
import { isTerminal } from "./core/state";
import type { TaskView } from "./core/state";
import { placeTask } from "./core/placement";
import { routingOf } from "./core/task-id";
import { planSlice } from "./core/wait";
import type { KindDefinition } from "./kinds";
import { callShard } from "./shard-client";
import type { TaskEnv } from "./shard-client";

/** A validated wish for a task. */
export interface Submission {
  readonly ownerId: string;
  readonly definition: KindDefinition;
  readonly input: JsonObject;
  /** Seconds. */
  readonly timeout: number;
  readonly options?: RunOptions;
  readonly idempotencyKey: string | null;
  readonly traceparent: string;
}

export interface Submitted {
  /** As it ended, or as it stood when the wait was over. */
  readonly task: TaskView;
  /** The task is an earlier one with the same idempotency key. */
  readonly isReplayed: boolean;
}

/**
 * Puts a task on record and waits for its end, at most `waitMs`; with 0 it answers at once. `signal` ends the waiting early and leaves the task alone.
 * Refuses with QUEUE_FULL before anything is stored, and with IDEMPOTENCY_KEY_REUSED.
 */
export async function submitTask(
  env: TaskEnv,
  submission: Submission,
  waitMs: number,
  signal?: AbortSignal,
): Promise<Submitted> {
  const nowMs = systemClock();
  const untilMs = nowMs + waitMs;
  const { ownerId, idempotencyKey } = submission;
  const { taskShards: shards, taskConcurrency: concurrency } = readConfig(env);
  const shard = placeTask(ownerId, idempotencyKey, { shards, concurrency }, Math.random());
  const task = toNewTask(
    submission,
    shard,
    idempotencyKey === null
      ? null
      : { key: idempotencyKey, fingerprint: await fingerprint(submission) },
    waitMs > 0 ? waitMs : null,
  );
  const verdict = await callShard(env, shard, (stub) =>
    stub.submit(task, planSlice(systemClock(), untilMs)),
  );
  if (!("task" in verdict)) throw refusalOf(verdict);
  const ended = await untilEnd(env, shard, ownerId, verdict.task, untilMs, signal);
  return { task: ended, isReplayed: verdict.verdict === "joined" };
}

/** A submission as its shard takes it, under a new id. */
export function toNewTask(
  submission: Omit<Submission, "idempotencyKey">,
  shard: number,
  idempotency: NewTask["idempotency"],
  patienceMs: number | null,
): NewTask {
  const nowMs = systemClock();
  return {
    id: newId("task", nowMs, routingOf(shard)),
    ownerId: submission.ownerId,
    kind: submission.definition.kind,
    lane: submission.definition.lane,
    inputJson: JSON.stringify(submission.input),
    timeoutMs: submission.timeout * 1000,
    ...applyOptions(submission.options ?? {}, nowMs),
    ...(patienceMs === null ? {} : { patienceMs }),
    traceparent: submission.traceparent,
    idempotency,
  };
}

/** Waits slice by slice, each on a fresh stub, so that a reset of the shard costs no more than a moment. */
async function untilEnd(
  env: TaskEnv,
  shard: number,
  ownerId: string,
  task: TaskView,
  untilMs: number,
  signal: AbortSignal | undefined,
): Promise<TaskView> {
  let seen = task;
  for (;;) {
    const sliceMs = planSlice(systemClock(), untilMs);
    if (isTerminal(seen.status) || sliceMs === 0 || signal?.aborted === true) return seen;
    const next = await callShard(env, shard, (stub) => stub.wait(task.id, ownerId, sliceMs));
    if (!next) return seen;
    seen = next;
  }
}

/** The same for two requests that ask for the same, however their members are ordered. */
const fingerprint = (submission: Submission): Promise<string> =>
  sha256Hex(canonicalJson(wishOf(submission)));

/** What makes two submissions the same request. */
export function wishOf(submission: Omit<Submission, "idempotencyKey">): JsonObject {
  const { definition, input, timeout, options = {} } = submission;
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { kind: definition.kind, input, timeout, ...Object.fromEntries(given) };
}
