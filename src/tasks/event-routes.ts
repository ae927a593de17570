import { z } from "@hono/zod-openapi";
import { holdStream, requireScope } from "#auth/guard";
import { defineRoute, newRouter } from "#http/router";
import { answerSse, lastEventNumber } from "#http/sse-answer";
import { followEvents, isReadToEnd, openEvents } from "./follow";
import { presentEvent } from "./core/present-event";
import { presentClosing } from "./present-closing";
import { TaskParamsSchema } from "./schemas";

const EXAMPLE = `id: 1
event: status
data: {"task_id":"task_01kcm4v7d0003q6zr1w8n5tbe2y9f","status":"queued","attempt":0,"error":null,"not_before":null,"timestamp":"2026-11-21T05:00:00.000Z"}

id: 2
event: status
data: {"task_id":"task_01kcm4v7d0003q6zr1w8n5tbe2y9f","status":"running","attempt":1,"error":null,"not_before":null,"timestamp":"2026-11-21T05:00:00.007Z"}

`;

const eventsRoute = defineRoute({
  method: "get",
  path: "/api/v1/tasks/{id}/events",
  operationId: "tasks.events",
  tags: ["tasks"],
  summary: "Follow a task",
  description:
    "Server-sent events: all that has happened to the task, then what happens, until it has ended. `status` tells each state with its attempt, and why and until when a task waits; `progress` and `log` are what its worker tells; `result` follows the last status with `data` (or `result_url` where it is over 64 KiB) or `error`. The last event is `done` with `reason` `ended`, or `recycle` after 15 minutes of a task that goes on, or it is `error` with the members of a problem: the credential was revoked (within 5 s), the stream's place was lost, or the reader took nothing for 30 s. Every event has an `id`; connect again with `Last-Event-ID` and the stream goes on behind it, with none lost and none repeated, for as long as the task is kept. A task keeps its newest 500 events or 256 KiB of them. A reader that has seen the `done` of an ended task is answered 204, which tells an EventSource to stay away. A comment every 15 s keeps the connection open. Each stream takes one of the owner's places of the policy `streams` (10 at once).",
  access: requireScope("tasks:read"),
  errors: ["TASK_NOT_FOUND", "INVALID_HEADER", "TOO_MANY_CONCURRENT"],
  request: {
    params: TaskParamsSchema,
    headers: z.object({
      "last-event-id": z.string().optional().openapi({
        description: "The id of the last event that was seen.",
        example: "2",
      }),
    }),
  },
  responses: {
    200: {
      description: "The stream.",
      content: { "text/event-stream": { schema: z.string(), example: EXAMPLE } },
    },
    204: { description: "The task has ended and all of its events were seen." },
  },
});

/** The event streams of tasks. */
export const taskEventRoutes = newRouter().openapi(eventsRoute, async (c) => {
  const { id: taskId } = c.req.valid("param");
  const { env } = c;
  const locale = c.get("locale");
  const afterSeq = lastEventNumber(c);
  const reader = { taskId, ownerId: c.get("principal").ownerId, afterSeq };
  const first = await openEvents(env, reader);
  if (isReadToEnd(first, afterSeq)) return c.body(null, 204);
  const hold = await holdStream(c);
  return answerSse(
    c,
    async ({ send, signal }) => {
      const end = await followEvents(
        env,
        reader,
        first,
        (event, page) => send(presentEvent(taskId, event, page, locale)),
        signal,
      );
      return presentClosing(taskId, end);
    },
    { ...hold, ...(afterSeq > 0 ? { resumedFrom: String(afterSeq) } : {}) },
  );
});
