import type { OpenAPIHono } from "@hono/zod-openapi";
import { authRoutes } from "#auth/routes";
import { accessLog } from "#http/access-log";
import { compression } from "#http/compression";
import type { AppEnv } from "#http/context";
import { cors } from "#http/cors";
import { onError } from "#http/problem";
import { requestContext } from "#http/request-context";
import { newRouter } from "#http/router";
import { securityHeaders } from "#http/security-headers";
import { settingsGuard } from "#http/settings-guard";
import { answerUnrouted } from "#http/unrouted";
import { urlGuard } from "#http/url-guard";
import { writableAnswer } from "#http/writable-answer";

/** The API, from the first middleware to the last answer: it reads as a request's journey. */
export function createApp(): OpenAPIHono<AppEnv> {
  const app = newRouter();

  app.onError(onError);
  app.notFound(answerUnrouted(app));

  // Who it is to the log, in which language; then, on its way out, what every answer carries.
  app.use(requestContext);
  app.use(accessLog);
  app.use(securityHeaders);
  app.use(cors);
  app.use(compression);
  // What is refused before any route is asked.
  app.use(settingsGuard);
  app.use(urlGuard);
  app.use(writableAnswer);

  app.route("/", authRoutes);

  return app;
}
