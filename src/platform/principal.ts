import { takesIn } from "#platform/scopes";

export const ROLES = ["admin", "user", "service", "worker"] as const;
export type Role = (typeof ROLES)[number];

/** Who is calling, as the guard established it. */
export interface Principal {
  /** The owner (`usr_…`): every record belongs to one, and all keys and sessions of one share its quota. */
  readonly ownerId: string;
  /** The API key that was used (`key_…`), or null for a signed-in person. */
  readonly keyId: string | null;
  /** The signed-in session (`ses_…`) that an access token belongs to, or null for a key and for a client of our token endpoint. */
  readonly sessionId: string | null;
  readonly role: Role;
  readonly scopes: readonly string[];
}

/** Scopes that only certain roles can use, whatever their credential lists; `*` never reaches beyond the role. */
const RESERVED: Readonly<Record<string, readonly Role[]>> = {
  admin: ["admin"],
  worker: ["admin", "worker"],
};

/** Whether a role may use a scope at all. */
export function roleAllows(role: Role, scope: string): boolean {
  const roles = RESERVED[scope.split(":")[0] ?? ""];
  return roles === undefined || roles.includes(role);
}

/** Whether the credential carries a scope. `*` grants all of its owner's role. */
export const hasScope = (principal: Principal, scope: string): boolean =>
  principal.scopes.includes("*") || takesIn(principal.scopes, scope);
