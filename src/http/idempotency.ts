import { z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import type { ErrorCode } from "#platform/errors";
import type { AppEnv } from "#http/context";

/**
 * How a route treats an `Idempotency-Key`: the middleware that stands between the body and the handler, and what it
 * refuses with. Made by the domain that keeps the answers.
 */
export interface Idempotency {
  readonly guard: MiddlewareHandler<AppEnv>;
  readonly errors: readonly ErrorCode[];
}

/** The header as a route declares it. What it says is read by the guard, so that both of its spellings are taken. */
export const IdempotencyHeadersSchema = z.object({
  "idempotency-key": z.string().optional().openapi({
    description:
      "1–255 visible characters, unique to this request. The same key with the same body within 24 hours answers what the first request did, with `Idempotency-Replayed: true`, and does nothing more; with another body it is a 422, and a 409 while the first one runs. An answer that shows a secret is not told again: that is a 409 too. A refusal is not kept, so the key may be sent again.",
    example: "order-4711",
  }),
});
