import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import type { RouteConfig } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "#http/context";
import { problemResponses, validationHook } from "#http/problem";
import { readBody } from "#http/body";

/** Who may call a route, declared with it: the guard that enforces it and what the OpenAPI document says of it. */
export interface Access {
  /** The scope that the credential must carry; null where none is asked. */
  readonly scope: string | null;
  /** Names of the rate policies that an admitted call counts against. */
  readonly policies: readonly string[];
  readonly isPublic: boolean;
  readonly guard: MiddlewareHandler<AppEnv>;
}

/** A route that anyone may call and that no client policy limits: health, documents, error pages. */
export const PUBLIC: Access = {
  scope: null,
  policies: [],
  isPublic: true,
  guard: async function allowAnyone(_c, next) {
    await next();
  },
};

type RouteDefinition<P extends string> = Omit<RouteConfig, "path" | "security" | "middleware"> & {
  path: P;
  access: Access;
  operationId: string;
  summary: string;
  tags: string[];
};

/** A router with the project's types and validation answer. Nobody writes `new Hono()`. */
export const newRouter = (): OpenAPIHono<AppEnv> =>
  new OpenAPIHono<AppEnv>({ defaultHook: validationHook });

/**
 * Declares one operation. `access` is required: a route that does not say who may call it does not compile.
 * The guard runs first, then the body is read under its caps, then zod validates, then the handler.
 */
export function defineRoute<P extends string, R extends RouteDefinition<P>>(
  definition: R,
): R & { getRoutingPath: () => string } {
  const { access, ...route } = definition;
  const full = {
    ...route,
    security: access.isPublic ? [] : [{ bearerAuth: [] }, { apiKeyAuth: [] }],
    ...(access.isPublic
      ? {}
      : { "x-required-scope": access.scope, "x-rate-limit-policies": access.policies }),
    middleware: [access.guard, readBody({ hasBody: route.request?.body !== undefined })],
    responses: { ...problemResponses(access, route.request !== undefined), ...route.responses },
  };
  return createRoute(full as never);
}
