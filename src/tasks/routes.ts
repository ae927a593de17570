import { z } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { requireScope } from "#auth/guard";
import { fromTimestamp, systemClock } from "#platform/clock";
import { json } from "#http/json-content";
import type { AppEnv } from "#http/context";
import { etagOf, requireMatch } from "#http/etag";
import { answerBytes } from "#http/range-answer";
import { decodeCursor, encodeCursor, linkNextPage } from "#http/pagination";
import { defineRoute, newRouter } from "#http/router";
import { answerSubmission, SUBMISSION_ERRORS } from "./guard";
import { presentSummary, presentTask } from "./present";
import {
  CreateTaskSchema,
  ListTasksQuerySchema,
  SubmissionHeadersSchema,
  TaskPageSchema,
  TaskParamsSchema,
  TaskSchema,
} from "./schemas";
import { openResult } from "./result";
import { cancelTask, getTask, listTasks, splitOptions } from "./service";
import type { KindRegistry } from "./service";

const read = requireScope("tasks:read");
const write = requireScope("tasks:write");

const createTask = defineRoute({
  method: "post",
  path: "/api/v1/tasks",
  operationId: "tasks.create",
  tags: ["tasks"],
  summary: "Run a task and answer when it ends",
  description:
    "Puts a task on the queue and answers on the same request when a worker has done it: 200 with the record, also for a task that failed. The caller waits for `timeout` and 30 s more; `Prefer: wait=N` waits less, `Prefer: respond-async` answers 202 at once with `Location`. A wait or a run that took too long is a 408 with the task's id; the result of a wait that ended first is kept. Accepted tasks survive restarts, are tried up to four times, and end once. The kind `echo` answers its input: a check of the whole way to a worker and back.",
  access: write,
  errors: SUBMISSION_ERRORS,
  request: {
    headers: SubmissionHeadersSchema,
    body: { required: true, content: { "application/json": { schema: CreateTaskSchema } } },
  },
  responses: {
    200: json(TaskSchema, "The task has ended."),
    202: json(TaskSchema, "The task is accepted; `Location` says where to follow it."),
  },
});

const listRoute = defineRoute({
  method: "get",
  path: "/api/v1/tasks",
  operationId: "tasks.list",
  tags: ["tasks"],
  summary: "List your tasks",
  description:
    "Newest first, narrowed by kind, state and time where that is said. Tasks are kept for 7 days after their end, or for their `result_ttl`. What was accepted or changed before the call is in it.",
  access: read,
  errors: ["INVALID_CURSOR"],
  request: { query: ListTasksQuerySchema },
  responses: { 200: json(TaskPageSchema, "A page of tasks.") },
});

const getRoute = defineRoute({
  method: "get",
  path: "/api/v1/tasks/{id}",
  operationId: "tasks.get",
  tags: ["tasks"],
  summary: "Read a task",
  access: read,
  errors: ["TASK_NOT_FOUND"],
  request: { params: TaskParamsSchema },
  responses: { 200: json(TaskSchema, "The task.") },
});

const resultRoute = defineRoute({
  method: "get",
  path: "/api/v1/tasks/{id}/result",
  operationId: "tasks.result",
  tags: ["tasks"],
  summary: "Read a task's result alone",
  description:
    "The result's JSON, streamed; the way to one that is too large to stand in the task. It never changes once the task has ended; before that the answer is 409 `RESULT_NOT_READY` with `Retry-After`. A part of it is served to a `Range` of bytes, for `If-Range` too: a download that broke off goes on where it was.",
  access: read,
  errors: ["TASK_NOT_FOUND", "RESOURCE_NOT_FOUND", "RESULT_NOT_READY", "RANGE_NOT_SATISFIABLE"],
  request: { params: TaskParamsSchema },
  responses: {
    200: json(z.unknown().openapi({ description: "Any JSON value." }), "The result."),
    206: {
      description: "The bytes that `Range` asked for.",
      content: { "application/json": { schema: z.string() } },
    },
  },
});

const cancelRoute = defineRoute({
  method: "delete",
  path: "/api/v1/tasks/{id}",
  operationId: "tasks.cancel",
  tags: ["tasks"],
  summary: "Cancel a task",
  description:
    "Ends a task that has not ended. A worker that runs it is told within seconds, and what it still answers counts for nothing.",
  access: write,
  errors: ["TASK_NOT_FOUND", "TASK_ALREADY_FINISHED", "PRECONDITION_FAILED"],
  request: { params: TaskParamsSchema },
  responses: { 200: json(TaskSchema, "The task as it ended.") },
});

const CursorSchema = z.strictObject({ before: z.string().max(64) });

/** The routes of tasks of any kind. */
export const createTaskRoutes = (kinds: KindRegistry): OpenAPIHono<AppEnv> =>
  newRouter()
    .openapi(createTask, (c) => {
      const { options, rest } = splitOptions(c.req.valid("json"));
      return answerSubmission(c, { kinds, ...rest, options, inputRoot: ["input"] }) as never;
    })
    .openapi(listRoute, async (c) => {
      const { limit, cursor, kind, status, created_after, created_before } = c.req.valid("query");
      const { tasks, hasMore } = await listTasks(c.env, {
        ownerId: c.get("principal").ownerId,
        kind: kind ?? null,
        status: status ?? null,
        fromMs: created_after === undefined ? null : fromTimestamp(created_after),
        untilMs: created_before === undefined ? null : fromTimestamp(created_before),
        beforeId: decodeCursor(cursor, CursorSchema)?.before ?? null,
        limit,
      });
      const last = tasks.at(-1);
      const nextCursor = hasMore && last ? encodeCursor({ before: last.id }) : null;
      linkNextPage(c, nextCursor);
      const items = tasks.map((task) => presentSummary(task, c.get("locale"), systemClock()));
      return c.json({ items, next_cursor: nextCursor }, 200);
    })
    .openapi(getRoute, async (c) => {
      const task = await getTask(c.env, c.req.valid("param").id, c.get("principal").ownerId);
      return c.json(presentTask(task, c.get("locale"), systemClock()), 200);
    })
    .openapi(resultRoute, async (c) => {
      const { id } = c.req.valid("param");
      const { version, bytes, read } = await openResult(c.env, id, c.get("principal").ownerId);
      // By the task's end rather than by the bytes, which stream.
      const etag = await etagOf(["result", id, version]);
      return answerBytes(c, { etag, bytes, type: "application/json", read }) as never;
    })
    .openapi(cancelRoute, async (c) => {
      const { id } = c.req.valid("param");
      const { ownerId } = c.get("principal");
      if (c.req.header("if-match") !== undefined) {
        const present = await getTask(c.env, id, ownerId);
        await requireMatch(c, presentTask(present, c.get("locale"), systemClock()));
      }
      const task = await cancelTask(c.env, id, ownerId);
      return c.json(presentTask(task, c.get("locale"), systemClock()), 200);
    });
