import type { Context } from "hono";
import { requireScope } from "#auth/guard";
import { findUserById } from "#auth/service";
import { systemClock, toTimestamp } from "#platform/clock";
import type { JsonObject } from "#platform/json-value";
import { body, json } from "#http/json-content";
import type { AppEnv } from "#http/context";
import { etagOf, requireMatch } from "#http/etag";
import { defineRoute, newRouter } from "#http/router";
import { ProfileSchema, PutProfileSchema, PutSettingsSchema, SettingsSchema } from "./schemas";
import type { ProfileBody, SettingsBody } from "./schemas";
import { parseProfile, parseSettings, readShelf, replaceShelf } from "./service";
import type { Shelf, Shelved } from "./service";

const shared = { access: requireScope("account"), tags: ["account"] };

const getProfile = defineRoute({
  ...shared,
  method: "get",
  path: "/api/v1/users/profile",
  operationId: "profile.get",
  summary: "Read your profile",
  description: "What you tell of yourself, beside what your account has of you.",
  responses: { 200: json(ProfileSchema, "The profile; empty before the first change.") },
});

const putProfile = defineRoute({
  ...shared,
  method: "put",
  path: "/api/v1/users/profile",
  operationId: "profile.put",
  summary: "Replace your profile",
  description: "With `If-Match`, only the version that was seen is replaced.",
  errors: ["PRECONDITION_FAILED"],
  request: { body: body(PutProfileSchema) },
  responses: { 200: json(ProfileSchema, "The profile as it is from here on.") },
});

const getSettings = defineRoute({
  ...shared,
  method: "get",
  path: "/api/v1/users/settings",
  operationId: "settings.get",
  summary: "Read your settings",
  responses: { 200: json(SettingsSchema, "The settings; the defaults before the first change.") },
});

const putSettings = defineRoute({
  ...shared,
  method: "put",
  path: "/api/v1/users/settings",
  operationId: "settings.put",
  summary: "Replace your settings",
  description:
    "How code is written for you where a request does not say it (`user_profile` of `generate-code` wins, field by field), in which mode conversations begin, and whether there is a history. With `If-Match`, only the version that was seen is replaced.",
  errors: ["PRECONDITION_FAILED"],
  request: { body: body(PutSettingsSchema) },
  responses: { 200: json(SettingsSchema, "The settings as they are from here on.") },
});

type C = Context<AppEnv>;
type Present<T> = (c: C, shelved: Shelved | null) => Promise<T> | T;

/** What somebody tells of themselves, and how they want things. */
export const profileRoutes = newRouter()
  .openapi(getProfile, async (c) => c.json(await read(c, "profiles", presentProfile), 200))
  .openapi(putProfile, async (c) =>
    c.json(await replace(c, "profiles", c.req.valid("json"), presentProfile), 200),
  )
  .openapi(getSettings, async (c) => c.json(await read(c, "settings", presentSettings), 200))
  .openapi(putSettings, async (c) =>
    c.json(await replace(c, "settings", c.req.valid("json"), presentSettings), 200),
  );

const read = async <T>(c: C, shelf: Shelf, present: Present<T>): Promise<T> =>
  present(c, await readShelf(c.env.DB, shelf, c.get("principal").ownerId));

async function replace<T>(c: C, shelf: Shelf, value: JsonObject, present: Present<T>): Promise<T> {
  const { ownerId } = c.get("principal");
  let ifVersion: number | null = null;
  if (c.req.header("if-match") !== undefined) {
    const seen = await readShelf(c.env.DB, shelf, ownerId);
    await requireMatch(c, await present(c, seen));
    // Compared again by the write itself.
    ifVersion = seen?.version ?? 0;
  }
  await replaceShelf(c.env.DB, shelf, ownerId, value, { ifVersion, nowMs: systemClock() });
  const shown = await read(c, shelf, present);
  c.header("ETag", await etagOf(shown));
  return shown;
}

async function presentProfile(c: C, shelved: Shelved | null): Promise<ProfileBody> {
  const { ownerId, role } = c.get("principal");
  const user = await findUserById(c.env.DB, ownerId);
  return {
    id: ownerId,
    email: user?.email ?? null,
    name: user?.name ?? null,
    role,
    ...parseProfile(shelved?.value ?? {}),
    updated_at: shelved === null ? null : toTimestamp(shelved.updatedAtMs),
  };
}

const presentSettings = (_c: C, shelved: Shelved | null): SettingsBody => ({
  ...parseSettings(shelved?.value ?? {}),
  updated_at: shelved === null ? null : toTimestamp(shelved.updatedAtMs),
});
