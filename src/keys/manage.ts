import { makeEntry } from "#audit/service";
import type { AuditAction, AuditDetails } from "#audit/service";
import { ask, limitsOf, ownerGateName } from "#limits/service";
import { systemClock } from "#platform/clock";
import { readConfig } from "#platform/config";
import { ApiError } from "#platform/errors";
import type { Principal } from "#platform/principal";
import { keyEnvironment, keyPrefix, ownerRoutingOf } from "./core/format";
import type { KeyLimits } from "./core/grants";
import type { KeyCommand, Life } from "./core/manage";
import type { KeyRecord } from "./core/record";
import { mintApiKey, mintSecret } from "./mint";

export type { KeyRecord } from "./core/record";

type KeyEnv = Pick<Env, "CLIENT_GATE">;

/** Who manages keys, and from where. */
export interface KeyCaller {
  readonly principal: Principal;
  readonly address: string | null;
}

/** A key with its text, which is shown this once and stored nowhere. */
export interface ShownOnce {
  readonly record: KeyRecord;
  readonly key: string;
}

export interface NewKey {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly limits: KeyLimits;
  /** Null for ever; undefined for the deployment's default. */
  readonly expiresInDays: number | null | undefined;
}

/** Makes a key of the caller's owner. Refuses with GRANT_TOO_WIDE and TOO_MANY_API_KEYS. */
export async function createKey(
  env: KeyEnv,
  caller: KeyCaller,
  wanted: NewKey,
): Promise<ShownOnce> {
  const { environment, secretKey, apiKeyExpiryDays } = readConfig(env);
  const minted = await mintApiKey({
    environment,
    ownerRouting: routingOf(caller.principal.ownerId),
    nowMs: systemClock(),
    secretKey,
  });
  const { name, scopes, limits, expiresInDays } = wanted;
  const record = await manage(
    env,
    caller,
    {
      kind: "create",
      keyId: minted.keyId,
      hash: minted.hash,
      name,
      scopes,
      limits,
      life: lifeOf(expiresInDays) ?? { days: apiKeyExpiryDays, isAsked: false },
    },
    "api_key.create",
    { name, scopes, expires_in_days: expiresInDays ?? apiKeyExpiryDays },
  );
  return { record, key: minted.key };
}

export interface KeyUpdate {
  readonly name?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly limits?: KeyLimits | undefined;
  readonly expiresInDays?: number | null | undefined;
}

/** Changes a key. `ifVersion` is the version that the caller saw, null where it does not say. Refuses as `rotateKey` does. */
export async function updateKey(
  env: KeyEnv,
  caller: KeyCaller,
  keyId: string,
  ifVersion: number | null,
  wanted: KeyUpdate,
): Promise<KeyRecord> {
  const { name, scopes, limits, expiresInDays } = wanted;
  const command: KeyCommand = {
    kind: "update",
    keyId,
    ifVersion,
    name,
    scopes,
    limits,
    life: lifeOf(expiresInDays),
  };
  const changed = Object.entries(wanted).flatMap(([field, value]) =>
    value === undefined ? [] : [field],
  );
  return manage(env, caller, command, "api_key.update", { changed });
}

/**
 * Gives a key a new secret; its id stays, and the old secret works for `graceMs` more. Refuses with RESOURCE_NOT_FOUND,
 * PRECONDITION_FAILED, API_KEY_REVOKED and GRANT_TOO_WIDE.
 */
export async function rotateKey(
  env: KeyEnv,
  caller: KeyCaller,
  keyId: string,
  options: {
    readonly ifVersion: number | null;
    readonly graceMs: number;
    readonly expiresInDays: number | null | undefined;
  },
): Promise<ShownOnce> {
  const { environment, secretKey } = readConfig(env);
  const { ifVersion, graceMs, expiresInDays } = options;
  const { key, hash } = await mintSecret(keyId, environment, secretKey);
  const record = await manage(
    env,
    caller,
    { kind: "rotate", keyId, ifVersion, hash, graceMs, life: lifeOf(expiresInDays) },
    "api_key.rotate",
    { grace_seconds: graceMs / 1000 },
  );
  return { record, key };
}

/** Ends a key at once, everywhere. Again is no error. Refuses with RESOURCE_NOT_FOUND and PRECONDITION_FAILED. */
export async function revokeKey(
  env: KeyEnv,
  caller: KeyCaller,
  keyId: string,
  ifVersion: number | null,
): Promise<void> {
  await manage(env, caller, { kind: "revoke", keyId, ifVersion }, "api_key.revoke", {});
}

/** All keys of an owner, newest first, from the gate itself: a caller always sees what it wrote before. */
export async function listKeys(env: KeyEnv, ownerId: string): Promise<KeyRecord[]> {
  const keys = await ask(limitsOf(env), gateOf(ownerId), async (gate) => gate.listKeys());
  return keys.sort((a, b) => (a.keyId < b.keyId ? 1 : -1));
}

/** One key of an owner. Refuses with RESOURCE_NOT_FOUND, alike for another owner's and for none. */
export async function getKey(env: KeyEnv, ownerId: string, keyId: string): Promise<KeyRecord> {
  const keys = await listKeys(env, ownerId);
  const record = keys.find((key) => key.keyId === keyId);
  if (record === undefined) throw new ApiError("RESOURCE_NOT_FOUND");
  return record;
}

/** What a key of this deployment begins with. */
export const prefixOf = (env: object, keyId: string): string =>
  keyPrefix(keyEnvironment(readConfig(env).environment), keyId);

async function manage(
  env: KeyEnv,
  caller: KeyCaller,
  command: KeyCommand,
  action: AuditAction,
  details: AuditDetails,
): Promise<KeyRecord> {
  const { ownerId, keyId, role, scopes } = caller.principal;
  const entry = makeEntry({
    actorId: ownerId,
    action,
    subjectId: command.keyId,
    address: caller.address,
    details: keyId === null ? details : { ...details, by_key: keyId },
  });
  const decided = await ask(limitsOf(env), gateOf(ownerId), async (gate) =>
    gate.manageKeys({ ownerId, keyId, role, scopes: [...scopes] }, command, entry),
  );
  if (decided.ok) return decided.value.record;
  const { code, params } = decided.error;
  throw new ApiError(code, params === undefined ? {} : { params });
}

/** Null where the caller says nothing of it. */
const lifeOf = (days: number | null | undefined): Life | null =>
  days === undefined ? null : { days, isAsked: true };

/** Every principal's owner is one of ours, so that its id leads to a gate. */
function routingOf(ownerId: string): string {
  const routing = ownerRoutingOf(ownerId);
  if (routing === null) throw new Error("an owner's id that is none");
  return routing;
}

const gateOf = (ownerId: string): string => ownerGateName(routingOf(ownerId));
