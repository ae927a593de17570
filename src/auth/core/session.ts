import type { Role } from "#platform/principal";

/** What an access token says, after its signature and claims were found good: all that its owner's gate wants to see. */
export interface SessionCredential {
  readonly kind: "session";
  /** `usr_…`, the token's subject; null where only a session is named, which belongs to the gate's owner. */
  readonly ownerId: string | null;
  /** The session (`ses_…`) that it belongs to; null for a client of the token endpoint, which has none. */
  readonly sessionId: string | null;
  readonly tokenId: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

/** Why a good-looking token is refused. Clients learn only that it is; the log has the reason. */
export type SessionRefusal = "unknown" | "disabled" | "ended" | "revoked" | "expired";

/** The owner as the gate knows it at this moment, whatever the token says of the role. */
export interface SessionOwner {
  readonly ownerId: string;
  readonly role: Role;
  readonly isDisabled?: boolean;
}

export interface SessionCaller {
  readonly ownerId: string;
  readonly role: Role;
  readonly scopes: readonly string[];
  readonly expiresAtMs: number;
}

export type SessionStanding =
  | { readonly refusal: SessionRefusal }
  | { readonly refusal: null; readonly caller: SessionCaller; readonly key: null };

/** What a gate holds of sessions: those that are open, and the names of what was revoked by itself. */
export interface SessionBook {
  readonly isOpen: (sessionId: string, nowMs: number) => boolean;
  readonly isRevoked: (name: string, nowMs: number) => boolean;
}

/**
 * Where a token stands at `nowMs`. A session is good while the gate holds it open: one that was ended is simply not
 * there, so nothing has to be remembered of it and no clock can bring it back. A token without a session is good unless
 * it, or the client that it was made for, was revoked.
 */
export function decideSession(
  owner: SessionOwner | null,
  book: SessionBook,
  shown: SessionCredential,
  nowMs: number,
): SessionStanding {
  if (owner === null || owner.ownerId !== (shown.ownerId ?? owner.ownerId))
    return { refusal: "unknown" };
  if (owner.isDisabled === true) return { refusal: "disabled" };
  if (shown.expiresAtMs <= nowMs) return { refusal: "expired" };
  if (shown.sessionId !== null && !book.isOpen(shown.sessionId, nowMs)) return { refusal: "ended" };
  if ([shown.tokenId, shown.clientId].some((name) => book.isRevoked(name, nowMs)))
    return { refusal: "revoked" };
  const { ownerId, role } = owner;
  const { scopes, expiresAtMs } = shown;
  return { refusal: null, caller: { ownerId, role, scopes, expiresAtMs }, key: null };
}
