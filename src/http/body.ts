import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "#http/context";

export const readBody = (_options: { hasBody: boolean }): MiddlewareHandler<AppEnv> =>
  async function readBodyWithinCaps(_c, next) {
    await next();
  };
