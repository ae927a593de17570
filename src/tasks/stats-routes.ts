import { requireScope } from "#auth/guard";
import { defineRoute, newRouter } from "#http/router";
import { systemClock } from "#platform/clock";
import { OwnStatsSchema } from "./schemas";
import { ownStats } from "./service";

const statsRoute = defineRoute({
  method: "get",
  path: "/api/v1/tasks/stats",
  operationId: "tasks.stats",
  tags: ["tasks"],
  summary: "Count your tasks",
  description:
    "Your own tasks by kind and state, exact at this moment: what was accepted or changed before the call is in it. Ended tasks count as long as they are kept. `/status` has the numbers of the whole server.",
  access: requireScope("tasks:read"),
  responses: {
    200: {
      description: "The numbers.",
      content: { "application/json": { schema: OwnStatsSchema } },
    },
  },
});

/** What a caller has under way, in numbers. */
export const taskStatsRoutes = newRouter().openapi(statsRoute, async (c) => {
  const { queued, running, scheduled, oldest_queued_at_ms, by_kind, ...ended } = await ownStats(
    c.env,
    c.get("principal").ownerId,
  );
  const total = Object.values(ended).reduce((sum, count) => sum + count, queued + running);
  return c.json(
    {
      queue_length: queued - scheduled,
      scheduled,
      running,
      oldest_queued_seconds:
        oldest_queued_at_ms === null
          ? null
          : Math.max(0, systemClock() - oldest_queued_at_ms) / 1000,
      total,
      by_kind: { ...by_kind },
    },
    200,
  );
});
