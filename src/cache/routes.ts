import { requireCredential } from "#auth/guard";
import { json } from "#http/json-content";
import { defineRoute, newRouter } from "#http/router";
import { toTimestamp } from "#platform/clock";
import { CacheStatsSchema, ClearedCacheSchema } from "./schemas";
import { clearAnswers, hitRatio, reportAnswers } from "./service";

const statsRoute = defineRoute({
  method: "get",
  path: "/api/v1/cache/stats",
  operationId: "cache.stats",
  tags: ["cache"],
  summary: "How many of your answers are kept, and how often they were found",
  description:
    "Whole answers of models are kept for their owner alone, by all that was asked: messages, model, parameters. `X-Cache` says of each answer whether it was there (`hit`), was asked for (`miss`), or was not looked up (`bypass`). `Cache-Control` on a request takes `no-cache` (ask the model, keep its answer), `no-store` (ask the model, keep nothing), `max-age=seconds` (nothing older), `min-fresh=seconds` and `only-if-cached` (504 where nothing is kept). Requests that offer tools, or whose temperature is above 1, are kept and told again only where `max-age` asks for it.",
  access: requireCredential(),
  responses: { 200: json(CacheStatsSchema, "Counts since the first request.") },
});

const clearRoute = defineRoute({
  method: "delete",
  path: "/api/v1/cache/clear",
  operationId: "cache.clear",
  tags: ["cache"],
  summary: "Forget your kept answers",
  description:
    "From the next request on none of them is told again, anywhere. Counts of hits and misses stay.",
  access: requireCredential(),
  responses: { 200: json(ClearedCacheSchema, "They are forgotten.") },
});

/** What callers see of their kept answers. */
export const cacheRoutes = newRouter()
  .openapi(statsRoute, async (c) => {
    const { ownerId } = c.get("principal");
    const { cacheTtlSeconds, maxCacheSize } = c.get("config");
    const { hits, misses, joined, bypassed, size, oldestAtMs } = await reportAnswers(
      c.env,
      ownerId,
    );
    return c.json(
      {
        hits,
        misses,
        joined,
        bypassed,
        hit_ratio: hitRatio({ hits, misses, joined, bypassed }),
        size,
        max_size: maxCacheSize,
        ttl_seconds: cacheTtlSeconds,
        oldest_at: oldestAtMs === null ? null : toTimestamp(oldestAtMs),
      },
      200,
    );
  })
  .openapi(clearRoute, async (c) => {
    const cleared = await clearAnswers(c.env, c.get("principal").ownerId);
    return c.json({ status: "success", cleared } as const, 200);
  });
