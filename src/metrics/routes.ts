import type { OpenAPIHono } from "@hono/zod-openapi";
import type { AppEnv } from "#http/context";
import { json } from "#http/json-content";
import { defineRoute, newRouter } from "#http/router";
import type { ErrorCode } from "#platform/errors";
import { METRICS_READERS, STATS_READERS } from "./guard";
import { ExpositionSchema, StatsSchema } from "./schemas";
import { EXPOSITION_TYPE, readMetrics, readStats } from "./service";

const tags = ["system"];
const REFUSALS: readonly ErrorCode[] = [
  "CONFLICTING_CREDENTIALS",
  "AUTHENTICATION_REQUIRED",
  "INVALID_API_KEY",
  "API_KEY_EXPIRED",
  "INVALID_TOKEN",
  "INSUFFICIENT_SCOPE",
  "ROUTE_NOT_FOUND",
  "RATE_LIMITED",
];

const metricsRoute = defineRoute({
  method: "get",
  path: "/metrics",
  operationId: "system.metrics",
  tags,
  access: METRICS_READERS,
  summary: "Counters for Prometheus",
  description:
    "Send `METRICS_TOKEN` as `Authorization: Bearer …`, or an administrator's credential; in development it is open. What isolates count reaches the page within about two seconds. The counters outlive restarts and deployments. `ENABLE_METRICS=0` answers 404.",
  errors: REFUSALS,
  responses: {
    200: {
      description: "All of them, or none: where a part does not answer, the whole is a 503.",
      content: { "text/plain": { schema: ExpositionSchema } },
    },
  },
});

const statsRoute = (path: string, operationId: string) =>
  defineRoute({
    method: "get",
    path,
    operationId,
    tags,
    access: STATS_READERS,
    summary: "What the counters say, route by route",
    description:
      "Since counting began: requests, error rates and times by route, the slowest routes, hit ratios of the caches, tasks by kind, models. Percentiles are interpolated within the buckets of the histograms that `/metrics` tells.",
    tagged: [],
    errors: ["ROUTE_NOT_FOUND"],
    responses: { 200: json(StatsSchema, "The numbers of this moment.") },
  });

/** What the server counts, for machines and for people. */
export function createMetricsRoutes(version: string): OpenAPIHono<AppEnv> {
  const router = newRouter();
  router.openapi(metricsRoute, async (c) =>
    c.text(await readMetrics(c.env, version), 200, { "Content-Type": EXPOSITION_TYPE }),
  );
  for (const route of [
    statsRoute("/stats", "system.stats"),
    statsRoute("/api/v1/stats", "system.statsV1"),
  ])
    router.openapi(route, async (c) => c.json(await readStats(c.env), 200));
  return router;
}
