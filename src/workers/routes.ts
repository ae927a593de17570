import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { isStillAdmitted, requireScope } from "#auth/guard";
import { systemClock, toTimestamp } from "#platform/clock";
import { describeError } from "#platform/log";
import { json } from "#http/json-content";
import { lateJson } from "#http/late-json";
import type { JsonObject } from "#platform/json-value";
import type { AppEnv } from "#http/context";
import { defineRoute, newRouter } from "#http/router";
import type { ReportOutcome } from "#tasks/service";
import {
  CompleteTaskSchema,
  FailTaskSchema,
  HeartbeatAnswerSchema,
  HeartbeatSchema,
  LeasedTasksSchema,
  LeaseTasksSchema,
  RegisteredWorkerSchema,
  RegisterWorkerSchema,
  ReleaseTaskSchema,
  RunEndedSchema,
} from "./schemas";
import { beat, endRun, leaseTasks, registerWorker } from "./service";
import type { LeasedTask, WorkerRef } from "./service";

const access = requireScope("worker", ["workers"]);
const tags = ["workers"];
const path = "/api/v1/workers";
const body = <T extends z.ZodType>(schema: T) => ({
  body: { required: true, content: { "application/json": { schema } } },
});
const END_ERRORS = ["WORKER_NOT_FOUND", "TASK_NOT_FOUND", "LEASE_LOST"] as const;
const ENDED = { 200: json(RunEndedSchema, "It is on record.") };

const registerRoute = defineRoute({
  method: "post",
  path: `${path}/register`,
  operationId: "workers.register",
  tags,
  access,
  summary: "Register a worker",
  description:
    "A worker is a program of yours, in any language, that serves kinds of tasks which the deployment leaves to such workers (`WORKER_KINDS`). Register once at its start; then lease, send heartbeats, and report the end of each task. A registration without a call for a day is forgotten.",
  errors: ["UNKNOWN_TASK_KIND"],
  request: body(RegisterWorkerSchema),
  responses: { 201: json(RegisteredWorkerSchema, "The worker, with the id that its calls carry.") },
});

const leaseRoute = defineRoute({
  method: "post",
  path: `${path}/lease`,
  operationId: "workers.lease",
  tags,
  access,
  summary: "Take tasks to run",
  description:
    "Waits until there is a task of the worker's kinds, and answers with none where none came. While it waits, blanks come in front of the JSON, which mean nothing: by them a worker that has left is noticed, and what comes is left for others. Each task counts as an attempt, and is the worker's alone until its lease ends; a heartbeat moves that on.",
  errors: ["WORKER_NOT_FOUND"],
  request: body(LeaseTasksSchema),
  responses: { 200: json(LeasedTasksSchema, "The tasks, perhaps none.") },
});

const heartbeatRoute = defineRoute({
  method: "post",
  path: `${path}/heartbeat`,
  operationId: "workers.heartbeat",
  tags,
  access,
  summary: "Keep tasks, tell progress, hear of cancellations",
  errors: ["WORKER_NOT_FOUND", "TASK_NOT_FOUND"],
  request: body(HeartbeatSchema),
  responses: { 200: json(HeartbeatAnswerSchema, "Where each lease stands, in the order asked.") },
});

const completeRoute = defineRoute({
  method: "post",
  path: `${path}/complete`,
  operationId: "workers.complete",
  tags,
  access,
  summary: "Report a task's result",
  description:
    "Counts only while the lease is the worker's: else 409 `LEASE_LOST`, and nothing changes. Sent again after an answer was lost it is a 409 too, since the run has ended.",
  errors: END_ERRORS,
  request: body(CompleteTaskSchema),
  responses: ENDED,
});

const failRoute = defineRoute({
  method: "post",
  path: `${path}/fail`,
  operationId: "workers.fail",
  tags,
  access,
  summary: "Report that an attempt failed",
  description:
    "The task is tried again after a growing pause, unless its attempts are spent or `retryable` is false: then it ends as `failed` with `WORKER_FAILED` and the message.",
  errors: END_ERRORS,
  request: body(FailTaskSchema),
  responses: ENDED,
});

const releaseRoute = defineRoute({
  method: "post",
  path: `${path}/release`,
  operationId: "workers.release",
  tags,
  access,
  summary: "Give a task back untried",
  description: "For a worker that shuts down or took too much: no attempt is spent.",
  errors: END_ERRORS,
  request: body(ReleaseTaskSchema),
  responses: ENDED,
});

/** The routes of outside workers. */
export const workerRoutes = newRouter()
  .openapi(registerRoute, async (c) => {
    const { kinds } = c.req.valid("json");
    const { workerId, pool } = await registerWorker(
      c.env,
      c.get("principal").ownerId,
      kinds,
      c.get("locale"),
    );
    return c.json({ worker_id: workerId, pool, kinds }, 201);
  })
  .openapi(leaseRoute, async (c) => {
    const { worker_id, max, wait_seconds, lease_seconds } = c.req.valid("json");
    const worker = workerOf(c, worker_id);
    const wish = { max, waitMs: wait_seconds * 1000, leaseMs: lease_seconds * 1000 };
    // A third: one heartbeat may be lost, and one be late.
    const answer = (leased: readonly LeasedTask[]) => ({
      tasks: leased.map(present),
      heartbeat_seconds: lease_seconds / 3,
    });
    const atOnce = await leaseTasks(c.env, worker, { ...wish, waitMs: 0 });
    c.get("logFields")["leased_at_once"] = atOnce.length;
    if (atOnce.length > 0 || wait_seconds === 0) return c.json(answer(atOnce), 200);
    const log = c.get("log");
    const late = lateJson(async (left) => {
      try {
        return answer(
          await leaseTasks(c.env, worker, wish, left, () => isStillAdmitted(c, "worker")),
        );
      } catch (error) {
        // The worker asks again, and is told then what is wrong.
        log.warn("workers.lease_failed", { worker_id, ...describeError(error) });
        return answer([]);
      }
    });
    // What was taken for one that has left is given back after it.
    c.executionCtx.waitUntil(late.finished);
    return c.body(late.body, 200, {
      "Content-Type": "application/json",
      // Not held back to be compressed: a worker that has left would not be noticed.
      "Cache-Control": "no-store, no-transform",
    }) as never;
  })
  .openapi(heartbeatRoute, async (c) => {
    const { worker_id, leases } = c.req.valid("json");
    const held = leases.map(({ task_id: taskId, lease_token: leaseToken, progress, log }) => ({
      taskId,
      leaseToken,
      progress,
      log,
    }));
    const standings = await beat(c.env, workerOf(c, worker_id), held);
    const answers = leases.map(({ task_id }, index) => ({
      task_id,
      status: standings[index] ?? "lost",
    }));
    return c.json({ leases: answers }, 200);
  })
  .openapi(completeRoute, (c) => {
    const { data, ...held } = c.req.valid("json");
    return end(c, held, { status: "completed", json: JSON.stringify(data) });
  })
  .openapi(failRoute, (c) => {
    const { message, code, retryable, retry_after, ...held } = c.req.valid("json");
    const params = { message, ...(code === undefined ? {} : { worker_code: code }) };
    return end(c, held, {
      status: "failed",
      fault: { code: "WORKER_FAILED", params },
      isRetryable: retryable,
      retryAfterMs: retry_after * 1000,
    });
  })
  .openapi(releaseRoute, (c) => {
    const { delay_seconds, ...held } = c.req.valid("json");
    const notBeforeMs = systemClock() + delay_seconds * 1000;
    return end(c, held, { status: "deferred", notBeforeMs, fault: null });
  });

interface Held {
  readonly worker_id: string;
  readonly task_id: string;
  readonly lease_token: string;
}

async function end(c: Context<AppEnv>, held: Held, outcome: ReportOutcome) {
  const { worker_id, task_id: taskId, lease_token: leaseToken } = held;
  c.get("logFields")["task_id"] = taskId;
  await endRun(c.env, workerOf(c, worker_id), { taskId, leaseToken }, outcome);
  return c.json({ task_id: taskId, status: "accepted" as const }, 200);
}

const workerOf = (c: Context<AppEnv>, workerId: string): WorkerRef => ({
  workerId,
  ownerId: c.get("principal").ownerId,
});

const present = ({ assignment, leaseToken }: LeasedTask) => ({
  task_id: assignment.taskId,
  lease_token: leaseToken,
  kind: assignment.kind,
  attempt: assignment.attempt,
  timeout: assignment.timeoutMs / 1000,
  deadline: toTimestamp(assignment.deadlineMs),
  traceparent: assignment.traceparent,
  input: JSON.parse(assignment.inputJson) as JsonObject,
});
