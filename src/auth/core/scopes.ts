import { hasScope } from "#platform/principal";
import type { Principal, Role } from "#platform/principal";

/** Scopes that only certain roles can use, whatever their credential lists; `*` never reaches beyond the role. */
const RESERVED: Readonly<Record<string, readonly Role[]>> = {
  admin: ["admin"],
  worker: ["admin", "worker"],
};

/**
 * Whether a caller may do what asks for `scope`. The credential must carry it, and the owner's role, as it is now, must
 * allow it: an administrator who was made a user keeps keys that say `admin`, and they stop working.
 */
export function mayUse(principal: Principal, scope: string): boolean {
  if (!hasScope(principal, scope)) return false;
  const roles = RESERVED[scope.split(":")[0] ?? ""];
  return roles === undefined || roles.includes(principal.role);
}
