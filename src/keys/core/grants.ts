import type { LimitOverride } from "#platform/config";
import { roleAllows } from "#platform/principal";
import type { Role } from "#platform/principal";
import { takesIn } from "#platform/scopes";

export type KeyLimits = Readonly<Record<string, LimitOverride>>;

/** What the credential that makes or manages a key may do itself. */
export interface Maker {
  readonly role: Role;
  readonly scopes: readonly string[];
  /** When the credential ends, where it is a key; null for a person's own session, which stands for the person. */
  readonly expiresAtMs: number | null;
  /** A key's own quotas; none for a session. */
  readonly limits: KeyLimits;
}

/** What a key may do. */
export interface Grant {
  readonly scopes: readonly string[];
  readonly expiresAtMs: number | null;
  readonly limits: KeyLimits;
}

/**
 * What of a grant goes beyond its maker, in words for the caller; null where nothing does. Without this a narrow key with
 * `keys:manage` would make itself a wide one, or take a wide one over by rotating it.
 */
export function excessOf(maker: Maker, grant: Grant): string | null {
  for (const scope of grant.scopes)
    if (!hasScope(maker, scope) || !roleAllows(maker.role, scope)) return `scope ${scope}`;
  if (grant.expiresAtMs === null) {
    if (maker.role !== "admin" || maker.expiresAtMs !== null) return "no expiry";
  } else if (maker.expiresAtMs !== null && grant.expiresAtMs > maker.expiresAtMs) return "expiry";
  for (const [policy, quota] of Object.entries(maker.limits))
    if (!isWithin(grant.limits[policy], quota)) return `limit ${policy}`;
  return null;
}

/** A key's quotas, with those of its maker where it states none. */
export const inheritLimits = (maker: Maker, limits: KeyLimits): KeyLimits => ({
  ...maker.limits,
  ...limits,
});

const hasScope = (maker: Maker, scope: string): boolean =>
  maker.scopes.includes("*") || takesIn(maker.scopes, scope);

/** Whether a quota lets through no more than another in any time: at most as many, in a window at least as long. */
function isWithin(quota: LimitOverride | undefined, bound: LimitOverride): boolean {
  if (bound.limit !== undefined && !((quota?.limit ?? Infinity) <= bound.limit)) return false;
  if (bound.window !== undefined && !((quota?.window ?? 0) >= bound.window)) return false;
  return bound.concurrent === undefined || (quota?.concurrent ?? Infinity) <= bound.concurrent;
}
