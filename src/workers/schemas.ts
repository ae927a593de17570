import { z } from "@hono/zod-openapi";
import {
  DEFAULT_LEASE_S,
  MAX_HEARTBEATS,
  MAX_LEASE_S,
  MAX_LEASED,
  MAX_POLL_S,
  MIN_LEASE_S,
} from "./service";

const workerId = z.string().min(1).max(64).openapi({
  description: "As `register` gave it.",
  example: "wrk_01kcm4v7d00000000q6zr1w8n5tbe2y9f",
});
const HELD = {
  task_id: z.string().min(1).max(64).openapi({ example: "task_01kcm4v7d0003q6zr1w8n5tbe2y9f" }),
  lease_token: z.string().min(1).max(64).openapi({
    description: "As `lease` gave it with the task.",
    example: "1.q83vEjRWeJCrze8SNFZ4kA",
  }),
};

export const RegisterWorkerSchema = z
  .strictObject({
    kinds: z
      .array(z.string().min(1).max(64))
      .min(1)
      .max(20)
      .openapi({
        description:
          "The kinds of tasks that it serves; each stands in the deployment's `WORKER_KINDS`, and all of them in one pool.",
        example: ["ocr"],
      }),
  })
  .openapi("RegisterWorker");

export const RegisteredWorkerSchema = z
  .object({
    worker_id: workerId,
    pool: z.string().openapi({ example: "ocr" }),
    kinds: z.array(z.string()),
  })
  .openapi("RegisteredWorker");

export const LeaseTasksSchema = z
  .strictObject({
    worker_id: workerId,
    max: z.int().min(1).max(MAX_LEASED).default(1).openapi({
      description: "Tasks at most; take no more than you can begin at once.",
      example: 1,
    }),
    wait_seconds: z.int().min(0).max(MAX_POLL_S).default(MAX_POLL_S).openapi({
      description: "How long to wait for the first task.",
      example: MAX_POLL_S,
    }),
    lease_seconds: z.int().min(MIN_LEASE_S).max(MAX_LEASE_S).default(DEFAULT_LEASE_S).openapi({
      description:
        "How long each task stays yours without a heartbeat. Then it is given to another worker.",
      example: DEFAULT_LEASE_S,
    }),
  })
  .openapi("LeaseTasks");

export const LeasedTasksSchema = z
  .object({
    tasks: z.array(
      z.object({
        ...HELD,
        kind: z.string(),
        attempt: z.int().openapi({ description: "Counts from 1." }),
        timeout: z.number().openapi({ description: "Seconds left for it." }),
        deadline: z.iso.datetime({ precision: 3 }).openapi({
          description: "Then the task ends as `timed_out`, whoever runs it.",
        }),
        traceparent: z.string(),
        input: z.record(z.string(), z.unknown()),
      }),
    ),
    heartbeat_seconds: z.number().openapi({
      description: "How often to send a heartbeat.",
      example: 10,
    }),
  })
  .openapi("LeasedTasks");

export const HeartbeatSchema = z
  .strictObject({
    worker_id: workerId,
    leases: z
      .array(
        z.strictObject({
          ...HELD,
          progress: z
            .unknown()
            .optional()
            .openapi({
              description:
                "How far it is, for those who follow the task; any JSON, at most 4 KiB, else it is left out.",
              example: { done: 3, of: 10 },
            }),
        }),
      )
      .max(MAX_HEARTBEATS)
      .default([]),
  })
  .openapi("WorkerHeartbeat");

export const HeartbeatAnswerSchema = z
  .object({
    leases: z.array(
      z.object({
        task_id: z.string(),
        status: z.enum(["extended", "cancel", "lost"]).openapi({
          description:
            "`extended`: go on. `cancel`: it was called off. `lost`: it is over or another's. The last two: stop, and report nothing.",
        }),
      }),
    ),
  })
  .openapi("WorkerHeartbeatAnswer");

export const CompleteTaskSchema = z
  .strictObject({
    worker_id: workerId,
    ...HELD,
    // What was parsed from a body is JSON of bounded depth; only its absence is left to refuse.
    data: z
      .unknown()
      .refine((data) => data !== undefined)
      .openapi({ description: "The result, any JSON.", example: { text: "…" } }),
  })
  .openapi("CompleteTask");

export const FailTaskSchema = z
  .strictObject({
    worker_id: workerId,
    ...HELD,
    message: z.string().min(1).max(500).openapi({
      description: "What went wrong, for the person who submitted it: no secrets, no stack.",
      example: "The image is blank.",
    }),
    code: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,64}$/)
      .optional()
      .openapi({ description: "Your own name for it.", example: "BLANK_IMAGE" }),
    retryable: z.boolean().default(true).openapi({
      description: "Whether another attempt could end differently.",
    }),
    retry_after: z.int().min(0).max(86_400).default(0).openapi({
      description: "Not before so many seconds.",
    }),
  })
  .openapi("FailTask");

export const ReleaseTaskSchema = z
  .strictObject({
    worker_id: workerId,
    ...HELD,
    delay_seconds: z.int().min(0).max(900).default(0).openapi({
      description: "Given out again no sooner than then.",
    }),
  })
  .openapi("ReleaseTask");

export const RunEndedSchema = z
  .object({ task_id: z.string(), status: z.literal("accepted") })
  .openapi("RunEnded");
