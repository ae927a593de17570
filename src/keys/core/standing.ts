import type { Role } from "#platform/principal";
import { checkKey } from "./record";
import type { KeyCredential, KeyRecord, KeyRefusal, OwnerRecord } from "./record";

/** The caller behind a good key. */
export interface Caller {
  readonly ownerId: string;
  readonly role: Role;
  readonly scopes: readonly string[];
  readonly expiresAtMs: number | null;
}

/** What a gate makes of a credential: why not, or who; `caller` and `key` are null where none was shown. */
export type Standing =
  | { readonly refusal: KeyRefusal }
  | { readonly refusal: null; readonly caller: null; readonly key: null }
  | { readonly refusal: null; readonly caller: Caller; readonly key: KeyRecord };

export const NOBODY: Standing = { refusal: null, caller: null, key: null };

/** Where a shown key stands at `nowMs`, given what the gate holds under its id. */
export function decideStanding(
  owner: OwnerRecord | null,
  record: KeyRecord | undefined,
  shown: KeyCredential,
  nowMs: number,
): Standing {
  const checked = checkKey(owner === null ? undefined : record, shown, nowMs);
  if (!checked.ok) return { refusal: checked.error };
  if (owner === null) return { refusal: "unknown" };
  if (owner.isDisabled === true) return { refusal: "disabled" };
  const { record: key, goodUntilMs } = checked.value;
  const { ownerId, role } = owner;
  const caller = { ownerId, role, scopes: key.scopes, expiresAtMs: goodUntilMs };
  return { refusal: null, caller, key };
}
