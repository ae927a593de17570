import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import type { RouteConfig } from "@hono/zod-openapi";
import type { Handler, MiddlewareHandler } from "hono";
import type { ErrorCode } from "#platform/errors";
import { readBody } from "#http/body";
import type { AppEnv } from "#http/context";
import type { Retirement } from "#http/deprecation";
import { announceRetirement } from "#http/deprecation";
import { entityTag } from "#http/etag";
import { IdempotencyHeadersSchema } from "#http/idempotency";
import type { Idempotency } from "#http/idempotency";
import { requireAcceptable } from "#http/negotiation";
import { problemResponses } from "#http/problem-responses";
import { validateRequest } from "#http/validation";

/** Who may call a route, declared with it: the guard that enforces it and what the OpenAPI document says of it. */
export interface Access {
  /** The scope that the credential must carry; null where none is asked. */
  readonly scope: string | null;
  /** Names of the rate policies that an admitted call counts against. */
  readonly policies: readonly string[];
  readonly isPublic: boolean;
  /** How callers show who they are where that is not our own way: security requirements of OpenAPI. */
  readonly security?: readonly Readonly<Record<string, string[]>>[];
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

/** Tells those who read the document by program. */
const TAKES_REST = "x-takes-rest";
const TAGGED: readonly string[] = ["application/json", "text/html"];

type RouteDefinition<P extends string> = Omit<RouteConfig, "path" | "security" | "middleware"> & {
  path: P;
  access: Access;
  operationId: string;
  summary: string;
  tags: string[];
  /**
   * `own` where the definition lists the refusals of its input and its body itself, in a shape of its own, as OAuth's
   * endpoints do.
   */
  refusals?: "own";
  /** Codes that this operation refuses with, beside those that its kind of operation always may. */
  errors?: readonly ErrorCode[];
  /**
   * Which of a GET's media types are tagged and answered 304: JSON and pages where nothing is said. None of
   * what differs at each call, and no body that streams unless its handler sets the tag: to make one needs the
   * whole of it.
   */
  tagged?: readonly string[];
  /** Set where the last parameter of the path takes all that follows, slashes too. The document can only say so in words. */
  takesRest?: true;
  /** Set on a route that creates or spends: what makes it safe to repeat. Declares the header in the document. */
  idempotency?: Idempotency;
  /** Set on a route that goes out of use: it is marked in the document, and each of its answers tells. */
  retirement?: Retirement;
};

/**
 * A router with the project's types. Nobody writes `new Hono()`.
 *
 * `openapi` is the library's but for one thing: all parts of a request are validated in one step from the
 * body that was read under its caps, where the library stops at the first part with a fault.
 */
export function newRouter(): OpenAPIHono<AppEnv> {
  const router = new OpenAPIHono<AppEnv>();
  const register = (
    { middleware = [], ...route }: RouteConfig,
    handler: Handler<AppEnv>,
  ): OpenAPIHono<AppEnv> => {
    router.openAPIRegistry.registerPath(route);
    const validate = validateRequest(route.request);
    const handlers = [...[middleware].flat(), ...(validate === null ? [] : [validate]), handler];
    router.on([route.method], [routingPath(route)], ...handlers);
    return router;
  };
  router.openapi = register as typeof router.openapi;
  return router;
}

/** As Hono writes it; the last parameter of a route that takes the rest is its asterisk. */
const routingPath = (route: RouteConfig): string =>
  (TAKES_REST in route ? route.path.replace(/\/{[^/]+}$/, "/*") : route.path).replaceAll(
    /\/{(.+?)}/g,
    "/:$1",
  );

/**
 * Declares one operation. `access` is required: a route that does not say who may call it does not compile.
 * The guard runs first, then what the client accepts is compared with what the route produces, then the body
 * is read under its caps, then everything is validated, then the handler.
 */
export function defineRoute<P extends string, R extends RouteDefinition<P>>(
  definition: R,
): R & { getRoutingPath: () => string } {
  const {
    access,
    errors = [],
    tagged = TAGGED,
    retirement,
    idempotency,
    refusals,
    takesRest,
    ...route
  } = definition;
  if (idempotency !== undefined)
    route.request = { headers: IdempotencyHeadersSchema, ...route.request };
  const body = route.request?.body;
  const produces = producedTypes(route.responses);
  const taggedTypes =
    route.method === "get" ? produces.filter((type) => tagged.includes(type)) : [];
  const full = {
    ...route,
    ...(retirement === undefined ? {} : { deprecated: true }),
    ...(takesRest === undefined ? {} : { [TAKES_REST]: true }),
    security: access.security ?? (access.isPublic ? [] : [{ bearerAuth: [] }, { apiKeyAuth: [] }]),
    ...(access.isPublic
      ? {}
      : { "x-required-scope": access.scope, "x-rate-limit-policies": access.policies }),
    middleware: [
      ...(retirement === undefined ? [] : [announceRetirement(retirement)]),
      access.guard,
      ...(produces.length === 0 ? [] : [requireAcceptable(produces)]),
      ...(taggedTypes.length > 0 ? [entityTag(taggedTypes)] : []),
      ...(body === undefined
        ? []
        : [
            readBody({
              contentTypes: Object.keys(body.content),
              isRequired: body.required ?? false,
            }),
          ]),
      // After the body was read: what "the same request" means takes in the body.
      ...(idempotency === undefined ? [] : [idempotency.guard]),
    ],
    responses: {
      ...route.responses,
      ...problemResponses({
        ...access,
        hasInput: route.request !== undefined && refusals !== "own",
        hasBody: body !== undefined && refusals !== "own",
        own: [...errors, ...(idempotency?.errors ?? [])],
      }),
      // What the definition says of an error status wins over what the table makes of it.
      ...Object.fromEntries(
        Object.entries(route.responses).filter(([status]) => Number(status) >= 400),
      ),
    },
  };
  return createRoute(full as never);
}

/** The media types of the answers that are no errors. */
function producedTypes(responses: RouteConfig["responses"]): string[] {
  const types = Object.entries(responses)
    .filter(([status]) => Number(status) < 300)
    .flatMap(([, response]) => ("content" in response ? Object.keys(response.content ?? {}) : []));
  return [...new Set(types)];
}
