import { requireScope } from "#auth/guard";
import { systemClock } from "#platform/clock";
import { defineRoute, newRouter } from "#http/router";
import { DEFAULT_DAYS, UsageQuerySchema, UsageReportSchema } from "./schemas";
import type { UsageReportBody } from "./schemas";
import { usageOf } from "./service";

const DAY_MS = 24 * 3_600_000;

const usageRoute = defineRoute({
  method: "get",
  path: "/api/v1/users/usage",
  operationId: "usage.get",
  tags: ["account"],
  access: requireScope("account"),
  summary: "What you used",
  description:
    "Requests, answers with their tokens and what they cost, and tasks: in all, by day and by key. Tokens and cost are written where an answer is settled, once each, whoever left; answers from the cache use nothing.",
  // It counts the call itself.
  tagged: [],
  request: { query: UsageQuerySchema },
  responses: {
    200: {
      description: "The figures.",
      content: { "application/json": { schema: UsageReportSchema } },
    },
  },
});

/** What an owner used. */
export const usageRoutes = newRouter().openapi(usageRoute, async (c) => {
  const asked = c.req.valid("query");
  const to = asked.to ?? dayOf(systemClock());
  const from = asked.from ?? dayOf(Date.parse(to) - (DEFAULT_DAYS - 1) * DAY_MS);
  const { ownerId } = c.get("principal");
  const { total, by_day, by_key } = await usageOf(c.env, { ownerId, from, to });
  const report: UsageReportBody = {
    from,
    to,
    total,
    by_day: [...by_day],
    by_key: [...by_key],
  };
  return c.json(report, 200);
});

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
