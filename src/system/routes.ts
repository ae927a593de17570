import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { systemClock, toTimestamp } from "#platform/clock";
import { ApiError, ERRORS, errorText, isErrorCode } from "#platform/errors";
import type { AppEnv } from "#http/context";
import { preferredType } from "#http/negotiation";
import { defineRoute, newRouter, PUBLIC } from "#http/router";
import { uptimeSeconds } from "#http/uptime";
import { consolePage } from "./console-page";
import type { RenderedPage } from "./html";
import { errorPage, redocPage, swaggerPage } from "./pages";
import {
  DocumentSchema,
  ErrorPageParams,
  ErrorPageQuery,
  ErrorPageSchema,
  HealthSchema,
  HtmlSchema,
  LivenessSchema,
  ReadinessSchema,
  RootSchema,
  StatusSchema,
} from "./schemas";
import { readHealth, readStatus } from "./service";

const JSON_TYPE = "application/json";
const HTML_TYPE = "text/html";
const PUBLIC_AN_HOUR = "public, max-age=3600";

const shared = { method: "get" as const, access: PUBLIC, tags: ["system"] };
const html = { [HTML_TYPE]: { schema: HtmlSchema } };

const root = defineRoute({
  ...shared,
  path: "/",
  operationId: "system.root",
  summary: "What this is",
  description:
    "A browser (`Accept: text/html`) gets the console: a page to sign in, try the API and see what it does.",
  tagged: [HTML_TYPE],
  request: { query: ErrorPageQuery },
  responses: {
    200: {
      description: "The server's name, version and time.",
      content: { [JSON_TYPE]: { schema: RootSchema }, ...html },
    },
  },
});

const health = (path: string, operationId: string) =>
  defineRoute({
    ...shared,
    path,
    operationId,
    summary: "Whether the server can serve, part by part",
    description: "Each part is asked for a sign of life; the answers are kept for up to 5 s.",
    tagged: [],
    responses: {
      200: {
        description: "It can, at least for the most part.",
        content: { [JSON_TYPE]: { schema: HealthSchema } },
      },
      503: {
        description: "A part without which nothing can be served does not answer.",
        content: { [JSON_TYPE]: { schema: HealthSchema } },
      },
    },
  });

const live = defineRoute({
  ...shared,
  path: "/health/live",
  operationId: "system.live",
  summary: "Whether the process lives",
  tagged: [],
  responses: {
    200: { description: "It does.", content: { [JSON_TYPE]: { schema: LivenessSchema } } },
  },
});

const ready = defineRoute({
  ...shared,
  path: "/health/ready",
  operationId: "system.ready",
  summary: "Whether requests can be sent here",
  tagged: [],
  responses: {
    200: { description: "They can.", content: { [JSON_TYPE]: { schema: ReadinessSchema } } },
  },
});

const status = (path: string, operationId: string) =>
  defineRoute({
    ...shared,
    path,
    operationId,
    summary: "How much work there is and was",
    description: "Exact counts over all shards; they survive restarts.",
    tagged: [],
    responses: {
      200: { description: "The counts.", content: { [JSON_TYPE]: { schema: StatusSchema } } },
    },
  });

const errorDescription = defineRoute({
  ...shared,
  path: "/errors/{code}",
  operationId: "system.error",
  summary: "What an error means and how to get past it",
  request: { params: ErrorPageParams, query: ErrorPageQuery },
  errors: ["RESOURCE_NOT_FOUND"],
  responses: {
    200: {
      description: "The error in the caller's language.",
      content: { ...html, [JSON_TYPE]: { schema: ErrorPageSchema } },
    },
  },
});

const document = (path: string, operationId: string, version: string) =>
  defineRoute({
    ...shared,
    path,
    operationId,
    summary: `This API as an OpenAPI ${version} document`,
    responses: {
      200: { description: "The document.", content: { [JSON_TYPE]: { schema: DocumentSchema } } },
    },
  });

const documentation = (path: string, operationId: string, name: string) =>
  defineRoute({
    ...shared,
    path,
    operationId,
    summary: `The documentation as ${name} shows it`,
    responses: { 200: { description: "A page for people.", content: html } },
  });

export interface SystemDeps {
  readonly version: string;
  /** The whole API's document as JSON text. */
  readonly document: (version: "3.0" | "3.1") => string;
}

/** What the server says of itself: that it lives, how it fares, what it can do. Open to everybody, limited by nobody. */
export function createSystemRoutes({
  version,
  document: describe,
}: SystemDeps): OpenAPIHono<AppEnv> {
  const router = newRouter();

  router.openapi(root, async (c) => {
    if (preferredType(c.req.header("accept"), [JSON_TYPE, HTML_TYPE]) === HTML_TYPE) {
      chooseLanguage(c, c.req.valid("query").lang);
      return page(c, consolePage(c.get("locale"), version));
    }
    return c.json(
      {
        message: "Naru: an API server at the edge. See /docs.",
        version,
        status: "running" as const,
        timestamp: toTimestamp(systemClock()),
      },
      200,
    );
  });

  for (const route of [
    health("/health", "system.health"),
    health("/api/v1/health", "system.healthV1"),
  ])
    router.openapi(route, async (c) => {
      const answer = await readHealth(c.env, c.get("config"), version, systemClock);
      if (answer.status !== "unhealthy") return c.json(answer, 200);
      c.header("Retry-After", "5");
      return c.json(answer, 503);
    });

  router.openapi(live, (c) => c.json({ status: "alive" as const }, 200));

  router.openapi(ready, async (c) => {
    const { status } = await readHealth(c.env, c.get("config"), version, systemClock);
    if (status === "unhealthy") throw new ApiError("DEPENDENCY_UNAVAILABLE");
    return c.json({ status: "ready" as const }, 200);
  });

  for (const route of [
    status("/status", "system.status"),
    status("/api/v1/status", "system.statusV1"),
  ])
    router.openapi(route, async (c) =>
      c.json(await readStatus(c.env, uptimeSeconds(systemClock())), 200),
    );

  router.openapi(errorDescription, async (c) => {
    const { code } = c.req.valid("param");
    if (!isErrorCode(code)) throw new ApiError("RESOURCE_NOT_FOUND");
    chooseLanguage(c, c.req.valid("query").lang);
    const locale = c.get("locale");
    c.header("Cache-Control", PUBLIC_AN_HOUR);
    if (preferredType(c.req.header("accept"), [HTML_TYPE, JSON_TYPE]) === HTML_TYPE)
      return page(c, errorPage(locale, code));
    const text = errorText(code, locale);
    return c.json({ type: `/errors/${code}`, code, status: ERRORS[code], ...text }, 200);
  });

  router.openapi(document("/openapi.json", "system.openapi", "3.1"), (c) =>
    jsonText(c, describe("3.1")),
  );
  router.openapi(document("/openapi-3.0.json", "system.openapi30", "3.0"), (c) =>
    jsonText(c, describe("3.0")),
  );
  router.openapi(documentation("/docs", "system.docs", "Swagger UI"), (c) =>
    page(c, swaggerPage()),
  );
  router.openapi(documentation("/redoc", "system.redoc", "ReDoc"), (c) => page(c, redocPage()));

  return router;
}

/** Text that is JSON already. The library's types only know of values that it serialises itself. */
const jsonText = (c: Context<AppEnv>, text: string): never =>
  c.body(text, 200, { "Content-Type": JSON_TYPE, "Cache-Control": "public, no-cache" }) as never;

/** A page under the policy that fits it. */
async function page(
  c: Context<AppEnv>,
  rendered: RenderedPage | Promise<RenderedPage>,
): Promise<Response> {
  const { html, policy } = await rendered;
  c.header("Content-Security-Policy", policy);
  return c.html(html);
}

function chooseLanguage(c: Context<AppEnv>, lang: "ko" | "en" | undefined): void {
  if (lang !== undefined) c.set("locale", lang);
}
