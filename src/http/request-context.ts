import type { MiddlewareHandler } from "hono";
import { systemClock } from "#platform/clock";
import { readConfig } from "#platform/config";
import { newId } from "#platform/ids";
import { chooseLocale } from "#platform/locale";
import type { Logger, LogLevel } from "#platform/log";
import { createLogger } from "#platform/log";
import type { AppEnv } from "#http/context";
import { continueTrace } from "#platform/trace-context";
import { markStarted } from "#http/uptime";

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;

/** Made once: a logger is four closures, and there are four levels. */
const LOGGERS: Readonly<Record<LogLevel, Logger>> = {
  debug: createLogger("debug"),
  info: createLogger("info"),
  warn: createLogger("warn"),
  error: createLogger("error"),
};

/** Opens a request: who it is to the log, the language, the settings; and signs its answer with the same. */
export const requestContext: MiddlewareHandler<AppEnv> = async function openRequest(c, next) {
  const startedAtMs = systemClock();
  markStarted(startedAtMs);
  const config = readConfig(c.env);
  const wanted = c.req.header("x-request-id");
  c.set("startedAtMs", startedAtMs);
  c.set("config", config);
  c.set("log", LOGGERS[config.logLevel]);
  c.set("logFields", {});
  c.set("timings", new Map());
  c.set(
    "requestId",
    wanted !== undefined && REQUEST_ID.test(wanted) ? wanted : newId("req", startedAtMs),
  );
  c.set("traceparent", continueTrace(c.req.header("traceparent")));
  c.set("locale", chooseLocale(c.req.header("accept-language"), config.defaultLocale));

  await next();

  // The headers of a WebSocket upgrade belong to the runtime.
  if (c.res.status === 101) return;
  const { headers } = c.res;
  headers.set("X-Request-Id", c.get("requestId"));
  headers.set("Server-Timing", serverTiming(c.get("timings"), systemClock() - startedAtMs));
  headers.set("Content-Language", c.get("locale"));
  headers.append("Vary", "Accept-Language");
};

/** The metrics of a `Server-Timing` header, in milliseconds: the parts that were measured, then the whole. */
function serverTiming(timings: ReadonlyMap<string, number>, totalMs: number): string {
  let text = "";
  for (const [name, ms] of timings) text += `${name};dur=${ms}, `;
  return `${text}total;dur=${totalMs}`;
}
