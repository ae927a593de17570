import { z } from "@hono/zod-openapi";
import { PAGE_QUERY, pageOf } from "#http/pagination";
import { UPSTREAM_METHODS } from "./core/upstream";

const EXAMPLE_NAME = "billing";
const timestamp = z.iso.datetime({ precision: 3 });

export const UpstreamSchema = z
  .object({
    id: z.string().openapi({ example: "ups_01kcm4v7d0g3q6zr1w8n5tbe2y" }),
    name: z.string(),
    targets: z.array(z.object({ url: z.string(), weight: z.int() })),
    methods: z.array(z.enum(UPSTREAM_METHODS)),
    paths: z.array(z.string()),
    add_headers: z.record(z.string(), z.string()),
    secret_headers: z
      .array(z.object({ name: z.string(), updated_at: timestamp }))
      .openapi({ description: "Their names alone; values are never shown." }),
    timeout_ms: z.int(),
    idle_timeout_ms: z.int().nullable(),
    retries: z.int(),
    cache_seconds: z.int(),
    health_check: z
      .object({
        path: z.string(),
        interval_seconds: z.int(),
        timeout_ms: z.int(),
        healthy_after: z.int(),
        unhealthy_after: z.int(),
        expected_status: z.int().nullable(),
      })
      .nullable(),
    scope: z.string().nullable(),
    max_body_bytes: z.int(),
    enabled: z.boolean(),
    version: z.int().openapi({ description: "Goes up by one with each change." }),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .openapi("Upstream");
export type UpstreamBody = z.infer<typeof UpstreamSchema>;
export const UpstreamPageSchema = pageOf(UpstreamSchema).openapi("UpstreamPage");

export const UpstreamHealthSchema = z
  .object({
    upstream: z.string(),
    enabled: z.boolean(),
    targets: z.array(
      z.object({
        url: z.string(),
        weight: z.int(),
        healthy: z.boolean().openapi({
          description: "Whether it gets calls. Taken for well where nothing is known.",
        }),
        since: timestamp.nullable().openapi({ description: "Null where nothing is known." }),
        failures: z.int().openapi({ description: "In a row, of calls and of checks." }),
        last_failure_at: timestamp.nullable(),
        last_check: z
          .object({ at: timestamp, good: z.boolean(), status: z.int().nullable() })
          .nullable()
          .openapi({ description: "Null where there was none yet; status null: no answer." }),
      }),
    ),
  })
  .openapi("UpstreamHealth");
export type UpstreamHealthBody = z.infer<typeof UpstreamHealthSchema>;

export const UpstreamParamsSchema = z.object({
  name: z.string().openapi({ param: { name: "name", in: "path" }, example: EXAMPLE_NAME }),
});
export const ListUpstreamsQuerySchema = z.strictObject(PAGE_QUERY);
export const UpstreamCursorSchema = z.strictObject({ after: z.string().max(64) });
export const IfMatchSchema = z.object({ "If-Match": z.string().optional() });
