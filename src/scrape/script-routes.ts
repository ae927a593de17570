import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { requireScope } from "#auth/guard";
import { toTimestamp } from "#platform/clock";
import { ApiError } from "#platform/errors";
import type { Locale } from "#platform/locale";
import { body, json } from "#http/json-content";
import type { AppEnv } from "#http/context";
import { requireMatch } from "#http/etag";
import { decodeCursor, encodeCursor, linkNextPage } from "#http/pagination";
import { defineRoute, newRouter } from "#http/router";
import { HTML_TYPES } from "./core/script-types";
import { previewScript } from "./preview";
import {
  DeleteScriptQuerySchema,
  IfMatchSchema,
  ListScriptsQuerySchema,
  PreviewResultSchema,
  PreviewSchema,
  ScriptDefinitionSchema,
  ScriptDetailSchema,
  ScriptPageSchema,
  ScriptParamsSchema,
  ScriptQuerySchema,
  ScriptVersionPageSchema,
} from "./schemas";
import type { ScriptBody, ScriptDetail } from "./schemas";
import { deleteScript, pageOfScripts, putScript, resolveScript, versionsOf } from "./scripts";
import type { ResolvedScript } from "./scripts";

const access = requireScope("scrape");

const PATH = "/api/v1/scripts/{name}";
const tags = ["scrape"];

const listRoute = defineRoute({
  method: "get",
  path: "/api/v1/scripts",
  operationId: "scripts.list",
  tags,
  summary: "List the scripts",
  description: "The built-in scripts, then your own by name, each in its latest version.",
  access,
  errors: ["INVALID_CURSOR"],
  request: { query: ListScriptsQuerySchema },
  responses: { 200: json(ScriptPageSchema, "A page of scripts.") },
});

const getRoute = defineRoute({
  method: "get",
  path: PATH,
  operationId: "scripts.get",
  tags,
  summary: "Read what a script does and asks for",
  description: "The latest version, or the highest one in the range that `version` names.",
  access,
  errors: ["SCRIPT_NOT_FOUND"],
  request: { params: ScriptParamsSchema, query: ScriptQuerySchema },
  responses: { 200: json(ScriptDetailSchema, "The script.") },
});

const putRoute = defineRoute({
  method: "put",
  path: PATH,
  operationId: "scripts.put",
  tags,
  summary: "Keep a version of a script of your own",
  description:
    "A script is a declarative description. `steps` come in order: `fetch` names the first page; `extract` takes values by CSS selectors (texts, attributes, lists, nested records, tables, HTML, Markdown), each through `transforms` where they are given; `paginate` reads further pages the same way; `follow` fetches the pages behind links and takes values from each. `parameters` is the JSON Schema of what a run has to be given, `output` the format of its result (JSON, CSV, Markdown, text). Every page is fetched under the rules of a scrape: address policy, robots.txt, the limits of its site. A version never changes: the same content again answers 200 with what is kept, another content under its number is 409 `SCRIPT_VERSION_EXISTS`, also after it was deleted. At most 100 scripts of 100 versions each, 64 KiB a definition; 100 pages and 50 MiB a run. Patterns are RE2's, which cannot backtrack.",
  access,
  errors: [
    "SCRIPT_NAME_RESERVED",
    "SCRIPT_VERSION_EXISTS",
    "TOO_MANY_SCRIPTS",
    "PRECONDITION_FAILED",
  ],
  request: {
    params: ScriptParamsSchema,
    headers: IfMatchSchema,
    body: body(ScriptDefinitionSchema),
  },
  responses: {
    200: json(ScriptDetailSchema, "This version is kept already, with this content."),
    201: json(ScriptDetailSchema, "The version is kept; `Location` says where."),
  },
});

const deleteRoute = defineRoute({
  method: "delete",
  path: PATH,
  operationId: "scripts.delete",
  tags,
  summary: "Delete a script of your own",
  description:
    "All of its versions, or the one that `version` names. Tasks that were accepted before run on.",
  access,
  errors: ["SCRIPT_NOT_FOUND", "SCRIPT_NAME_RESERVED", "PRECONDITION_FAILED"],
  request: {
    params: ScriptParamsSchema,
    query: DeleteScriptQuerySchema,
    headers: IfMatchSchema,
  },
  responses: { 204: { description: "Deleted." } },
});

const versionsRoute = defineRoute({
  method: "get",
  path: `${PATH}/versions`,
  operationId: "scripts.versions",
  tags,
  summary: "List the versions of a script",
  description: "The highest first.",
  access,
  errors: ["SCRIPT_NOT_FOUND", "INVALID_CURSOR"],
  request: { params: ScriptParamsSchema, query: ListScriptsQuerySchema },
  responses: { 200: json(ScriptVersionPageSchema, "A page of versions.") },
});

const previewRoute = defineRoute({
  method: "post",
  path: `${PATH}/preview`,
  operationId: "scripts.preview",
  tags,
  summary: "Try a script on pages that you send",
  description:
    "Runs a script, built in, kept, or sent along as `definition`, over the page in `content` and nothing else: nothing is fetched and nothing is kept. Pages that the script comes to are looked for in `pages` by their address. A page that cannot be read as the script wants is 200 with `status: failed` and its `error`.",
  access,
  errors: ["SCRIPT_NOT_FOUND", "SCRIPT_NAME_RESERVED", "INVALID_SELECTOR"],
  request: { params: ScriptParamsSchema, body: body(PreviewSchema) },
  responses: { 200: json(PreviewResultSchema, "What the script found.") },
});

const PositionSchema = z.union([
  z.strictObject({ built_in: z.string().max(64) }),
  z.strictObject({ own: z.string().max(64) }),
]);
const VersionPositionSchema = z.strictObject({ after: z.string().max(64) });

/** The scripts that scrapes run: the built-in ones, and everybody's own. */
export const scriptRoutes = newRouter()
  .openapi(listRoute, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const after = decodeCursor(cursor, PositionSchema);
    const page = await pageOfScripts(c.env, c.get("principal").ownerId, after, limit);
    const nextCursor = page.next === null ? null : encodeCursor(page.next);
    linkNextPage(c, nextCursor);
    const items = page.items.map((script) => present(script, c.get("locale")));
    return c.json({ items, next_cursor: nextCursor }, 200);
  })
  .openapi(getRoute, async (c) => {
    const script = await resolveScript(
      c.env,
      c.get("principal").ownerId,
      c.req.valid("param").name,
      c.req.valid("query").version,
    );
    return c.json(presentDetail(script, c.get("locale")), 200);
  })
  .openapi(putRoute, async (c) => {
    const { name } = c.req.valid("param");
    await requirePresent(c, name);
    const locale = c.get("locale");
    const { script, isNew } = await putScript(
      c.env,
      c.get("principal").ownerId,
      name,
      c.req.valid("json"),
      locale,
    );
    if (!isNew) return c.json(presentDetail(script, locale), 200);
    c.header("Location", `/api/v1/scripts/${name}?version=${encodeURIComponent(script.version)}`);
    return c.json(presentDetail(script, locale), 201);
  })
  .openapi(deleteRoute, async (c) => {
    const { name } = c.req.valid("param");
    const { version = null } = c.req.valid("query");
    await requirePresent(c, name, version ?? undefined);
    await deleteScript(c.env, c.get("principal").ownerId, name, version);
    return c.body(null, 204);
  })
  .openapi(versionsRoute, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const after = decodeCursor(cursor, VersionPositionSchema)?.after;
    const all = await versionsOf(c.env, c.get("principal").ownerId, c.req.valid("param").name);
    const start = after === undefined ? 0 : 1 + all.findIndex(({ version }) => version === after);
    const page = all.slice(start, start + limit);
    const last = page.at(-1);
    const nextCursor =
      last !== undefined && start + limit < all.length
        ? encodeCursor({ after: last.version })
        : null;
    linkNextPage(c, nextCursor);
    const items = page.map(({ version, contentHash, createdAtMs, isLatest }) => ({
      version,
      content_hash: contentHash,
      created_at: createdAtMs === null ? null : toTimestamp(createdAtMs),
      latest: isLatest,
    }));
    return c.json({ items, next_cursor: nextCursor }, 200);
  })
  .openapi(previewRoute, async (c) => {
    const { name } = c.req.valid("param");
    const { ownerId } = c.get("principal");
    const result = await previewScript(c.env, ownerId, name, c.req.valid("json"), c.get("locale"));
    return c.json(result, 200);
  });

/** Holds `If-Match` against the present script, where the caller sent one. */
async function requirePresent(c: Context<AppEnv>, name: string, version?: string): Promise<void> {
  if (c.req.header("if-match") === undefined) return;
  const present = await resolveScript(c.env, c.get("principal").ownerId, name, version).catch(
    (error: unknown) => {
      if (error instanceof ApiError && error.code === "SCRIPT_NOT_FOUND") return null;
      throw error;
    },
  );
  await requireMatch(c, present && presentDetail(present, c.get("locale")));
}

function present(resolved: ResolvedScript, locale: Locale): ScriptBody {
  if (resolved.kind === "built_in") {
    const { script } = resolved;
    return {
      name: script.name,
      version: script.version,
      title: script.title[locale],
      description: script.description[locale],
      accepts: [...script.accepts],
      parameters: script.parametersJsonSchema(),
      built_in: true,
      content_hash: null,
      created_at: null,
    };
  }
  const { definition } = resolved;
  return {
    name: resolved.name,
    version: resolved.version,
    title: definition.title,
    description: definition.description,
    accepts: [...HTML_TYPES],
    parameters: definition.parameters,
    built_in: false,
    content_hash: resolved.contentHash,
    created_at: toTimestamp(resolved.createdAtMs),
  };
}

const presentDetail = (resolved: ResolvedScript, locale: Locale): ScriptDetail => ({
  ...present(resolved, locale),
  definition: resolved.kind === "built_in" ? null : resolved.definition,
});
