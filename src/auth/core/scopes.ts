import { hasScope, roleAllows } from "#platform/principal";
import type { Principal } from "#platform/principal";

/**
 * Whether a caller may do what asks for `scope`. The credential must carry it, and the owner's role, as it is now, must
 * allow it: an administrator who was made a user keeps keys that say `admin`, and they stop working.
 */
export const mayUse = (principal: Principal, scope: string): boolean =>
  hasScope(principal, scope) && roleAllows(principal.role, scope);
