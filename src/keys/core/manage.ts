import type { ErrorCode, ErrorParams } from "#platform/errors";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import { excessOf, inheritLimits } from "./grants";
import type { KeyLimits, Maker } from "./grants";
import { keyRecord } from "./record";
import type { KeyRecord, OldSecret } from "./record";

/** Keys that are not revoked, an owner's. */
export const MAX_KEYS = 100;
/** Revoked keys that a gate still shows; older ones are in the index and the audit log alone. */
export const MAX_REVOKED = 100;
/** Old secrets that a key honours. More than one, because a rotation whose answer was lost is asked for again, and the secret in use is then two back. */
const MAX_OLD_SECRETS = 5;
const DAY_MS = 86_400_000;

/** A change that somebody asks for. `ifVersion` is the version that the caller saw, null where it does not say. */
export type KeyCommand =
  | {
      readonly kind: "create";
      readonly keyId: string;
      readonly hash: string;
      readonly name: string;
      readonly scopes: readonly string[];
      readonly limits: KeyLimits;
      readonly life: Life;
    }
  | {
      readonly kind: "update";
      readonly keyId: string;
      readonly ifVersion: number | null;
      readonly name?: string | undefined;
      readonly scopes?: readonly string[] | undefined;
      readonly limits?: KeyLimits | undefined;
      /** Null where the expiry stays. */
      readonly life: Life | null;
    }
  | {
      readonly kind: "rotate";
      readonly keyId: string;
      readonly ifVersion: number | null;
      readonly hash: string;
      readonly graceMs: number;
      /** Null for as long as before, counted anew. */
      readonly life: Life | null;
    }
  | { readonly kind: "revoke"; readonly keyId: string; readonly ifVersion: number | null };

/** How long a key is to live. What nobody asked for in so many words is cut to what the maker may give. */
export interface Life {
  /** Null for ever. */
  readonly days: number | null;
  readonly isAsked: boolean;
}

export interface KeyFault {
  readonly code: Extract<
    ErrorCode,
    | "RESOURCE_NOT_FOUND"
    | "PRECONDITION_FAILED"
    | "API_KEY_REVOKED"
    | "TOO_MANY_API_KEYS"
    | "GRANT_TOO_WIDE"
    | "INVALID_API_KEY"
  >;
  readonly params?: ErrorParams;
}

/** A key as a command leaves it; `isChanged` false where it was so before. */
export interface KeyChange {
  readonly record: KeyRecord;
  readonly isChanged: boolean;
}

/** What a command of `maker` makes of the owner's keys at `nowMs`. */
export function decideKeyChange(
  keys: readonly KeyRecord[],
  maker: Maker,
  command: KeyCommand,
  nowMs: number,
): Result<KeyChange, KeyFault> {
  if (command.kind === "create") return create(keys, maker, command, nowMs);
  const record = keys.find((key) => key.keyId === command.keyId);
  if (record === undefined) return err({ code: "RESOURCE_NOT_FOUND" });
  if (command.ifVersion !== null && command.ifVersion !== record.version)
    return err({ code: "PRECONDITION_FAILED" });
  // To take a credential out of use is never more than its owner may do, however narrow the one who asks.
  if (command.kind === "revoke") {
    if (record.revokedAtMs !== null) return ok({ record, isChanged: false });
    return changed(record, { revokedAtMs: nowMs, oldSecrets: [] });
  }
  if (record.revokedAtMs !== null) return err({ code: "API_KEY_REVOKED" });
  const taken = excessOf(maker, withoutPast(record, maker, nowMs));
  if (taken !== null) return err({ code: "GRANT_TOO_WIDE", params: { excess: taken } });
  return command.kind === "update"
    ? update(record, maker, command, nowMs)
    : rotate(record, maker, command, nowMs);
}

function create(
  keys: readonly KeyRecord[],
  maker: Maker,
  command: KeyCommand & { kind: "create" },
  nowMs: number,
): Result<KeyChange, KeyFault> {
  if (keys.filter((key) => key.revokedAtMs === null).length >= MAX_KEYS)
    return err({ code: "TOO_MANY_API_KEYS", params: { limit: MAX_KEYS } });
  const { keyId, hash, name, scopes } = command;
  const record = keyRecord({
    keyId,
    hash,
    name,
    scopes,
    limits: inheritLimits(maker, command.limits),
    createdAtMs: nowMs,
    ...lifeOf(maker, command.life, nowMs),
  });
  return granted(maker, record);
}

function update(
  record: KeyRecord,
  maker: Maker,
  command: KeyCommand & { kind: "update" },
  nowMs: number,
): Result<KeyChange, KeyFault> {
  const { name, scopes, limits, life } = command;
  const next = {
    ...record,
    name: name ?? record.name,
    scopes: scopes ?? record.scopes,
    limits: limits === undefined ? record.limits : inheritLimits(maker, limits),
    ...(life === null ? {} : lifeOf(maker, life, nowMs)),
    version: record.version + 1,
  };
  const allowed = granted(maker, life === null ? withoutPast(next, maker, nowMs) : next);
  return allowed.ok ? ok({ record: next, isChanged: true }) : allowed;
}

function rotate(
  record: KeyRecord,
  maker: Maker,
  command: KeyCommand & { kind: "rotate" },
  nowMs: number,
): Result<KeyChange, KeyFault> {
  const asBefore = {
    days: record.lifetimeMs === null ? null : record.lifetimeMs / DAY_MS,
    isAsked: false,
  };
  const untilMs = nowMs + command.graceMs;
  const oldSecrets: OldSecret[] = [
    // The key's own end still holds for the secret that it had.
    { hash: record.hash, untilMs: Math.min(untilMs, record.expiresAtMs ?? Infinity) },
    ...record.oldSecrets.map((old) => ({ ...old, untilMs: Math.min(old.untilMs, untilMs) })),
  ];
  return granted(maker, {
    ...record,
    hash: command.hash,
    oldSecrets: oldSecrets.filter((old) => old.untilMs > nowMs).slice(0, MAX_OLD_SECRETS),
    ...lifeOf(maker, command.life ?? asBefore, nowMs),
    version: record.version + 1,
  });
}

function granted(maker: Maker, record: KeyRecord): Result<KeyChange, KeyFault> {
  const excess = excessOf(maker, record);
  if (excess !== null) return err({ code: "GRANT_TOO_WIDE", params: { excess } });
  return ok({ record, isChanged: true });
}

const changed = (record: KeyRecord, change: Partial<KeyRecord>): Result<KeyChange, never> =>
  ok({ record: { ...record, ...change, version: record.version + 1 }, isChanged: true });

function lifeOf(
  maker: Maker,
  life: Life,
  nowMs: number,
): Pick<KeyRecord, "lifetimeMs" | "expiresAtMs"> {
  const lifetimeMs = life.days === null ? null : life.days * DAY_MS;
  const wantedMs = lifetimeMs === null ? Infinity : nowMs + lifetimeMs;
  const cut = life.isAsked ? wantedMs : Math.min(wantedMs, maker.expiresAtMs ?? Infinity);
  return { lifetimeMs, expiresAtMs: cut === Infinity ? null : cut };
}

/**
 * A key as it counts against who manages it: its scopes and quotas. Its end does not, since nothing that is done to it
 * gives more time than the maker has.
 */
const withoutPast = (record: KeyRecord, maker: Maker, nowMs: number): KeyRecord => ({
  ...record,
  expiresAtMs: maker.expiresAtMs ?? nowMs,
});
