import type { z } from "@hono/zod-openapi";

/** An answer in JSON, for the definition of a route. */
export const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { "application/json": { schema } },
});

/** A request body in JSON, for the definition of a route. */
export const body = <T extends z.ZodType>(schema: T, required = true) => ({
  required,
  content: { "application/json": { schema } },
});
