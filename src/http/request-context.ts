import type { Context, MiddlewareHandler, Next } from "hono";
import { systemClock } from "#platform/clock";
import { readConfig } from "#platform/config";
import { correlated } from "#platform/correlation";
import { newId } from "#platform/ids";
import { chooseLocale } from "#platform/locale";
import type { Logger, LogLevel } from "#platform/log";
import { createLogger } from "#platform/log";
import { readTraceContext, traceIdOf } from "#platform/trace-context";
import { inSpan } from "#platform/tracing";
import { routeTemplate } from "#http/access-log";
import type { AppEnv } from "#http/context";
import { markStarted } from "#http/uptime";

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;

/** The methods that the conventions name; every other one is `_OTHER`. */
const METHODS = new Set([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "CONNECT",
  "TRACE",
]);

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
  const { traceparent, tracestate } = readTraceContext(
    c.req.header("traceparent"),
    c.req.header("tracestate"),
  );
  c.set("traceparent", traceparent);
  c.set("tracestate", tracestate);
  c.set("locale", chooseLocale(c.req.header("accept-language"), config.defaultLocale));

  // Whatever runs below, and goes on behind it, belongs to this request: its lines and its calls say so.
  await correlated({ traceparent, requestId: c.get("requestId") }, () => serveInSpan(c, next));

  // The headers of a WebSocket upgrade belong to the runtime.
  if (c.res.status === 101) return;
  const { headers } = c.res;
  headers.set("X-Request-Id", c.get("requestId"));
  // For refusals in the shape of another API, which has no member for it.
  if (c.res.status >= 400) headers.set("X-Trace-Id", traceIdOf(traceparent));
  headers.set("Server-Timing", serverTiming(c.get("timings"), systemClock() - startedAtMs));
  if (c.get("isForwarded")) return;
  headers.set("Content-Language", c.get("locale"));
  headers.append("Vary", "Accept-Language");
};

/** The span of a request, which is named when its route is known (OpenTelemetry semantic conventions, "HTTP server"). */
function serveInSpan(c: Context<AppEnv>, next: Next): Promise<void> {
  const method = METHODS.has(c.req.method) ? c.req.method : "_OTHER";
  return inSpan(method, { "http.request.method": method }, async (span) => {
    await next();
    if (!span.isTraced) return;
    const route = routeTemplate(c);
    const { status } = c.res;
    if (route !== "unmatched") span.rename(`${method} ${route}`);
    span.set({
      "http.route": route === "unmatched" ? undefined : route,
      "http.response.status_code": status,
      "url.scheme": c.req.url.slice(0, c.req.url.indexOf(":")),
      "naru.trace_id": traceIdOf(c.get("traceparent")),
      "naru.request_id": c.get("requestId"),
    });
    // A refusal is no fault of the server.
    if (status >= 500) span.fail(String(c.get("logFields")["error_code"] ?? status));
  });
}

/** The metrics of a `Server-Timing` header, in milliseconds: the parts that were measured, then the whole. */
function serverTiming(timings: ReadonlyMap<string, number>, totalMs: number): string {
  let text = "";
  for (const [name, ms] of timings) text += `${name};dur=${ms}, `;
  return `${text}total;dur=${totalMs}`;
}
