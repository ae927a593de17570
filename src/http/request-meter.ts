import type { MiddlewareHandler } from "hono";
import { systemClock } from "#platform/clock";
import { count, observe } from "#platform/meter";
import { tellPulse } from "#platform/meter-flush";
import { countedMethod } from "#platform/metric-table";
import type { AppEnv } from "#http/context";

/**
 * Counts each request by the template of its route, so that series stay bounded whatever paths are asked for, and its time to
 * the head of the answer. Adds in memory alone; what was added is told later, for which nobody waits.
 */
export const requestMeter: MiddlewareHandler<AppEnv> = async function countRequest(c, next) {
  await next();
  const route = c.get("route");
  count("naru_requests_total", {
    method: countedMethod(c.req.method),
    route,
    status: c.res.status,
  });
  observe(
    "naru_request_duration_seconds",
    { route },
    (systemClock() - c.get("startedAtMs")) / 1000,
  );
  // There is none where an application is asked without a server, for its document.
  tellPulse(() => c.executionCtx, c.env);
};
