import type { Context } from "hono";
import { requireScope } from "#auth/guard";
import { systemClock } from "#platform/clock";
import { body, json } from "#http/json-content";
import type { AppEnv } from "#http/context";
import { etagOf, requireMatch } from "#http/etag";
import { decodeCursor, encodeCursor, linkNextPage } from "#http/pagination";
import { defineRoute, newRouter } from "#http/router";
import { idempotent } from "#limits/guard";
import { keyStatus, keyVersionOf, presentKey } from "./present";
import {
  ApiKeyPageSchema,
  ApiKeyParamsSchema,
  ApiKeySchema,
  ApiKeyWithSecretSchema,
  CreateApiKeySchema,
  CursorSchema,
  ListApiKeysQuerySchema,
  RotateApiKeySchema,
  UpdateApiKeySchema,
} from "./schemas";
import { createKey, getKey, listKeys, revokeKey, rotateKey, updateKey } from "./service";
import type { KeyCaller, ShownOnce } from "./service";

const access = requireScope("keys:manage");
const tags = ["api-keys"];
const path = "/api/v1/api-keys";
const CHANGE_ERRORS = ["RESOURCE_NOT_FOUND", "PRECONDITION_FAILED", "GRANT_TOO_WIDE"] as const;

const createRoute = defineRoute({
  method: "post",
  path,
  operationId: "apiKeys.create",
  tags,
  access,
  summary: "Create an API key",
  description:
    "The key is shown in this answer and never again: what is stored only recognises it. It belongs to the caller's owner and works at once. Keys made by a key have no more scopes, no wider quotas and no later end than it. At most 100 keys that are not revoked. Every answer to a key that ends within 14 days carries `X-API-Key-Expires`.",
  errors: ["GRANT_TOO_WIDE", "TOO_MANY_API_KEYS"],
  idempotency: idempotent({ showsSecret: true }),
  request: { body: body(CreateApiKeySchema) },
  responses: { 201: json(ApiKeyWithSecretSchema, "The key; `Location` names it.") },
});

const listRoute = defineRoute({
  method: "get",
  path,
  operationId: "apiKeys.list",
  tags,
  access,
  summary: "List your API keys",
  description: "Newest first, the last 100 revoked ones included.",
  errors: ["INVALID_CURSOR"],
  request: { query: ListApiKeysQuerySchema },
  responses: { 200: json(ApiKeyPageSchema, "A page of keys.") },
});

const getRoute = defineRoute({
  method: "get",
  path: `${path}/{id}`,
  operationId: "apiKeys.get",
  tags,
  access,
  summary: "Read an API key",
  description: "The `ETag` stands for everything but `last_used_at`.",
  errors: ["RESOURCE_NOT_FOUND"],
  request: { params: ApiKeyParamsSchema },
  responses: { 200: json(ApiKeySchema, "The key, without its secret.") },
});

const updateRoute = defineRoute({
  method: "patch",
  path: `${path}/{id}`,
  operationId: "apiKeys.update",
  tags,
  access,
  summary: "Change an API key",
  description: "What is left out stays. `limits` are replaced as a whole. Works at once.",
  errors: [...CHANGE_ERRORS, "API_KEY_REVOKED"],
  request: { params: ApiKeyParamsSchema, body: body(UpdateApiKeySchema) },
  responses: { 200: json(ApiKeySchema, "The key as it is after the change.") },
});

const revokeRoute = defineRoute({
  method: "delete",
  path: `${path}/{id}`,
  operationId: "apiKeys.revoke",
  tags,
  access,
  summary: "Revoke an API key",
  description: "It is refused from this moment on, everywhere, and cannot be brought back.",
  errors: ["RESOURCE_NOT_FOUND", "PRECONDITION_FAILED"],
  request: { params: ApiKeyParamsSchema },
  responses: { 204: { description: "The key is revoked." } },
});

const rotateRoute = defineRoute({
  method: "post",
  path: `${path}/{id}/rotate`,
  operationId: "apiKeys.rotate",
  tags,
  access,
  summary: "Give an API key a new secret",
  description:
    "The id, the scopes and the quotas stay; the key lives as long again as it did at first. The old secret works for `grace_seconds` more, so that whoever uses it can change over; so do up to four older ones, each to its own end at the latest.",
  errors: [...CHANGE_ERRORS, "API_KEY_REVOKED"],
  idempotency: idempotent({ showsSecret: true }),
  request: { params: ApiKeyParamsSchema, body: body(RotateApiKeySchema, false) },
  responses: { 200: json(ApiKeyWithSecretSchema, "The key with its new secret, shown once.") },
});

/** The routes of API keys. */
export const keyRoutes = newRouter()
  .openapi(createRoute, async (c) => {
    const { name, scopes, limits = {}, expires_in_days } = c.req.valid("json");
    const wanted = { name, scopes, limits: limits as never, expiresInDays: expires_in_days };
    return c.json(await showOnce(c, await createKey(c.env, callerOf(c), wanted)), 201);
  })
  .openapi(listRoute, async (c) => {
    const { limit, cursor, status } = c.req.valid("query");
    const before = decodeCursor(cursor, CursorSchema)?.before;
    const nowMs = systemClock();
    const keys = (await listKeys(c.env, c.get("principal").ownerId))
      .filter((key) => status === undefined || keyStatus(key, nowMs) === status)
      .filter((key) => before === undefined || key.keyId < before);
    const page = keys.slice(0, limit);
    const last = page.at(-1);
    const nextCursor = keys.length > limit && last ? encodeCursor({ before: last.keyId }) : null;
    linkNextPage(c, nextCursor);
    const items = page.map((key) => presentKey(c.env, key, nowMs));
    return c.json({ items, next_cursor: nextCursor }, 200);
  })
  .openapi(getRoute, async (c) => {
    const { id } = c.req.valid("param");
    const record = await getKey(c.env, c.get("principal").ownerId, id);
    return c.json(await tagged(c, presentKey(c.env, record, systemClock())), 200);
  })
  .openapi(updateRoute, async (c) => {
    const { id } = c.req.valid("param");
    const { name, scopes, limits, expires_in_days } = c.req.valid("json");
    const wanted = {
      name,
      scopes,
      limits: (limits === null ? {} : limits) as never,
      expiresInDays: expires_in_days,
    };
    const record = await updateKey(c.env, callerOf(c), id, await versionSeen(c, id), wanted);
    return c.json(await tagged(c, presentKey(c.env, record, systemClock())), 200);
  })
  .openapi(revokeRoute, async (c) => {
    const { id } = c.req.valid("param");
    await revokeKey(c.env, callerOf(c), id, await versionSeen(c, id));
    return c.body(null, 204);
  })
  .openapi(rotateRoute, async (c) => {
    const { id } = c.req.valid("param");
    const { grace_seconds, expires_in_days } = c.req.valid("json");
    const rotated = await rotateKey(c.env, callerOf(c), id, {
      ifVersion: await versionSeen(c, id),
      graceMs: grace_seconds * 1000,
      expiresInDays: expires_in_days,
    });
    return c.json(await showOnce(c, rotated), 200);
  });

const callerOf = (c: Context<AppEnv>): KeyCaller => ({
  principal: c.get("principal"),
  address: c.req.header("cf-connecting-ip") ?? null,
});

/** The version that `If-Match` means, null without one. The gate compares it again in the change itself. */
async function versionSeen(c: Context<AppEnv>, id: string): Promise<number | null> {
  if (c.req.header("if-match") === undefined) return null;
  const record = await getKey(c.env, c.get("principal").ownerId, id);
  await requireMatch(c, keyVersionOf(presentKey(c.env, record, systemClock())));
  return record.version;
}

async function tagged<T extends ReturnType<typeof presentKey>>(
  c: Context<AppEnv>,
  shown: T,
): Promise<T> {
  // Weak: two answers under one tag may differ in when the key was last used.
  c.header("ETag", `W/${await etagOf(keyVersionOf(shown))}`);
  return shown;
}

async function showOnce(
  c: Context<AppEnv>,
  { record, key }: ShownOnce,
): Promise<ReturnType<typeof presentKey> & { key: string }> {
  c.header("Location", `${path}/${record.keyId}`);
  c.header("Cache-Control", "no-store");
  return { ...(await tagged(c, presentKey(c.env, record, systemClock()))), key };
}
