import type { OpenAPIHono } from "@hono/zod-openapi";
import type { AppEnv } from "#http/context";
import { defineRoute, newRouter, PUBLIC } from "#http/router";
import { describeSocket } from "./core/asyncapi";
import { AsyncApiSchema } from "./schemas";

const documentRoute = defineRoute({
  method: "get",
  path: "/asyncapi.json",
  operationId: "realtime.asyncapi",
  tags: ["system"],
  access: PUBLIC,
  summary: "The WebSocket's protocol as an AsyncAPI 3.0 document",
  responses: {
    200: {
      description: "The document.",
      content: { "application/json": { schema: AsyncApiSchema } },
    },
  },
});

/** The document of the real-time protocol. It depends on the code alone, and is made at the first call. */
export function createRealtimeDocumentRoutes(version: string): OpenAPIHono<AppEnv> {
  let text: string | undefined;
  return newRouter().openapi(documentRoute, (c) => {
    text ??= JSON.stringify(describeSocket(version));
    return c.body(text, 200, {
      "Content-Type": "application/json",
      "Cache-Control": "public, no-cache",
    }) as never;
  });
}
