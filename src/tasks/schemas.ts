import { z } from "@hono/zod-openapi";
import { PAGE_QUERY, pageOf } from "#http/pagination";
import {
  DEFAULT_TIMEOUT_S,
  MAX_ATTEMPTS,
  MAX_DELAY_S,
  MAX_QUEUE_TTL_S,
  MAX_RESULT_TTL_S,
  MIN_RESULT_TTL_S,
  MOST_ATTEMPTS,
  PRIORITIES,
  MAX_SERVED_TIMEOUT_S,
  MAX_TIMEOUT_S,
  TASK_STATUSES,
  WAIT_MARGIN_S,
} from "./service";

const EXAMPLE_ID = "task_01kcm4v7d0003q6zr1w8n5tbe2y9f";

export const TaskErrorSchema = z
  .object({
    code: z
      .string()
      .openapi({ description: "Stable, the same in every language.", example: "FETCH_FAILED" }),
    message: z.string().openapi({ description: "What happened, for a person." }),
    detail: z.string().nullable().openapi({ description: "What to do about it." }),
  })
  .openapi("TaskError");

/** What a task and its entry in a list have in common. */
const COMMON = {
  request_id: z.string().openapi({ description: "The task's id.", example: EXAMPLE_ID }),
  kind: z.string().openapi({ example: "echo" }),
  status: z.enum(TASK_STATUSES),
  priority: z.enum(PRIORITIES),
  error: TaskErrorSchema.nullable().openapi({
    description:
      "Why it did not succeed; while it waits, what for: why the last attempt failed, or which target keeps it waiting (`SITE_BUSY`, `HOST_DOWN`, `ROBOTS_UNREACHABLE`).",
  }),
  execution_time: z.number().openapi({
    description:
      "Seconds from the first start of its work to its end, or up to this moment; 0 before it starts.",
    example: 0.42,
  }),
  attempts: z.int().openapi({ description: "Attempts begun so far.", example: 1 }),
  created_at: z.iso.datetime({ precision: 3 }),
  completed_at: z.iso.datetime({ precision: 3 }).nullable(),
  not_before: z.iso.datetime({ precision: 3 }).nullable().openapi({
    description:
      "Before when a waiting task is not tried: the time that it was submitted for, or, where `error` says why, that of its next attempt. Null where it waits for nothing but a worker.",
  }),
};

/** The answer of every route that shows a task. */
export const TaskSchema = z
  .object({
    ...COMMON,
    data: z.unknown().openapi({
      description:
        "The result once it is completed; null where it is larger than 64 KiB and stands at `result_url`.",
    }),
    progress: z.unknown().openapi({
      description: "How far its worker says that it is; null where it says nothing.",
    }),
    result_url: z
      .string()
      .optional()
      .openapi({
        description: "Where a large result is read from.",
        example: `/api/v1/tasks/${EXAMPLE_ID}/result`,
      }),
  })
  .openapi("Task");
export type Task = z.infer<typeof TaskSchema>;

export const TaskSummarySchema = z.object(COMMON).openapi("TaskSummary");
export type TaskSummaryBody = z.infer<typeof TaskSummarySchema>;
export const TaskPageSchema = pageOf(TaskSummarySchema).openapi("TaskPage");

export const TimeoutSchema = z
  .int()
  .min(1)
  .max(MAX_TIMEOUT_S)
  .default(DEFAULT_TIMEOUT_S)
  .openapi({
    description: `Seconds that the task's work may take, over all its attempts, counted from the first one's start: then it is ended as \`timed_out\`, and no attempt begins later. Waiting for a worker, or for a busy target before anything was asked of it, does not count; a target that wants to be left alone for longer than this and ${WAIT_MARGIN_S} s, or 15 minutes, ends the task. Our own workers serve at most ${MAX_SERVED_TIMEOUT_S}; more is refused where no other worker serves the kind.`,
    example: 30,
  });

/** What every body that submits a task may say of how it is run; `splitOptions` takes it out again. */
export const RUN_OPTIONS = {
  priority: z.enum(PRIORITIES).optional().openapi({
    description:
      "Which of your own waiting tasks goes first: `normal` unless told. Of nine that start while all three wait, about six are `high`, two `normal` and one `low`, so that none waits for ever. Between clients turns are even, whatever they call urgent.",
    example: "high",
  }),
  delay_seconds: z.int().min(0).max(MAX_DELAY_S).optional().openapi({
    description: "Starts the task no sooner than so many seconds from now; at most 30 days.",
    example: 60,
  }),
  run_at: z.iso.datetime({ offset: true }).optional().openapi({
    description:
      "Starts the task no sooner than at this time (RFC 3339), at most 30 days ahead; one in the past is now. Not together with `delay_seconds`.",
    example: "2026-12-24T18:00:00Z",
  }),
  queue_ttl: z.int().min(1).max(MAX_QUEUE_TTL_S).optional().openapi({
    description:
      "Gives the task up where no worker has taken it within so many seconds of its time: it ends as `failed` with `TASK_UNDELIVERABLE`. 24 hours unless told. A task that could not be started in that time, as far as can be foreseen, is refused at once.",
    example: 600,
  }),
  max_attempts: z
    .int()
    .min(1)
    .max(MOST_ATTEMPTS)
    .optional()
    .openapi({
      description: `How often the task is tried at most: ${MAX_ATTEMPTS} unless told, 1 for no retry.`,
      example: 1,
    }),
  result_ttl: z.int().min(MIN_RESULT_TTL_S).max(MAX_RESULT_TTL_S).optional().openapi({
    description: "Seconds that the task and its result are kept after its end; 7 days unless told.",
    example: 3600,
  }),
  callback_url: z.string().min(1).max(2048).optional().openapi({
    description:
      'Is sent the task by POST when it has ended, whatever its end, signed as Standard Webhooks says (`POST /api/v1/webhook-secret` gives the secret). The body is `{type: "task.completed", timestamp, data}` with the task in `data`; a result that makes it larger than 20 kB stays at `result_url`. Only 2xx within 15 s is a delivery, redirects are not followed, 410 ends it; else it is tried ten times over three days, with the same `webhook-id`. `GET /api/v1/tasks/{id}/deliveries` tells how far it is. Public addresses only, as for pages that are scraped.',
    example: "https://hooks.example.com/naru",
  }),
};

export const CreateTaskSchema = z
  .strictObject({
    kind: z.string().min(1).max(64).openapi({ example: "echo" }),
    input: z.record(z.string(), z.json()).openapi({
      type: "object",
      description: "What the kind asks for.",
      example: { hello: "world" },
    }),
    timeout: TimeoutSchema,
    ...RUN_OPTIONS,
  })
  .openapi("CreateTask");

export const MAX_BATCH = 100;

export const BatchSchema = z
  .strictObject({
    // Judged task by task, so that the faults of all of them are told at once; the document shows their form.
    tasks: z
      .array(z.unknown())
      .min(1)
      .max(MAX_BATCH)
      .openapi({
        type: "array",
        items: { $ref: "#/components/schemas/CreateTask" },
        description: "Each as `POST /api/v1/tasks` takes it.",
        example: [{ kind: "echo", input: { hello: "world" } }],
      }),
  })
  .openapi("CreateTaskBatch");

const BatchItemSchema = z
  .object({
    index: z.int().openapi({ description: "Its place in the request, from 0.", example: 0 }),
    verdict: z.enum(["accepted", "joined", "refused"]),
    task: TaskSchema.nullable(),
    error: TaskErrorSchema.nullable().openapi({ description: "Why it was refused." }),
    retry_after: z
      .int()
      .nullable()
      .openapi({ description: "Seconds after which a refused task may be sent again." }),
  })
  .openapi("TaskBatchItem");
export type BatchItem = z.infer<typeof BatchItemSchema>;

export const BatchAnswerSchema = z.object({ items: z.array(BatchItemSchema) }).openapi("TaskBatch");

export const TaskParamsSchema = z.object({
  id: z.string().openapi({ param: { name: "id", in: "path" }, example: EXAMPLE_ID }),
});

export const ListTasksQuerySchema = z.strictObject({
  ...PAGE_QUERY,
  kind: z.string().min(1).max(64).optional().openapi({ description: "Only tasks of this kind." }),
  status: z.enum(TASK_STATUSES).optional().openapi({ description: "Only tasks in this state." }),
  created_after: z.iso.datetime({ offset: true }).optional().openapi({
    description: "Only tasks that were accepted at this time (RFC 3339) or later.",
    example: "2026-11-01T00:00:00Z",
  }),
  created_before: z.iso.datetime({ offset: true }).optional().openapi({
    description: "Only tasks that were accepted before this time.",
    example: "2026-12-01T00:00:00Z",
  }),
});

const Count = z.int().min(0);
const StateCountsSchema = z.object({
  ...(Object.fromEntries(TASK_STATUSES.map((status) => [status, Count])) as Record<
    (typeof TASK_STATUSES)[number],
    typeof Count
  >),
  scheduled: Count.openapi({ description: "Those of `queued` that wait for their time." }),
});

/** The caller's own tasks in numbers. */
export const OwnStatsSchema = z
  .object({
    queue_length: Count.openapi({
      description: "Tasks of yours that could run and wait for a worker.",
    }),
    scheduled: Count.openapi({
      description: "Tasks of yours that wait for their time, or for that of their next attempt.",
    }),
    running: Count,
    oldest_queued_seconds: z.number().nullable().openapi({
      description: "How long the longest of `queue_length` waits; null where none does.",
    }),
    total: Count.openapi({ description: "All that are kept." }),
    by_kind: z.record(z.string(), StateCountsSchema),
  })
  .openapi("OwnTaskStats");
export type OwnStats = z.infer<typeof OwnStatsSchema>;

/** What a caller may say of how it waits, for the document; read by the one who answers. */
export const SubmissionHeadersSchema = z.object({
  prefer: z.string().optional().openapi({
    description:
      "`respond-async` answers 202 at once; `wait=N` waits at most N seconds; both together wait, then answer 202 (RFC 7240).",
    example: "wait=10",
  }),
  "idempotency-key": z.string().optional().openapi({
    description: "The same key with the same body leads to the same task for 24 hours.",
    example: "order-4711",
  }),
});
