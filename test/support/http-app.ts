import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { createApp } from "#app";
import type { AppEnv } from "#http/context";
import { defineRoute, PUBLIC } from "#http/router";
import { ApiError } from "#platform/errors";

const Item = z
  .strictObject({
    name: z.string().min(1).max(20),
    size: z.int().max(10),
    kind: z.enum(["small", "large"]).default("small"),
    tags: z.array(z.strictObject({ key: z.string() })).optional(),
    site: z
      .string()
      .refine((text) => text !== "forbidden", {
        params: {
          code: "site_forbidden",
          en: "This site is not served",
          ko: "제공하지 않는 사이트입니다",
        },
      })
      .optional(),
  })
  .openapi("ProbeItem");

const shared = { access: PUBLIC, tags: ["probe"], summary: "A probe" };

const putItem = defineRoute({
  ...shared,
  method: "put",
  path: "/probe/items/{id}",
  operationId: "probe.put",
  request: {
    params: z.object({ id: z.string().regex(/^i\d+$/) }),
    query: z.strictObject({ mode: z.enum(["a", "b"]).optional() }),
    headers: z.object({ "X-Probe": z.string().max(3).optional() }),
    body: { required: true, content: { "application/json": { schema: Item } } },
  },
  responses: {
    200: { description: "ok", content: { "application/json": { schema: z.unknown() } } },
  },
});

const getItem = defineRoute({
  ...shared,
  method: "get",
  path: "/probe/items/{id}",
  operationId: "probe.get",
  request: { query: z.object({ length: z.coerce.number().int().default(1) }) },
  responses: {
    200: { description: "ok", content: { "application/json": { schema: z.unknown() } } },
  },
});

const fail = defineRoute({
  ...shared,
  method: "post",
  path: "/probe/fail",
  operationId: "probe.fail",
  responses: { 204: { description: "never" } },
});

const raw = defineRoute({
  ...shared,
  method: "get",
  path: "/probe/raw",
  operationId: "probe.raw",
  responses: { 200: { description: "anything" } },
});

const old = defineRoute({
  ...shared,
  method: "get",
  path: "/probe/old",
  operationId: "probe.old",
  retirement: { since: "2026-01-01", sunset: "2027-01-01", successor: "/probe/new" },
  responses: {
    200: { description: "ok", content: { "application/json": { schema: z.unknown() } } },
  },
});

export interface Probe {
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>;
}

export interface ProbeOptions {
  /** Settings that differ from those of the test project. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** What `POST /probe/fail` and `GET /probe/old` throw. */
  readonly thrown?: unknown;
  /** What `GET /probe/raw` answers. */
  readonly answer?: (c: Context<AppEnv>) => Response | Promise<Response>;
}

/** The real composition with a few routes more, on which each convention can be provoked. */
export function probe(options: ProbeOptions = {}): Probe {
  const app = createApp();
  app.openapi(putItem, (c) =>
    c.json({ id: c.req.valid("param").id, item: c.req.valid("json"), body: c.get("body") }, 200),
  );
  app.openapi(getItem, (c) => c.json({ text: "x".repeat(c.req.valid("query").length) }, 200));
  app.openapi(fail, () => {
    throw options.thrown;
  });
  app.openapi(raw, (c) => options.answer?.(c) ?? c.text("raw"));
  app.openapi(old, (c) => {
    if (options.thrown instanceof ApiError) throw options.thrown;
    return c.json({ ok: true }, 200);
  });
  // Without metrics: what was counted is told within a second, for which no request here should wait.
  const bindings = { ...env, LOG_LEVEL: "error", ENABLE_METRICS: "0", ...options.settings };
  return {
    fetch: async (path, init) => {
      const context = createExecutionContext();
      const response = await app.fetch(
        new Request(`http://naru.test${path}`, init),
        bindings,
        context,
      );
      // What a request leaves to be done is done before the storage is reset.
      await waitOnExecutionContext(context);
      return response;
    },
  };
}

/** A PUT of a JSON body, as text, so that it may be malformed. */
export const put = (body: BodyInit, headers: Record<string, string> = {}): RequestInit => ({
  method: "PUT",
  body,
  headers: { "Content-Type": "application/json", ...headers },
});

export interface Problem {
  readonly [member: string]: unknown;
  readonly code: string;
  readonly error: string;
  readonly errors?: readonly { pointer: string; code: string; message: string }[];
}

export const problemOf = async (response: Response): Promise<Problem> => response.json();
