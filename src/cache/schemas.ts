import { z } from "@hono/zod-openapi";

export const CacheStatsSchema = z
  .object({
    hits: z.int().openapi({ description: "Answers that were there already: no model was asked." }),
    misses: z.int().openapi({ description: "Answers that had to be asked for." }),
    joined: z.int().openapi({
      description:
        "Of the misses, those that came while the same was being asked, and shared that call.",
    }),
    bypassed: z.int().openapi({ description: "Requests for which nothing was looked up." }),
    hit_ratio: z.number().min(0).max(1).nullable().openapi({
      description: "Hits among hits and misses; null where nothing was looked up.",
    }),
    size: z.int().openapi({ description: "Answers that are kept." }),
    max_size: z.int().openapi({ description: "Answers that may be kept: the oldest go." }),
    ttl_seconds: z.int().openapi({ description: "How long each is kept." }),
    oldest_at: z.iso.datetime({ precision: 3 }).nullable(),
  })
  .openapi("CacheStats", {
    example: {
      hits: 41,
      misses: 9,
      joined: 1,
      bypassed: 2,
      hit_ratio: 0.82,
      size: 8,
      max_size: 1000,
      ttl_seconds: 1800,
      oldest_at: "2026-10-20T09:30:00.000Z",
    },
  });

export const ClearedCacheSchema = z
  .object({
    status: z.literal("success"),
    cleared: z.int().openapi({ description: "Answers that are not told again." }),
  })
  .openapi("ClearedCache", { example: { status: "success", cleared: 8 } });
