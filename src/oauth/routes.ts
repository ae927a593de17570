import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { requireScope } from "#auth/guard";
import { issuerOf } from "#auth/service";
import type { AppEnv } from "#http/context";
import { requireMatch } from "#http/etag";
import { FORM_TYPE } from "#http/form";
import { decodeCursor, encodeCursor, linkNextPage, PAGE_QUERY } from "#http/pagination";
import { ProblemSchema } from "#http/problem-responses";
import { defineRoute, newRouter, PUBLIC } from "#http/router";
import { idempotent } from "#limits/guard";
import { toTimestamp } from "#platform/clock";
import { readConfig } from "#platform/config";
import { ApiError } from "#platform/errors";
import { answering, OAUTH_ENDPOINT } from "./guard";
import {
  CLIENT_ID_EXAMPLE,
  CLIENT_SCOPES,
  CreateOAuthClientSchema,
  InspectedTokenSchema,
  IntrospectionSchema,
  NewOAuthClientSchema,
  OAuthClientSchema,
  OAuthClientsSchema,
  OAuthErrorSchema,
  ServerMetadataSchema,
  TokenAnswerSchema,
  TokenRequestSchema,
} from "./schemas";
import type { OAuthClientView } from "./schemas";
import {
  createClient,
  getClient,
  grantToken,
  introspectToken,
  oauthDepsOf,
  pageOfClients,
  revokeClient,
  revokeToken,
} from "./service";
import type { OAuthClient } from "./service";

const MANAGE = requireScope("keys:manage");
const CLIENT_PATH = "/api/v1/oauth-clients/{id}";
const clientParams = z.object({ id: z.string().max(100).openapi({ example: CLIENT_ID_EXAMPLE }) });
const json = <T extends z.ZodType>(schema: T) => ({ "application/json": { schema } });

const create = defineRoute({
  method: "post",
  path: "/api/v1/oauth-clients",
  operationId: "oauthClients.create",
  tags: ["oauth"],
  access: MANAGE,
  idempotency: idempotent({ showsSecret: true }),
  summary: "Make a client of the token endpoint",
  description:
    "A client gets access tokens for itself with `client_credentials` at `POST /oauth/token`. What it does belongs to your account and counts against its quota. The secret is shown in this answer only.",
  request: { body: { required: true, content: json(CreateOAuthClientSchema) } },
  responses: {
    201: { description: "The client and its secret", content: json(NewOAuthClientSchema) },
  },
  errors: ["GRANT_TOO_WIDE", "OAUTH_TOO_MANY_CLIENTS"],
});

const list = defineRoute({
  method: "get",
  path: "/api/v1/oauth-clients",
  operationId: "oauthClients.list",
  tags: ["oauth"],
  access: MANAGE,
  summary: "List your clients",
  request: { query: z.strictObject(PAGE_QUERY) },
  responses: {
    200: { description: "A page, the newest first", content: json(OAuthClientsSchema) },
  },
  errors: ["INVALID_CURSOR"],
});

const read = defineRoute({
  method: "get",
  path: CLIENT_PATH,
  operationId: "oauthClients.get",
  tags: ["oauth"],
  access: MANAGE,
  summary: "Read a client",
  request: { params: clientParams },
  responses: { 200: { description: "The client", content: json(OAuthClientSchema) } },
  errors: ["OAUTH_CLIENT_NOT_FOUND"],
});

const remove = defineRoute({
  method: "delete",
  path: CLIENT_PATH,
  operationId: "oauthClients.delete",
  tags: ["oauth"],
  access: MANAGE,
  summary: "Revoke a client",
  description:
    "It gets no more tokens, and those that it has are refused from the next request on.",
  request: { params: clientParams, headers: z.object({ "If-Match": z.string().optional() }) },
  responses: { 204: { description: "Revoked" } },
  errors: ["OAUTH_CLIENT_NOT_FOUND", "PRECONDITION_FAILED"],
});

const form = <T extends z.ZodType>(schema: T) => ({
  body: { required: true, content: { [FORM_TYPE]: { schema } } },
});
const oauthError = (description: string) => ({
  description,
  content: { ...json(OAuthErrorSchema), "application/problem+json": { schema: ProblemSchema } },
});
/** What each of the three endpoints may refuse, in OAuth's shape, and as a problem where no route was asked yet. */
const REFUSALS = {
  400: oauthError("`invalid_request`, `invalid_grant`, `invalid_scope`, `unsupported_grant_type`"),
  401: oauthError("`invalid_client`"),
  413: oauthError("`invalid_request`: the body is too large"),
  415: oauthError("`invalid_request`: the body is no form"),
  429: oauthError("`temporarily_unavailable`: a limit is reached"),
  500: oauthError("`server_error`"),
  503: oauthError("`temporarily_unavailable`"),
};
const endpoint = {
  method: "post" as const,
  tags: ["oauth"],
  access: OAUTH_ENDPOINT,
  refusals: "own" as const,
};

const token = defineRoute({
  ...endpoint,
  path: "/oauth/token",
  operationId: "oauth.token",
  summary: "Get an access token",
  description:
    "RFC 6749. `client_credentials` for a client, which authenticates by HTTP Basic or with `client_id` and `client_secret` in the form; `refresh_token` for a signed-in session, which needs no client. Errors have OAuth's own shape.",
  request: form(TokenRequestSchema),
  responses: { 200: { description: "The token", content: json(TokenAnswerSchema) }, ...REFUSALS },
});

const revoke = defineRoute({
  ...endpoint,
  path: "/oauth/revoke",
  operationId: "oauth.revoke",
  summary: "Revoke a token",
  description:
    "RFC 7009, for an authenticated client: an access token of its owner, or a refresh token of its owner, with which the whole session ends. The answer to any other token is the same.",
  request: form(InspectedTokenSchema),
  responses: {
    200: { description: "The token is not good any more, if it ever was" },
    ...REFUSALS,
  },
});

const introspect = defineRoute({
  ...endpoint,
  path: "/oauth/introspect",
  operationId: "oauth.introspect",
  summary: "Ask whether a token is good",
  description:
    "RFC 7662, for an authenticated client and the access tokens that were made for it. Of every other token it says no more than `active: false`.",
  request: form(InspectedTokenSchema),
  responses: {
    200: { description: "What the token says", content: json(IntrospectionSchema) },
    ...REFUSALS,
  },
});

const metadata = defineRoute({
  method: "get",
  path: "/.well-known/oauth-authorization-server",
  operationId: "oauth.metadata",
  tags: ["oauth"],
  access: PUBLIC,
  summary: "What this authorization server offers",
  description: "RFC 8414.",
  responses: { 200: { description: "The metadata", content: json(ServerMetadataSchema) } },
});

/** How long others may keep our metadata. */
const PUBLISHED_CACHE = "public, max-age=300";
const AUTHENTICATION = ["client_secret_basic", "client_secret_post"];

export const oauthRoutes = newRouter()
  .openapi(create, async (c) => {
    const { client, secret } = await createClient(depsOf(c), actorOf(c), c.req.valid("json"));
    c.header("Location", `/api/v1/oauth-clients/${client.id}`);
    return c.json({ ...viewOf(client), client_secret: secret }, 201);
  })
  .openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const beforeId = decodeCursor(cursor, z.string().max(100));
    const { ownerId } = c.get("principal");
    const { clients, nextId } = await pageOfClients(depsOf(c), { ownerId, beforeId, limit });
    const nextCursor = nextId === null ? null : encodeCursor(nextId);
    linkNextPage(c, nextCursor);
    return c.json({ items: clients.map(viewOf), next_cursor: nextCursor }, 200);
  })
  .openapi(read, async (c) => c.json(viewOf(await getOwn(c, c.req.valid("param").id)), 200))
  .openapi(remove, async (c) => {
    const { id } = c.req.valid("param");
    if (c.req.header("if-match") !== undefined) await requireMatch(c, viewOf(await getOwn(c, id)));
    await revokeClient(depsOf(c), actorOf(c), id);
    return c.body(null, 204);
  })
  .openapi(token, (c) =>
    answering(c, async () => {
      const granted = await grantToken(depsOf(c), c.req.valid("form"), shownBy(c));
      for (const [name, value] of Object.entries(granted.headers ?? {})) c.header(name, value);
      return c.json(granted.answer, 200);
    }),
  )
  .openapi(revoke, (c) =>
    answering(c, async () => {
      await revokeToken(depsOf(c), c.req.valid("form"), shownBy(c));
      return c.body(null, 200);
    }),
  )
  .openapi(introspect, (c) =>
    answering(c, async () =>
      c.json(await introspectToken(depsOf(c), c.req.valid("form"), shownBy(c)), 200),
    ),
  )
  .openapi(metadata, (c) => {
    const { publicUrl } = c.get("config");
    // Made of the settings and never of the request; RFC 8414 has no place for an issuer that is no URL.
    if (publicUrl === "")
      throw new ApiError("MISCONFIGURED", { params: { settings: "PUBLIC_URL" } });
    c.header("Cache-Control", PUBLISHED_CACHE);
    return c.json(
      {
        issuer: issuerOf({ publicUrl }),
        token_endpoint: `${publicUrl}/oauth/token`,
        revocation_endpoint: `${publicUrl}/oauth/revoke`,
        introspection_endpoint: `${publicUrl}/oauth/introspect`,
        jwks_uri: `${publicUrl}/.well-known/jwks.json`,
        grant_types_supported: ["client_credentials", "refresh_token"],
        // No authorization endpoint: people sign in at /api/v1/auth.
        response_types_supported: [],
        scopes_supported: [...CLIENT_SCOPES],
        token_endpoint_auth_methods_supported: [...AUTHENTICATION, "none"],
        revocation_endpoint_auth_methods_supported: AUTHENTICATION,
        introspection_endpoint_auth_methods_supported: AUTHENTICATION,
        service_documentation: `${publicUrl}/docs`,
      },
      200,
    );
  });

const depsOf = (c: Context<AppEnv>) => oauthDepsOf(c.env, readConfig(c.env));

const actorOf = (c: Context<AppEnv>) => ({
  principal: c.get("principal"),
  address: c.req.header("cf-connecting-ip") ?? null,
});

const shownBy = (c: Context<AppEnv>) => ({
  authorization: c.req.header("authorization"),
  address: c.req.header("cf-connecting-ip"),
  userAgent: c.req.header("user-agent"),
});

const getOwn = (c: Context<AppEnv>, id: string): Promise<OAuthClient> =>
  getClient(depsOf(c), c.get("principal").ownerId, id);

const viewOf = (client: OAuthClient): OAuthClientView => ({
  id: client.id,
  client_id: client.id,
  name: client.name,
  scopes: [...client.scopes],
  created_at: toTimestamp(client.createdAtMs),
});
