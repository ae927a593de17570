import { z } from "@hono/zod-openapi";
import { METRICS } from "#platform/metric-table";

const example = Object.entries(METRICS)
  .slice(0, 1)
  .map(
    ([name, { help, type }]) =>
      `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name}{method="POST",route="/scrape",status="200"} 42\n`,
  )
  .join("");

export const ExpositionSchema = z.string().openapi("MetricsExposition", {
  description: "Prometheus's text format, version 0.0.4.",
  example,
});

const count = (description: string) => z.int().min(0).openapi({ description, example: 42 });
const ratio = (description: string) =>
  z.number().min(0).max(1).openapi({ description, example: 0.0125 });
const milliseconds = (description: string) =>
  z.number().nullable().openapi({ description, example: 12.5 });
const counts = (description: string, example: Record<string, number>) =>
  z.record(z.string(), z.int().min(0)).openapi({ description, example });

const durations = {
  average_ms: milliseconds("Exact. Null where nothing was observed."),
  p50_ms: milliseconds(
    "By interpolation within a histogram's bucket, as evenly spread; times beyond the last bound are told as that bound.",
  ),
  p95_ms: milliseconds("By interpolation, as `p50_ms`."),
  p99_ms: milliseconds("By interpolation, as `p50_ms`."),
};

const RouteStatsSchema = z
  .object({
    route: z.string().openapi({
      description: "The template; `unmatched` for what no route took.",
      example: "/api/v1/tasks/:id",
    }),
    requests: count("Requests that were answered."),
    errors: count("Of them with 5xx."),
    refusals: count("Of them with 4xx."),
    error_rate: ratio("Errors by requests."),
    methods: counts("Requests by method.", { GET: 40, HEAD: 2 }),
    statuses: counts("Requests by status.", { "200": 40, "404": 2 }),
    ...durations,
  })
  .openapi("RouteStats");

const CacheStatsSchema = z
  .object({
    hits: count("Answers told from the cache."),
    misses: count("Answers that it did not have."),
    hit_ratio: ratio("Null where the cache was never asked.").nullable(),
  })
  .openapi("CacheHits");

const KindStatsSchema = z
  .object({
    completed: count("Tasks that completed, ever."),
    failed: count("Tasks that failed, ever, those included that were run again later."),
    cancelled: count("Tasks that were cancelled."),
    timed_out: count("Tasks that ran out of time."),
    ...durations,
  })
  .openapi("TaskKindStats");

const ModelStatsSchema = z
  .object({
    provider: z.string().openapi({ example: "openai" }),
    model: z.string().openapi({ example: "gpt-4o-mini" }),
    requests: count("Runs that ended."),
    errors: count("Of them without an answer."),
    prompt_tokens: count("Tokens read."),
    completion_tokens: count("Tokens written."),
  })
  .openapi("ModelStats");

const Timestamp = z.iso
  .datetime({ precision: 3 })
  .openapi({ example: "2026-10-20T09:30:00.000Z", description: "RFC 3339 in UTC." });

export const StatsSchema = z
  .object({
    timestamp: Timestamp,
    counted_since: Timestamp,
    requests: z.object({
      total: count("Requests that were answered, over all routes."),
      errors: count("Of them with 5xx."),
      error_rate: ratio("Errors by requests."),
    }),
    routes: z
      .array(RouteStatsSchema)
      .openapi({ description: "The most used first. Times are to the head of the answer." }),
    slowest_routes: z
      .array(RouteStatsSchema.pick({ route: true, requests: true, p95_ms: true }))
      .openapi({ description: "Up to ten, by `p95_ms`." }),
    cache: z.object({ answers: CacheStatsSchema, pages: CacheStatsSchema }),
    tasks: z
      .record(z.string(), KindStatsSchema)
      .openapi({ description: "By kind. Times are from a worker's start to the end." }),
    models: z.array(ModelStatsSchema).openapi({ description: "The most used first." }),
    auth: counts("Credentials that were checked, by what became of them.", {
      ok: 40,
      unknown_key: 2,
    }),
    rate_limited: counts("Requests that a limit refused, by its policy.", { burst: 3 }),
  })
  .openapi("Stats");
