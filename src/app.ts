import type { OpenAPIHono } from "@hono/zod-openapi";
import type { AppEnv } from "#http/context";
import { notFound, onError } from "#http/problem";
import { newRouter } from "#http/router";

/** The API, from the first middleware to the last answer: it reads as a request's journey. */
export function createApp(): OpenAPIHono<AppEnv> {
  const app = newRouter();
  app.get("/", (c) => c.json({ message: "naru" }));
  app.notFound(notFound);
  app.onError(onError);
  return app;
}
