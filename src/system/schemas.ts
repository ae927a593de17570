import { z } from "@hono/zod-openapi";
import { COMPONENTS } from "./core/health";

const Timestamp = z.iso
  .datetime({ precision: 3 })
  .openapi({ example: "2026-10-20T09:30:00.000Z", description: "RFC 3339 in UTC." });

const HealthStatusSchema = z.enum(["healthy", "degraded", "unhealthy"]).openapi("HealthStatus");

const ComponentSchema = z
  .object({
    status: HealthStatusSchema,
    latency_ms: z
      .number()
      .nullable()
      .openapi({ description: "Null where nothing had to be asked.", example: 3 }),
  })
  .openapi("ComponentHealth");

const Unreported = z
  .number()
  .nullable()
  .openapi({ description: "Null where the platform does not report it." });

export const RootSchema = z
  .object({
    message: z.string(),
    version: z.string(),
    status: z.literal("running"),
    timestamp: Timestamp,
  })
  .openapi("Root", {
    example: {
      message: "Naru: an API server at the edge. See /docs.",
      version: "0.1.0",
      status: "running",
      timestamp: "2026-10-20T09:30:00.000Z",
    },
  });

export const HealthSchema = z
  .object({
    status: HealthStatusSchema,
    version: z.string(),
    timestamp: Timestamp,
    components: z.object(
      Object.fromEntries(COMPONENTS.map((name) => [name, ComponentSchema])) as Record<
        (typeof COMPONENTS)[number],
        typeof ComponentSchema
      >,
    ),
    environment_validation: z.object({
      status: z.enum(["valid", "invalid"]),
      issues: z.object({
        critical: z.array(z.string()),
        errors: z.array(z.string()),
        warnings: z.array(z.string()),
      }),
      faults: z
        .array(
          z.object({
            code: z.string(),
            severity: z.enum(["critical", "error", "warning"]),
            message: z.string(),
            fix: z.string(),
          }),
        )
        .openapi({ description: "The same issues, each with a code and what to do about it." }),
    }),
    system_info: z.object({
      cpu_usage: Unreported,
      memory_usage: Unreported,
      disk_usage: z
        .number()
        .nullable()
        .openapi({ description: "Percent of the database's limit that is in use.", example: 0.01 }),
    }),
  })
  .openapi("Health");
export type Health = z.infer<typeof HealthSchema>;

export const LivenessSchema = z.object({ status: z.literal("alive") }).openapi("Liveness");
export const ReadinessSchema = z.object({ status: z.literal("ready") }).openapi("Readiness");

const count = (description: string) => z.int().min(0).openapi({ description, example: 0 });

export const StatusSchema = z
  .object({
    status: z.literal("operational"),
    queue_length: count("Tasks that could run and wait for a worker."),
    scheduled: count("Tasks that wait for their time, or for that of their next attempt."),
    oldest_queued_seconds: z.number().nullable().openapi({
      description: "How long the longest of `queue_length` waits; null where none does.",
    }),
    running_tasks: count("Tasks that a worker holds."),
    active_workers: count("Workers that claimed or gave a sign of life in the last 30 s."),
    completed_tasks: count("Tasks that ever completed."),
    failed_tasks: count("Tasks that ever failed."),
    cancelled_tasks: count("Tasks that were ever cancelled."),
    timed_out_tasks: count("Tasks that ever overran their timeout."),
    by_kind: z
      .record(
        z.string(),
        z.object({
          queue_length: count("Waiting for a worker."),
          scheduled: count("Waiting for their time."),
          running: count("Held by a worker."),
          completed: count("Ever completed."),
          failed: count("Ever failed."),
          cancelled: count("Ever cancelled."),
          timed_out: count("Ever timed out."),
        }),
      )
      .openapi({ description: "The same numbers by kind of task." }),
    last_claim_at: Timestamp.nullable().openapi({
      description: "When a worker last claimed a task; null if none ever did.",
    }),
    uptime: z.int().openapi({
      description: "Seconds since the isolate that answers met its first request.",
    }),
    memory_usage: Unreported,
    cpu_usage: Unreported,
  })
  .openapi("Status");
export type Status = z.infer<typeof StatusSchema>;

export const ErrorPageParams = z.object({
  code: z
    .string()
    .max(64)
    .openapi({ description: "The `code` of a problem.", example: "RATE_LIMITED" }),
});
export const ErrorPageQuery = z.object({
  lang: z
    .enum(["ko", "en"])
    .optional()
    .openapi({ description: "The language, where Accept-Language should not decide." }),
});

export const ErrorPageSchema = z
  .object({
    type: z.string(),
    code: z.string(),
    status: z.int(),
    title: z.string(),
    error: z.string(),
    detail: z.string().nullable(),
  })
  .openapi("ErrorDescription");

export const HtmlSchema = z.string().openapi({ description: "A page for people." });
export const DocumentSchema = z
  .looseObject({ openapi: z.string(), info: z.looseObject({}), paths: z.looseObject({}) })
  .openapi("OpenApiDocument");
