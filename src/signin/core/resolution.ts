import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";

/** Who came back from a provider, after every check of the answer. */
export interface Identity {
  /** The provider's name for the person; never reused there and the only thing that is trusted to tell people apart. */
  readonly subject: string;
  /** What the provider says, for people to read and for a new account. Proves nothing here. */
  readonly email: string | null;
  readonly name: string | null;
}

/** What this server knows about an identity that came back. */
export interface Known {
  /** Whose the identity is. */
  readonly ownerId: string | null;
  /** Who has an account under the identity's email address. */
  readonly emailOwnerId: string | null;
  /** The subject that the linking user has linked at this provider. */
  readonly linkedSubject: string | null;
  /** Whether strangers may register (`REGISTRATION`). */
  readonly isRegistrationOpen: boolean;
}

export type Resolution =
  | { readonly kind: "sign_in"; readonly userId: string }
  | { readonly kind: "register"; readonly email: string }
  | { readonly kind: "link" }
  /** The identity is the linking user's already. */
  | { readonly kind: "linked" };

export type ResolutionRefusal =
  | "OAUTH_IDENTITY_TAKEN"
  | "OAUTH_ALREADY_LINKED"
  | "OAUTH_EMAIL_REQUIRED"
  | "OAUTH_ACCOUNT_EXISTS"
  | "REGISTRATION_CLOSED";

/**
 * What becomes of an identity. An account is never found by its email address: our own addresses are not verified, so
 * whoever registered a stranger's address first would get the stranger's sign-ins, and the reverse.
 */
export function resolveIdentity(
  identity: Identity,
  linkUserId: string | null,
  known: Known,
): Result<Resolution, ResolutionRefusal> {
  if (linkUserId !== null) {
    if (known.ownerId === linkUserId) return ok({ kind: "linked" });
    if (known.ownerId !== null) return err("OAUTH_IDENTITY_TAKEN");
    return known.linkedSubject === null ? ok({ kind: "link" }) : err("OAUTH_ALREADY_LINKED");
  }
  if (known.ownerId !== null) return ok({ kind: "sign_in", userId: known.ownerId });
  if (known.emailOwnerId !== null) return err("OAUTH_ACCOUNT_EXISTS");
  if (!known.isRegistrationOpen) return err("REGISTRATION_CLOSED");
  if (identity.email === null) return err("OAUTH_EMAIL_REQUIRED");
  return ok({ kind: "register", email: identity.email });
}

export type UnlinkRefusal = "OAUTH_LINK_NOT_FOUND" | "OAUTH_LAST_SIGN_IN";

/** Whether a user may unlink a provider: not if nobody could get into the account any more. */
export function decideUnlink(
  linkedProviders: readonly string[],
  provider: string,
  hasPassword: boolean,
): Result<void, UnlinkRefusal> {
  if (!linkedProviders.includes(provider)) return err("OAUTH_LINK_NOT_FOUND");
  const isLast = linkedProviders.every((linked) => linked === provider);
  return isLast && !hasPassword ? err("OAUTH_LAST_SIGN_IN") : ok(undefined);
}
