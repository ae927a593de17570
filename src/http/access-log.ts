import type { Context, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { systemClock } from "#platform/clock";
import type { LogLevel } from "#platform/log";
import type { AppEnv } from "#http/context";

/**
 * Exactly one line for each request. It names the route's template and never the path or the query, which
 * hold ids and may hold a credential; no header's value is in it but the request id, which is checked.
 */
export const accessLog: MiddlewareHandler<AppEnv> = async function logRequest(c, next) {
  await next();
  const { status } = c.res;
  const route = routeTemplate(c);
  c.set("route", route);
  // A public route has no principal, though the type, made for handlers behind a guard, says so.
  const principal = c.get("principal") as AppEnv["Variables"]["principal"] | undefined;
  const durationMs = systemClock() - c.get("startedAtMs");
  // A wait that the caller asked for says nothing of the server; neither does what streams on behind the head of an answer.
  const isSlow = durationMs - (c.get("waitedMs") ?? 0) > c.get("config").slowRequestMs;
  c.get("log")[levelOf(status, isSlow)]("request", {
    method: c.req.method,
    route,
    status,
    duration_ms: durationMs,
    slow: isSlow ? true : undefined,
    owner_id: principal?.ownerId,
    key_id: principal?.keyId ?? undefined,
    ...c.get("logFields"),
  });
};

function levelOf(status: number, isSlow: boolean): LogLevel {
  if (status >= 500) return "error";
  return isSlow ? "warn" : "info";
}

/**
 * The template of the route that a request matched, such as `/api/v1/tasks/:id`; `unmatched` where none did. The first one: it
 * answers, and `/api/v1/tasks/stats` is registered before the template that would take it for an id.
 */
export function routeTemplate(c: Context<AppEnv>): string {
  // Middleware is registered for all methods, routes never are.
  return matchedRoutes(c).find(({ method }) => method !== "ALL")?.path ?? "unmatched";
}
