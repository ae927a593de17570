import type { Context } from "hono";
import { requireScope } from "#auth/guard";
import { systemClock } from "#platform/clock";
import { body, json } from "#http/json-content";
import type { AppEnv } from "#http/context";
import { requireMatch } from "#http/etag";
import { decodeCursor, encodeCursor, linkNextPage } from "#http/pagination";
import { defineRoute, newRouter } from "#http/router";
import { idempotent } from "#limits/guard";
import {
  ChangeUpstreamSchema,
  CreateUpstreamSchema,
  ReplaceUpstreamSchema,
} from "./definition-schemas";
import {
  changeUpstream,
  createUpstream,
  deleteUpstream,
  getUpstream,
  pageOfUpstreams,
} from "./manage";
import type { ManageDeps } from "./manage";
import { healthOf, refreshPool, viewsOf } from "./pool-client";
import {
  defaultsOf,
  definitionOf,
  presentDefinition,
  presentHealth,
  presentUpstream,
} from "./present";
import {
  IfMatchSchema,
  ListUpstreamsQuerySchema,
  UpstreamCursorSchema,
  UpstreamHealthSchema,
  UpstreamPageSchema,
  UpstreamParamsSchema,
  UpstreamSchema,
} from "./schemas";

const access = requireScope("admin");
const tags = ["admin"];
const PATH = "/api/v1/admin/upstreams";
const ONE = `${PATH}/{name}` as const;
const KNOWN_SOON = "Every isolate goes by it within 5 s.";

const listRoute = defineRoute({
  method: "get",
  path: PATH,
  operationId: "upstreams.list",
  tags,
  access,
  summary: "List the services behind the gateway",
  description: "By name.",
  errors: ["INVALID_CURSOR"],
  request: { query: ListUpstreamsQuerySchema },
  responses: { 200: json(UpstreamPageSchema, "A page of upstreams.") },
});

const createUpstreamRoute = defineRoute({
  method: "post",
  path: PATH,
  operationId: "upstreams.create",
  tags,
  access,
  summary: "Put a service of your own behind the gateway",
  description: `Callers reach it at \`/api/v1/gw/<name>/…\`. ${KNOWN_SOON}`,
  errors: ["UPSTREAM_EXISTS", "TOO_MANY_UPSTREAMS"],
  idempotency: idempotent(),
  request: { body: body(CreateUpstreamSchema) },
  responses: { 201: json(UpstreamSchema, "The upstream, without the values of secret headers.") },
});

const getRoute = defineRoute({
  method: "get",
  path: ONE,
  operationId: "upstreams.get",
  tags,
  access,
  summary: "Read the definition of an upstream",
  errors: ["UPSTREAM_NOT_FOUND"],
  request: { params: UpstreamParamsSchema },
  responses: { 200: json(UpstreamSchema, "The upstream, without the values of secret headers.") },
});

const changes = {
  tags,
  access,
  errors: ["UPSTREAM_NOT_FOUND", "PRECONDITION_FAILED", "CONFLICT"] as const,
};

const replaceRoute = defineRoute({
  ...changes,
  method: "put",
  path: ONE,
  operationId: "upstreams.replace",
  summary: "Replace the definition of an upstream",
  description: `What is left out gets its default, but for secret headers: those that are sent as null, or all of them where \`secret_headers\` is left out, stay as they are. ${KNOWN_SOON}`,
  request: {
    params: UpstreamParamsSchema,
    headers: IfMatchSchema,
    body: body(ReplaceUpstreamSchema),
  },
  responses: { 200: json(UpstreamSchema, "The upstream as it is after the change.") },
});

const changeRoute = defineRoute({
  ...changes,
  method: "patch",
  path: ONE,
  operationId: "upstreams.change",
  summary: "Change parts of an upstream's definition",
  description: `What is left out stays; what is sent replaces the whole of its field. ${KNOWN_SOON}`,
  request: {
    params: UpstreamParamsSchema,
    headers: IfMatchSchema,
    body: body(ChangeUpstreamSchema),
  },
  responses: { 200: json(UpstreamSchema, "The upstream as it is after the change.") },
});

const deleteRoute = defineRoute({
  ...changes,
  method: "delete",
  path: ONE,
  operationId: "upstreams.delete",
  summary: "Take a service from behind the gateway",
  description: KNOWN_SOON,
  request: { params: UpstreamParamsSchema, headers: IfMatchSchema },
  responses: { 204: { description: "Deleted, with its secret headers." } },
});

const healthRoute = defineRoute({
  method: "get",
  path: `${ONE}/health`,
  operationId: "upstreams.health",
  tags,
  access,
  summary: "See which targets of an upstream are well",
  description:
    "What calls and checks told so far. Targets are checked while there is traffic, and up to ten minutes after; this question is no traffic.",
  errors: ["UPSTREAM_NOT_FOUND"],
  request: { params: UpstreamParamsSchema },
  responses: { 200: json(UpstreamHealthSchema, "Each target.") },
});

/** The routes by which administrators put services behind the gateway. */
export const upstreamRoutes = newRouter()
  .openapi(listRoute, async (c) => {
    const { cursor, limit } = c.req.valid("query");
    const afterName = decodeCursor(cursor, UpstreamCursorSchema)?.after ?? null;
    const { upstreams, hasMore } = await pageOfUpstreams(depsOf(c).box, { afterName, limit });
    const last = upstreams.at(-1);
    const nextCursor = hasMore && last ? encodeCursor({ after: last.name }) : null;
    linkNextPage(c, nextCursor);
    return c.json({ items: upstreams.map(presentUpstream), next_cursor: nextCursor }, 200);
  })
  .openapi(createUpstreamRoute, async (c) => {
    const { name, ...fields } = c.req.valid("json");
    const upstream = await createUpstream(depsOf(c), name, definitionOf(fields, defaultsOf(name)));
    c.header("Location", `${PATH}/${name}`);
    return c.json(presentUpstream(upstream), 201);
  })
  .openapi(getRoute, async (c) => {
    const { upstream } = await getUpstream(depsOf(c).box, c.req.valid("param").name);
    return c.json(presentUpstream(upstream), 200);
  })
  .openapi(replaceRoute, async (c) => {
    const { name } = c.req.valid("param");
    const fields = c.req.valid("json");
    const ifVersion = await versionSeen(c, name);
    const upstream = await changeUpstream(depsOf(c), name, ifVersion, () =>
      definitionOf(fields, defaultsOf(name)),
    );
    return c.json(presentUpstream(upstream), 200);
  })
  .openapi(changeRoute, async (c) => {
    const { name } = c.req.valid("param");
    const fields = c.req.valid("json");
    const ifVersion = await versionSeen(c, name);
    const upstream = await changeUpstream(depsOf(c), name, ifVersion, (present) =>
      definitionOf(fields, presentDefinition(present)),
    );
    return c.json(presentUpstream(upstream), 200);
  })
  .openapi(deleteRoute, async (c) => {
    const { name } = c.req.valid("param");
    await deleteUpstream(depsOf(c), name, await versionSeen(c, name));
    return c.body(null, 204);
  })
  .openapi(healthRoute, async (c) => {
    const { upstream } = await getUpstream(depsOf(c).box, c.req.valid("param").name);
    return c.json(presentHealth(upstream, await healthOf(c.env, upstream.name)), 200);
  });

function depsOf(c: Context<AppEnv>): ManageDeps {
  const { encryptionKeys: keys, publicUrl } = c.get("config");
  const { ownerId, keyId } = c.get("principal");
  return {
    box: { db: c.env.DB, keys },
    publicUrl,
    clock: systemClock,
    locale: c.get("locale"),
    log: c.get("log"),
    actor: { id: keyId ?? ownerId, address: c.req.header("cf-connecting-ip") ?? null },
    announce: async (name) => {
      await refreshPool(c.env, name).finally(() => viewsOf(c.env).forget(name));
    },
  };
}

/** The version that `If-Match` means, null without one. The database compares it again in the change itself. */
async function versionSeen(c: Context<AppEnv>, name: string): Promise<number | null> {
  if (c.req.header("if-match") === undefined) return null;
  const { upstream } = await getUpstream(depsOf(c).box, name);
  await requireMatch(c, presentUpstream(upstream));
  return upstream.version;
}
