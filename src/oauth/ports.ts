import type { Role } from "#platform/principal";
import type { ClientSecrets } from "./secret";

/** What an access token of ours says, after it was found genuine and in time. Times are seconds. */
export interface TokenClaims {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  readonly client_id: string;
  readonly scope: string;
  readonly role: Role;
  readonly jti: string;
  readonly iat: number;
  readonly exp: number;
}

/** Where a request comes from, for what it counts against and what a session remembers of its device. */
export interface Origin {
  readonly address: string | undefined;
  readonly userAgent: string | undefined;
}

/** The answer that RFC 6749 section 5.1 gives to a grant. */
export interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: "Bearer";
  /** Seconds. */
  readonly expires_in: number;
  /** Absent where a session was refreshed, whose scope does not change. */
  readonly scope?: string;
  readonly refresh_token?: string;
}

/** What the token endpoint needs of the rest of the server. */
export interface OAuthDeps {
  readonly db: D1Database;
  /** Milliseconds. */
  readonly clock: () => number;
  readonly secrets: ClientSecrets;
  readonly accessTokenSeconds: number;
  /** A signed access token of a client. */
  readonly issue: (token: {
    readonly ownerId: string;
    readonly clientId: string;
    readonly scope: string;
  }) => Promise<string>;
  /** What a token says; null where it is none of ours, or no longer in time. */
  readonly verify: (token: string) => Promise<TokenClaims | null>;
  /**
   * Shows a token at its owner's gate and counts one call of the owner. Throws as any request with that token is refused;
   * answers with the limits' headers.
   */
  readonly enter: (
    token: string,
    origin: Origin,
  ) => Promise<Readonly<Record<string, string>> | null>;
  /** Whether the owner's gate takes a token at this moment; counts nothing. */
  readonly isTaken: (token: string) => Promise<boolean>;
  /** Sees to it that the owner's gate knows its owner, as far as the caller's own credential tells. False where it is another's. */
  readonly introduce: (owner: {
    readonly ownerId: string;
    readonly role: Role;
  }) => Promise<boolean>;
  /** Refuses tokens by their id or client from here on, until `untilMs`, at the owner's gate. */
  readonly revokeGrants: (
    ownerId: string,
    names: readonly string[],
    untilMs: number,
  ) => Promise<void>;
  /** Counts a call that shows no good credential against its address. Throws RATE_LIMITED where it has had enough. */
  readonly countStranger: (
    address: string | undefined,
  ) => Promise<Readonly<Record<string, string>> | null>;
  /** Rotates a refresh token. Null where it is not good any more, whatever the reason. */
  readonly refresh: (token: string, origin: Origin) => Promise<RefreshedSession | null>;
  /** Whose refresh token it is, as far as can be told without asking; null where it is none of ours. */
  readonly ownerRoutingOfRefresh: (token: string) => Promise<string | null>;
  /** Ends the session of `ownerId` that a refresh token belongs to, with all tokens of its family. */
  readonly endByRefresh: (ownerId: string, token: string) => Promise<void>;
}

export interface RefreshedSession {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInSeconds: number;
}
