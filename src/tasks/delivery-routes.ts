import { z } from "@hono/zod-openapi";
import { requireScope } from "#auth/guard";
import { toTimestamp } from "#platform/clock";
import { pageOf } from "#http/pagination";
import { defineRoute, newRouter } from "#http/router";
import { DELIVERY_STATUSES } from "./core/delivery";
import type { DeliveryRow } from "./core/delivery";
import { TaskParamsSchema } from "./schemas";
import { listDeliveries } from "./service";

const time = z.iso.datetime({ precision: 3 });

const DeliverySchema = z
  .object({
    id: z.string().openapi({
      description: "What the receiver sees as `webhook-id`, the same at every attempt.",
      example: "dlv_01kcm4v7d0q6zr1w8n5tbe2y9f",
    }),
    url: z.string(),
    event: z.string().openapi({ example: "task.completed" }),
    status: z.enum(DELIVERY_STATUSES).openapi({
      description:
        "`gone`: the receiver answered 410 and is left alone; `failed`: every attempt failed.",
    }),
    created_at: time,
    ended_at: time.nullable(),
    next_attempt_at: time.nullable().openapi({
      description: "No sooner than then it is tried again; null where it is over, or being tried.",
    }),
    attempts: z.array(
      z.object({
        attempt: z.int().openapi({ description: "Counts from 1." }),
        started_at: time,
        duration: z.number().openapi({ description: "Seconds.", example: 0.12 }),
        status_code: z.int().nullable().openapi({ description: "Null where no answer came." }),
        error: z.string().nullable().openapi({
          description:
            "Why it is no delivery: `TARGET_STATUS` where the answer was not 2xx, else what kept it from coming. `WORKER_LOST`: it may have arrived.",
          example: "FETCH_TIMED_OUT",
        }),
      }),
    ),
  })
  .openapi("Delivery");

const listRoute = defineRoute({
  method: "get",
  path: "/api/v1/tasks/{id}/deliveries",
  operationId: "tasks.deliveries",
  tags: ["tasks"],
  summary: "List the webhook deliveries of a task",
  description:
    "Oldest first: one for each end of a task that named a `callback_url`, so one, and one more where it was run again from its dead letter; each with all its attempts. Empty where nobody is called back, or not yet. Kept for 7 days after the delivery's end, also where the task itself is gone.",
  access: requireScope("tasks:read"),
  errors: ["TASK_NOT_FOUND"],
  request: { params: TaskParamsSchema },
  responses: {
    200: {
      description: "All deliveries; there is never a next page.",
      content: { "application/json": { schema: pageOf(DeliverySchema).openapi("DeliveryPage") } },
    },
  },
});

/** The route of a task's webhook deliveries. */
export const deliveryRoutes = newRouter().openapi(listRoute, async (c) => {
  const deliveries = await listDeliveries(
    c.env,
    c.req.valid("param").id,
    c.get("principal").ownerId,
  );
  return c.json({ items: deliveries.map(present), next_cursor: null }, 200);
});

const present = (row: Omit<DeliveryRow, "body">): z.infer<typeof DeliverySchema> => ({
  id: row.id,
  url: row.url,
  event: row.event,
  status: row.status,
  created_at: toTimestamp(row.createdAtMs),
  ended_at: row.endedAtMs === null ? null : toTimestamp(row.endedAtMs),
  next_attempt_at:
    row.status === "pending" && row.lease === null ? toTimestamp(row.notBeforeMs) : null,
  attempts: row.history.map((entry) => ({
    attempt: entry.attempt,
    started_at: toTimestamp(entry.startedAtMs),
    duration: entry.durationMs / 1000,
    status_code: entry.statusCode,
    error: entry.code,
  })),
});
