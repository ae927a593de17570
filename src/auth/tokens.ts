import { CompactSign, compactVerify, importJWK } from "jose";
import { utf8 } from "#platform/bytes";
import { systemClock } from "#platform/clock";
import type { Config } from "#platform/config";
import { ApiError } from "#platform/errors";
import { newId } from "#platform/ids";
import type { Role } from "#platform/principal";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import type { PublicJwk, SigningKey } from "#platform/signing-keys";
import { checkClaims } from "./core/claims";
import type { AccessClaims, ClaimsRefusal } from "./core/claims";
import { readHeader } from "./core/token-form";
import type { HeaderRefusal } from "./core/token-form";

type TokenSettings = Pick<Config, "signingKeys" | "publicUrl">;

/** What an access token is to say beside what all of them do. */
export interface NewAccessToken {
  /** `usr_…`, whose quota the token uses. */
  readonly sub: string;
  readonly clientId: string;
  readonly scope: string;
  readonly role: Role;
  readonly sid?: string;
  readonly lifetimeSeconds: number;
  /** Given where the same token is to be made again; made here otherwise. */
  readonly jti?: string;
  /** Milliseconds since the epoch; the current time where it is not said. */
  readonly issuedAtMs?: number;
}

export type TokenRefusal = HeaderRefusal | "key" | "signature" | ClaimsRefusal;

/** Tokens that an isolate remembers as well signed. */
const MAX_REMEMBERED = 1000;
/** Names of this deployment where it has no public URL. */
const NAMELESS = "naru";
const AUDIENCE = "naru";

/** What `iss` says: this deployment's own address, from its settings and never from a request. */
export const issuerOf = (settings: Pick<Config, "publicUrl">): string =>
  settings.publicUrl || NAMELESS;

/** The key set that anybody may fetch (RFC 7517 section 5). */
export const jwksOf = (settings: Pick<Config, "signingKeys">): { keys: readonly PublicJwk[] } => ({
  keys: settings.signingKeys.map(({ publicJwk }) => publicJwk),
});

/**
 * Signs and verifies access tokens for one deployment, with no I/O. Keys are imported once. Only two algorithms exist,
 * and a token's `kid` decides which key and so which algorithm; its header decides nothing else (RFC 8725 section 3.1).
 */
export class AccessTokens {
  readonly #settings: TokenSettings;
  readonly #keys: ReadonlyMap<string, SigningKey>;
  readonly #imported = new Map<string, Promise<CryptoKey>>();
  /**
   * Claims by the token's text. A text is looked up here only in its one canonical spelling, so it stands for its token
   * as well as a `jti` with a hash would; and what is revoked is revoked by session and `jti` at the owner's gate, which
   * is asked whatever is remembered here.
   */
  readonly #verified = new Map<string, AccessClaims>();

  constructor(settings: TokenSettings) {
    this.#settings = settings;
    this.#keys = new Map(settings.signingKeys.map((key) => [key.kid, key]));
  }

  /** A signed access token. Throws MISCONFIGURED where the deployment has no key. */
  async sign(token: NewAccessToken): Promise<string> {
    const [key] = this.#settings.signingKeys;
    if (key === undefined)
      throw new ApiError("MISCONFIGURED", {
        params: { settings: "JWT_SIGNING_KEYS" },
        internal: "JWT_SIGNING_KEYS is missing",
      });
    const issuedAtMs = token.issuedAtMs ?? systemClock();
    const iat = Math.floor(issuedAtMs / 1000);
    const claims: AccessClaims = {
      type: "access",
      iss: issuerOf(this.#settings),
      aud: AUDIENCE,
      sub: token.sub,
      client_id: token.clientId,
      scope: token.scope,
      role: token.role,
      sid: token.sid,
      jti: token.jti ?? newId("tok", issuedAtMs),
      iat,
      exp: iat + token.lifetimeSeconds,
    };
    return new CompactSign(utf8(JSON.stringify(claims)))
      .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: "at+jwt" })
      .sign(await this.#import(key, "private"));
  }

  /** What a token says, if it is one of ours and good at `nowMs`. Whether it was revoked is known to its owner's gate. */
  async verify(text: string, nowMs: number): Promise<Result<AccessClaims, TokenRefusal>> {
    const known = this.#verified.get(text);
    if (known !== undefined) {
      // Moved to the young end, so that the least used one goes first.
      this.#verified.delete(text);
      const checked = this.#check(known, nowMs);
      if (checked.ok) this.#verified.set(text, known);
      return checked;
    }
    const header = readHeader(text);
    if (!header.ok) return header;
    const key = this.#keys.get(header.value.kid);
    if (key === undefined || key.alg !== header.value.alg) return err("key");
    const payload = await this.#open(text, key);
    if (payload === null) return err("signature");
    const checked = this.#check(payload, nowMs);
    if (checked.ok) this.#remember(text, checked.value);
    return checked;
  }

  #check(payload: unknown, nowMs: number): Result<AccessClaims, ClaimsRefusal> {
    return checkClaims(payload, { issuer: issuerOf(this.#settings), audience: AUDIENCE }, nowMs);
  }

  /** The payload of a token that `key` signed, null where it did not. */
  async #open(text: string, key: SigningKey): Promise<unknown> {
    try {
      const { payload } = await compactVerify(text, await this.#import(key, "public"), {
        algorithms: [key.alg],
      });
      return JSON.parse(new TextDecoder().decode(payload)) as unknown;
    } catch {
      return null;
    }
  }

  #remember(text: string, claims: AccessClaims): void {
    this.#verified.set(text, claims);
    for (const oldest of this.#verified.keys()) {
      if (this.#verified.size <= MAX_REMEMBERED) break;
      this.#verified.delete(oldest);
    }
  }

  /** Once an isolate, for each key and use. */
  #import(key: SigningKey, part: "private" | "public"): Promise<CryptoKey> {
    const name = `${part} ${key.kid}`;
    const known = this.#imported.get(name);
    if (known !== undefined) return known;
    const { use: _use, ...jwk } = key.publicJwk;
    const imported = importJWK(part === "private" ? { ...jwk, d: key.d } : jwk, key.alg).then(
      (made) => {
        if (made instanceof Uint8Array) throw new Error("a signing key is not symmetric");
        return made;
      },
    );
    this.#imported.set(name, imported);
    return imported;
  }
}

const made = new WeakMap<object, AccessTokens>();

/** The isolate's own tokens for its settings. */
export function accessTokens(config: TokenSettings): AccessTokens {
  const known = made.get(config);
  if (known !== undefined) return known;
  const tokens = new AccessTokens(config);
  made.set(config, tokens);
  return tokens;
}

/** Signs an access token; see `AccessTokens.sign`. */
export const issueAccessToken = (
  deps: { readonly tokens: AccessTokens },
  token: NewAccessToken,
): Promise<string> => deps.tokens.sign(token);

/** Checks an access token; see `AccessTokens.verify`. */
export async function verifyAccessToken(
  token: string,
  config: Config,
  nowMs: number,
): Promise<Result<AccessClaims, TokenRefusal>> {
  const checked = await accessTokens(config).verify(token, nowMs);
  return checked.ok ? ok(checked.value) : checked;
}
