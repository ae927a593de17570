import type { AuditDetails, AuditEvent } from "#audit/service";
import { ApiError } from "#platform/errors";
import type { FieldError } from "#platform/errors";
import { toPointer } from "#platform/faults";
import { newId } from "#platform/ids";
import type { Locale } from "#platform/locale";
import { describeError } from "#platform/log";
import type { Logger } from "#platform/log";
import { isOwnAddress } from "./core/definition";
import type { Upstream } from "./core/upstream";
import { sealSecret } from "./secrets";
import type { StoredDefinition, StoredSecrets, StoredUpstream, UpstreamBox } from "./storage";
import { loadUpstream } from "./storage";
import { deleteUpstreamRow, insertUpstream, listUpstreams, updateUpstream } from "./store";
import type { UpstreamRecord } from "./store";

/** As many as the metrics tell apart. */
export const MAX_UPSTREAMS = 100;
/** A change that meets another one is tried again so often, where the caller did not say which version it meant. */
const MAX_TRIES = 3;

/** What an administrator wants an upstream to be. */
export interface Definition extends StoredDefinition {
  readonly isEnabled: boolean;
  /** By name in lower case; null keeps the value that is there, and null for all of them keeps them all. */
  readonly secrets: ReadonlyMap<string, string | null> | null;
}

export interface ManageDeps {
  readonly box: UpstreamBox;
  readonly publicUrl: string;
  readonly clock: () => number;
  readonly locale: Locale;
  readonly log: Logger;
  /** Which administrator acts, and from where. */
  readonly actor: { readonly id: string; readonly address: string | null };
  /** Makes a change known: to the pool, and so to all isolates. */
  readonly announce: (name: string) => Promise<void>;
}

/** A page of upstreams by name, and whether there are more. */
export async function pageOfUpstreams(
  box: UpstreamBox,
  query: { readonly afterName: string | null; readonly limit: number },
): Promise<{ readonly upstreams: readonly Upstream[]; readonly hasMore: boolean }> {
  const found = await listUpstreams(box, { ...query, limit: query.limit + 1 });
  const upstreams = found.slice(0, query.limit).map(({ upstream }) => upstream);
  return { upstreams, hasMore: found.length > query.limit };
}

/** An upstream. Refuses with UPSTREAM_NOT_FOUND. */
export async function getUpstream(box: UpstreamBox, name: string): Promise<StoredUpstream> {
  const stored = await loadUpstream(box, name);
  if (stored === null) throw notFound(name);
  return stored;
}

/** Adds an upstream. Refuses with VALIDATION_FAILED, UPSTREAM_EXISTS, TOO_MANY_UPSTREAMS, and MISCONFIGURED without a key to seal with. */
export async function createUpstream(
  deps: ManageDeps,
  name: string,
  definition: Definition,
): Promise<Upstream> {
  const nowMs = deps.clock();
  const base = { id: newId("ups", nowMs), name, version: 1, createdAtMs: nowMs };
  const record = await recordOf(deps, base, definition, {}, nowMs);
  const event = eventOf(deps, "upstream.create", record, {});
  const verdict = await insertUpstream(deps.box.db, record, MAX_UPSTREAMS, event);
  if (verdict === "taken") throw new ApiError("UPSTREAM_EXISTS", { params: { upstream: name } });
  if (verdict === "full")
    throw new ApiError("TOO_MANY_UPSTREAMS", { params: { limit: MAX_UPSTREAMS } });
  return announced(deps, record);
}

/**
 * Changes an upstream into what `wanted` makes of the present one. `ifVersion` is the version that the caller saw, null
 * where it does not say. Refuses with UPSTREAM_NOT_FOUND, PRECONDITION_FAILED, CONFLICT, VALIDATION_FAILED and MISCONFIGURED.
 */
export async function changeUpstream(
  deps: ManageDeps,
  name: string,
  ifVersion: number | null,
  wanted: (present: Upstream) => Definition,
): Promise<Upstream> {
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    const { upstream, secrets } = await presentOf(deps, name, ifVersion);
    const nowMs = deps.clock();
    const base = { ...upstream, version: upstream.version + 1 };
    const record = await recordOf(deps, base, wanted(upstream), secrets, nowMs);
    const changed = changedFields(upstream, record, secrets);
    // What changes nothing is no event, and leaves every other caller's ETag good.
    if (changed.length === 0) return upstream;
    const event = eventOf(deps, "upstream.update", record, { changed });
    if (await updateUpstream(deps.box.db, record, event)) return announced(deps, record);
  }
  throw new ApiError(ifVersion === null ? "CONFLICT" : "PRECONDITION_FAILED");
}

/** Deletes an upstream. Refuses with UPSTREAM_NOT_FOUND, PRECONDITION_FAILED and CONFLICT. */
export async function deleteUpstream(
  deps: ManageDeps,
  name: string,
  ifVersion: number | null,
): Promise<void> {
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    const { upstream } = await presentOf(deps, name, ifVersion);
    const event = eventOf(deps, "upstream.delete", upstream, {});
    if (!(await deleteUpstreamRow(deps.box.db, upstream, event))) continue;
    await announce(deps, name);
    return;
  }
  throw new ApiError(ifVersion === null ? "CONFLICT" : "PRECONDITION_FAILED");
}

async function presentOf(
  { box }: ManageDeps,
  name: string,
  ifVersion: number | null,
): Promise<{ readonly upstream: Upstream; readonly secrets: StoredSecrets }> {
  const { upstream, sealed } = await getUpstream(box, name);
  if (ifVersion !== null && upstream.version !== ifVersion)
    throw new ApiError("PRECONDITION_FAILED");
  const secrets = upstream.secretHeaders.map(({ name: header, updatedAtMs }) => [
    header,
    { sealed: sealed[header] ?? "", updated_at: updatedAtMs },
  ]);
  return { upstream, secrets: Object.fromEntries(secrets) as StoredSecrets };
}

/** The record of a definition, its secrets sealed. Refuses what only the whole of it shows. */
async function recordOf(
  { box, publicUrl, locale }: ManageDeps,
  base: Pick<UpstreamRecord, "id" | "name" | "version" | "createdAtMs">,
  { secrets: wanted, isEnabled, ...definition }: Definition,
  present: StoredSecrets,
  nowMs: number,
): Promise<UpstreamRecord> {
  const names = [...(wanted?.keys() ?? Object.keys(present))];
  const faults: FieldError[] = [
    ...definition.targets.flatMap(({ url }, at) =>
      isOwnAddress(url, publicUrl) ? [fault("own_address", ["targets", at, "url"], locale)] : [],
    ),
    ...names.flatMap((name) =>
      wanted !== null && wanted.get(name) === null && !Object.hasOwn(present, name)
        ? [fault("no_value", ["secret_headers", name], locale)]
        : [],
    ),
    ...definition.addHeaders.flatMap(({ name }) =>
      names.includes(name) ? [fault("duplicate", ["add_headers", name], locale)] : [],
    ),
  ];
  if (faults.length > 0)
    throw new ApiError("VALIDATION_FAILED", { params: { count: faults.length }, errors: faults });
  const isSealing = [...(wanted?.values() ?? [])].some((value) => value !== null);
  if (isSealing && box.keys.newest === 0)
    throw new ApiError("MISCONFIGURED", { internal: "ENCRYPTION_KEYS is missing" });
  const secrets = await Promise.all(
    names.map(async (name) => {
      const value = wanted?.get(name) ?? null;
      if (value === null) return [name, present[name]];
      const sealed = await sealSecret(box.keys, base.id, { name, value });
      return [name, { sealed, updated_at: nowMs }];
    }),
  );
  const { id, name, version, createdAtMs } = base;
  return {
    id,
    name,
    version,
    createdAtMs,
    definition,
    isEnabled,
    secrets: Object.fromEntries(secrets) as StoredSecrets,
    updatedAtMs: nowMs,
  };
}

/** Which fields differ, by the names that the wire gives them. A secret that was sent counts as another one. */
function changedFields(
  present: Upstream,
  record: UpstreamRecord,
  secrets: StoredSecrets,
): string[] {
  const { definition } = record;
  const fields = (Object.keys(definition) as (keyof StoredDefinition)[]).filter(
    (field) => JSON.stringify(definition[field]) !== JSON.stringify(present[field]),
  );
  const snake = fields.map((field) => field.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`));
  const sealedOf = (all: StoredSecrets): string =>
    JSON.stringify(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  if (sealedOf(secrets) !== sealedOf(record.secrets)) snake.push("secret_headers");
  if (present.isEnabled !== record.isEnabled) snake.push("enabled");
  return snake;
}

const upstreamOf = (record: UpstreamRecord): Upstream => ({
  ...record.definition,
  id: record.id,
  name: record.name,
  secretHeaders: Object.keys(record.secrets)
    .sort()
    .map((name) => ({ name, updatedAtMs: record.secrets[name]?.updated_at ?? 0 })),
  version: record.version,
  isEnabled: record.isEnabled,
  createdAtMs: record.createdAtMs,
  updatedAtMs: record.updatedAtMs,
});

async function announced(deps: ManageDeps, record: UpstreamRecord): Promise<Upstream> {
  await announce(deps, record.name);
  return upstreamOf(record);
}

/** What is saved is saved: a pool that cannot be told reads the database by itself, within 5 s of the next call. */
const announce = ({ announce: tell, log }: ManageDeps, name: string): Promise<void> =>
  tell(name).catch((error: unknown) => {
    log.warn("upstream.not_announced", { upstream: name, ...describeError(error) });
  });

const eventOf = (
  { actor }: ManageDeps,
  action: `upstream.${string}`,
  { id, name, version }: { readonly id: string; readonly name: string; readonly version: number },
  details: AuditDetails,
): AuditEvent => ({
  actorId: actor.id,
  action,
  subjectId: id,
  address: actor.address,
  details: { name, version, ...details },
});

const notFound = (name: string): ApiError =>
  new ApiError("UPSTREAM_NOT_FOUND", { params: { upstream: name.slice(0, 63) } });

const FAULTS = {
  own_address: {
    en: "This is the address of this deployment: calls would come round and round",
    ko: "이 배포 자신의 주소입니다. 호출이 끝없이 돌게 됩니다",
  },
  no_value: {
    en: "There is no value to keep: send one",
    ko: "그대로 둘 값이 없습니다. 값을 보내세요",
  },
  duplicate: {
    en: "This header stands in add_headers and in secret_headers",
    ko: "add_headers와 secret_headers에 같은 헤더가 있습니다",
  },
} as const;

const fault = (
  code: keyof typeof FAULTS,
  path: readonly PropertyKey[],
  locale: Locale,
): FieldError => ({ pointer: toPointer(path), code, message: FAULTS[code][locale] });
