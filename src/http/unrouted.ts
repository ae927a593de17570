import type { Hono, NotFoundHandler } from "hono";
import type { AppEnv } from "#http/context";
import { answerProblem } from "#http/problem";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/**
 * Answers what no route took, by the routes that are registered: OPTIONS with 204 and `Allow`, a method that
 * the path does not serve with 405, anything else with 404.
 */
export function answerUnrouted(app: Hono<AppEnv>): NotFoundHandler<AppEnv> {
  return function refuseUnrouted(c) {
    const methods = methodsOf(app, c.req.path);
    if (methods.length === 0) return answerProblem(c, "ROUTE_NOT_FOUND");
    const allow = methods.join(", ");
    if (c.req.method === "OPTIONS") return c.body(null, 204, { Allow: allow });
    return answerProblem(c, "METHOD_NOT_ALLOWED", {
      params: { method: c.req.method.slice(0, 20), allow },
      headers: { Allow: allow },
    });
  };
}

/** The methods that a path serves; none where it is no path of ours. Middleware is registered for all methods. */
function methodsOf(app: Hono<AppEnv>, path: string): string[] {
  const own = METHODS.filter((method) =>
    app.router.match(method, path)[0].some(([[, route]]) => route.method === method),
  );
  if (own.length === 0) return [];
  return [...own.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])), "OPTIONS"];
}
