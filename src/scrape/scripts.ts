/** Which script a name and a version mean to a caller: the built-in ones, then their own. Other people's do not exist. */
import { sha256Hex } from "#platform/bytes";
import { systemClock } from "#platform/clock";
import { ApiError } from "#platform/errors";
import type { Locale } from "#platform/locale";
import type { Script } from "./core/script";
import { SCRIPT_LIMITS } from "./core/script-definition";
import type { ScriptDefinition } from "./core/script-definition";
import { chooseVersion, newestFirst } from "./core/script-version";
import { findScript, listScripts } from "./core/scripts";
import {
  deleteVersions,
  findVersion,
  findVersions,
  insertVersion,
  listNames,
  listVersions,
} from "./store";
import type { StoredScript, StoredVersion } from "./store";
import { answerOf, toolsOf } from "./tools-client";

const STORE_LIMITS = { names: 100, versions: 100, rows: 2_000 };

/** A script that a person wrote, in one version. */
export interface OwnScript {
  readonly kind: "own";
  readonly name: string;
  readonly version: string;
  readonly contentHash: string;
  readonly createdAtMs: number;
  readonly definition: ScriptDefinition;
}
export type ResolvedScript = { readonly kind: "built_in"; readonly script: Script } | OwnScript;

/** Every built-in name is taken, whatever its versions. */
export const isBuiltIn = (name: string): boolean => findScript(name) !== null;

const notFound = (name: string, version: string | undefined): ApiError =>
  new ApiError("SCRIPT_NOT_FOUND", {
    params: { script_name: version === undefined ? name : `${name}@${version}` },
  });

/**
 * Definitions by the hash of their content, which never changes what it means: whoever resolves a version has just
 * read its hash from the database, so that nothing here can be stale or another owner's.
 */
const definitions = new Map<string, ScriptDefinition>();
const MAX_DEFINITIONS = 64;

function definitionOf(contentHash: string, json: string): ScriptDefinition {
  const known = definitions.get(contentHash);
  if (known !== undefined) return known;
  // It went through the schema before it was stored.
  const definition = JSON.parse(json) as ScriptDefinition;
  if (definitions.size >= MAX_DEFINITIONS)
    definitions.delete(definitions.keys().next().value ?? "");
  definitions.set(contentHash, definition);
  return definition;
}

const toOwn = (stored: StoredScript): OwnScript => ({
  kind: "own",
  name: stored.name,
  version: stored.version,
  contentHash: stored.contentHash,
  createdAtMs: stored.createdAtMs,
  definition: definitionOf(stored.contentHash, stored.definitionJson),
});

/** The script that is meant by a name and a version, a range, `latest` or nothing. Refuses with SCRIPT_NOT_FOUND. */
export async function resolveScript(
  env: Pick<Env, "DB">,
  ownerId: string,
  name: string,
  wanted?: string,
): Promise<ResolvedScript> {
  const script = findScript(name);
  if (script !== null) {
    if (chooseVersion([script.version], wanted) === null) throw notFound(name, wanted);
    return { kind: "built_in", script };
  }
  const versions = await listVersions(env.DB, ownerId, name);
  const version = chooseVersion(
    versions.map((stored) => stored.version),
    wanted,
  );
  const chosen = versions.find((stored) => stored.version === version);
  if (chosen === undefined) throw notFound(name, wanted);
  const known = definitions.get(chosen.contentHash);
  if (known !== undefined) return { kind: "own", name, ...chosen, definition: known };
  const stored = await findVersion(env.DB, ownerId, name, chosen.version);
  if (stored === null) throw notFound(name, wanted);
  return toOwn(stored);
}

/**
 * Keeps a version of an owner's script. Refuses with VALIDATION_FAILED and every fault, SCRIPT_NAME_RESERVED,
 * SCRIPT_VERSION_EXISTS where the version has another content, TOO_MANY_SCRIPTS and BODY_TOO_LARGE.
 */
export async function putScript(
  env: Pick<Env, "DB" | "TOOLS">,
  ownerId: string,
  name: string,
  definition: ScriptDefinition,
  locale: Locale,
): Promise<{ readonly script: OwnScript; readonly isNew: boolean }> {
  if (isBuiltIn(name))
    throw new ApiError("SCRIPT_NAME_RESERVED", { params: { script_name: name } });
  // In the order in which it was written: that of the fields is the order of a result's columns.
  const definitionJson = JSON.stringify(definition);
  if (definitionJson.length > SCRIPT_LIMITS.characters)
    throw new ApiError("BODY_TOO_LARGE", { params: { limit: SCRIPT_LIMITS.characters } });
  await requireSound(env, definition, [], locale);
  const stored: StoredScript = {
    name,
    version: definition.version,
    contentHash: await sha256Hex(definitionJson),
    definitionJson,
    createdAtMs: systemClock(),
  };
  const verdict = await insertVersion(env.DB, ownerId, stored, STORE_LIMITS);
  if (verdict === "conflict")
    throw new ApiError("SCRIPT_VERSION_EXISTS", { params: { version: stored.version } });
  if (verdict === "full")
    throw new ApiError("TOO_MANY_SCRIPTS", { params: { limit: STORE_LIMITS.names } });
  if (verdict === "created") return { script: toOwn(stored), isNew: true };
  const kept = await findVersion(env.DB, ownerId, name, stored.version);
  return { script: toOwn(kept ?? stored), isNew: false };
}

/** Refuses with VALIDATION_FAILED where a definition of the right form cannot be run. */
export async function requireSound(
  env: Pick<Env, "TOOLS">,
  definition: ScriptDefinition,
  root: readonly string[],
  locale: Locale,
): Promise<void> {
  const errors = await answerOf(toolsOf(env).checkScript(definition, root, locale));
  if (errors.length > 0)
    throw new ApiError("VALIDATION_FAILED", { params: { count: errors.length }, errors });
}

/** Deletes one version of an owner's script, or with null all. Refuses with SCRIPT_NOT_FOUND and SCRIPT_NAME_RESERVED. */
export async function deleteScript(
  env: Pick<Env, "DB">,
  ownerId: string,
  name: string,
  version: string | null,
): Promise<void> {
  if (isBuiltIn(name))
    throw new ApiError("SCRIPT_NAME_RESERVED", { params: { script_name: name } });
  if ((await deleteVersions(env.DB, ownerId, name, version, systemClock())) === 0)
    throw notFound(name, version ?? undefined);
}

/** Where a list goes on: behind a built-in script, or behind one of the caller's own. */
export type ScriptPosition = { readonly built_in: string } | { readonly own: string };

/** The scripts that a caller sees: the built-in ones in their order, then their own by name, each in its latest version. */
export async function pageOfScripts(
  env: Pick<Env, "DB">,
  ownerId: string,
  after: ScriptPosition | null,
  limit: number,
): Promise<{ readonly items: readonly ResolvedScript[]; readonly next: ScriptPosition | null }> {
  const all = listScripts();
  const start =
    after === null
      ? 0
      : "own" in after
        ? all.length
        : 1 + all.findIndex((script) => script.name === after.built_in);
  const builtIn = all.slice(start, start + limit);
  const room = limit - builtIn.length;
  const named = await listNames(env.DB, {
    ownerId,
    afterName: after !== null && "own" in after ? after.own : null,
    limit: room + 1,
  });
  const latest = named.slice(0, room).flatMap(({ name, versions }) => {
    const version = chooseVersion(versions);
    return version === null ? [] : [{ name, version }];
  });
  const own = (await findVersions(env.DB, ownerId, latest)).map(toOwn);
  const items: ResolvedScript[] = [
    ...builtIn.map((script) => ({ kind: "built_in" as const, script })),
    ...own,
  ];
  const last = latest.at(-1)?.name;
  const hasMore = named.length > room || start + builtIn.length < all.length;
  if (!hasMore) return { items, next: null };
  const lastBuiltIn = builtIn.at(-1)?.name;
  if (last !== undefined) return { items, next: { own: last } };
  return { items, next: lastBuiltIn === undefined ? null : { built_in: lastBuiltIn } };
}

/** The versions of a script that a caller sees, the newest first. Refuses with SCRIPT_NOT_FOUND. */
export async function versionsOf(
  env: Pick<Env, "DB">,
  ownerId: string,
  name: string,
): Promise<
  readonly (Omit<StoredVersion, "contentHash" | "createdAtMs"> & {
    readonly contentHash: string | null;
    readonly createdAtMs: number | null;
    readonly isLatest: boolean;
  })[]
> {
  const script = findScript(name);
  if (script !== null)
    return [{ version: script.version, contentHash: null, createdAtMs: null, isLatest: true }];
  const versions = await listVersions(env.DB, ownerId, name);
  if (versions.length === 0) throw notFound(name, undefined);
  const latest = chooseVersion(versions.map(({ version }) => version));
  return versions
    .toSorted((a, b) => newestFirst(a.version, b.version))
    .map((stored) => ({ ...stored, isLatest: stored.version === latest }));
}
