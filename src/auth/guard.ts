import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "#http/context";
import type { Access } from "#http/router";

/** Asks for a credential that carries `scope`, and counts the call against `policies` in the owner's gate. */
export function requireScope(
  scope: string,
  policies: readonly string[] = ["burst", "client"],
): Access {
  const guard: MiddlewareHandler<AppEnv> = async function admit(_c, next) {
    await next();
  };
  return { scope, policies, isPublic: false, guard };
}
