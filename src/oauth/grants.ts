/** The token endpoint and its two companions (RFC 6749 section 3.2, RFC 7009, RFC 7662). Refusals are `OAuthError`s. */
import { recordAudit } from "#audit/service";
import { ownerRoutingOf } from "#keys/service";
import { equalTexts } from "#platform/bytes";
import { ApiError } from "#platform/errors";
import { readClientAuthentication } from "./core/client-auth";
import { OAuthError } from "./core/refusal";
import { narrowScope } from "./core/scope";
import type { OAuthDeps, Origin, TokenAnswer, TokenClaims } from "./ports";
import { hashClientSecret } from "./secret";
import { findClient } from "./store";
import type { OAuthClient } from "./store";

/** The fields of a form that all three endpoints read; an empty one is as good as absent (RFC 6749 section 3.2). */
export interface ShownForm {
  readonly client_id?: string | undefined;
  readonly client_secret?: string | undefined;
}

export interface TokenForm extends ShownForm {
  readonly grant_type?: string | undefined;
  readonly scope?: string | undefined;
  readonly refresh_token?: string | undefined;
}

export interface InspectedForm extends ShownForm {
  readonly token?: string | undefined;
  readonly token_type_hint?: string | undefined;
}

/** What a request brings beside its form. */
export interface Shown extends Origin {
  readonly authorization: string | undefined;
}

export interface Granted {
  readonly answer: TokenAnswer;
  /** The owner's limits, or those of the address. */
  readonly headers: Readonly<Record<string, string>> | null;
}

const BAD_REFRESH = ["invalid_grant", "the refresh token is not valid or has ended"] as const;

/** What a refresh token looks like: it is told from an access token without looking at either. */
const looksLikeRefresh = (token: string): boolean => token.startsWith("nrr_");

/** Gives tokens for a grant, or refuses with an `OAuthError`; an `ApiError` where a limit is reached or a part is down. */
export async function grantToken(deps: OAuthDeps, form: TokenForm, shown: Shown): Promise<Granted> {
  const grantType = given(form.grant_type);
  if (grantType === undefined)
    return stranger(deps, shown, "invalid_request", "grant_type is missing");
  if (grantType === "client_credentials") return grantToClient(deps, form, shown);
  if (grantType === "refresh_token") return grantForRefresh(deps, form, shown);
  return stranger(
    deps,
    shown,
    "unsupported_grant_type",
    "grant_type is client_credentials or refresh_token",
  );
}

async function grantToClient(deps: OAuthDeps, form: TokenForm, shown: Shown): Promise<Granted> {
  const client = await requireClient(deps, form, shown);
  const scopes = narrowScope(given(form.scope), client.scopes);
  if (!scopes.ok) throw new OAuthError("invalid_scope", "the client was not given this scope");
  const scope = scopes.value.join(" ");
  const { id: clientId, ownerId } = client;
  const token = await deps.issue({ ownerId, clientId, scope });
  // The owner's gate has the last word: is the owner disabled, the client revoked meanwhile, a limit reached.
  const headers = await enterOrRefuse(deps, token, shown);
  const answer = {
    access_token: token,
    token_type: "Bearer",
    expires_in: deps.accessTokenSeconds,
    scope,
  } as const;
  return { answer, headers };
}

async function enterOrRefuse(
  deps: OAuthDeps,
  token: string,
  shown: Shown,
): Promise<Readonly<Record<string, string>> | null> {
  try {
    return await deps.enter(token, shown);
  } catch (error) {
    if (error instanceof ApiError && error.status === 401)
      throw new OAuthError("invalid_client", "the client or its owner is not active");
    throw error;
  }
}

/**
 * A session's refresh token belongs to whoever holds it: sessions have no client secret (RFC 6749 section 2.1, public
 * clients). A client that authenticates all the same has to do so rightly, and to be of the same owner.
 */
async function grantForRefresh(deps: OAuthDeps, form: TokenForm, shown: Shown): Promise<Granted> {
  const client = await optionalClient(deps, form, shown);
  const token = given(form.refresh_token);
  if (token === undefined)
    return stranger(deps, shown, "invalid_request", "refresh_token is missing");
  if (given(form.scope) !== undefined)
    throw new OAuthError("invalid_scope", "a refreshed session keeps its scope");
  const routing = await deps.ownerRoutingOfRefresh(token);
  const isForeign = client !== null && routing !== ownerRoutingOf(client.ownerId);
  if (routing === null || isForeign) return stranger(deps, shown, ...BAD_REFRESH);
  const refreshed = await deps.refresh(token, shown);
  // Counted at the owner's gate already, as any refresh.
  if (refreshed === null) throw new OAuthError(...BAD_REFRESH);
  const { accessToken, refreshToken, expiresInSeconds } = refreshed;
  return {
    answer: {
      access_token: accessToken,
      token_type: "Bearer",
      expires_in: expiresInSeconds,
      refresh_token: refreshToken,
    },
    headers: null,
  };
}

/**
 * Ends a token of the client's owner, and with a refresh token its whole session (RFC 7009). Anything else, foreign or
 * no token at all, is as well revoked as it can be: the answer is the same.
 */
export async function revokeToken(
  deps: OAuthDeps,
  form: InspectedForm,
  shown: Shown,
): Promise<void> {
  const client = await requireClient(deps, form, shown);
  const token = requireToken(form);
  if (looksLikeRefresh(token)) {
    const routing = await deps.ownerRoutingOfRefresh(token);
    if (routing === null || routing !== ownerRoutingOf(client.ownerId)) return;
    await deps.endByRefresh(client.ownerId, token);
    return;
  }
  const claims = await deps.verify(token);
  if (claims === null || claims.sub !== client.ownerId) return;
  await deps.revokeGrants(claims.sub, [claims.jti], claims.exp * 1000);
  await recordAudit(
    { DB: deps.db },
    {
      actorId: client.id,
      action: "access.revoke",
      subjectId: claims.sub,
      address: shown.address ?? null,
      details: { token_id: claims.jti },
    },
  );
}

export type Introspection =
  | { readonly active: false }
  | ({
      readonly active: true;
      readonly token_type: "Bearer";
    } & Pick<
      TokenClaims,
      "iss" | "aud" | "sub" | "client_id" | "scope" | "role" | "jti" | "iat" | "exp"
    >);

/** What a client may know of a token: all of its own, and of any other not even whether it exists (RFC 7662 section 2.2). */
export async function introspectToken(
  deps: OAuthDeps,
  form: InspectedForm,
  shown: Shown,
): Promise<Introspection> {
  const client = await requireClient(deps, form, shown);
  const token = requireToken(form);
  const claims = looksLikeRefresh(token) ? null : await deps.verify(token);
  if (claims === null || claims.client_id !== client.id) return { active: false };
  if (!(await deps.isTaken(token))) return { active: false };
  const { iss, aud, sub, client_id, scope, role, jti, iat, exp } = claims;
  return {
    active: true,
    token_type: "Bearer",
    iss,
    aud,
    sub,
    client_id,
    scope,
    role,
    jti,
    iat,
    exp,
  };
}

function requireToken(form: InspectedForm): string {
  const token = given(form.token);
  if (token === undefined) throw new OAuthError("invalid_request", "token is missing");
  return token;
}

/** The client that authenticates. Who does not, or not rightly, counts against its address, and is always told the same. */
async function requireClient(deps: OAuthDeps, form: ShownForm, shown: Shown): Promise<OAuthClient> {
  const client = await optionalClient(deps, form, shown);
  return client ?? stranger(deps, shown, "invalid_client", "client authentication is required");
}

/** As `requireClient`, but null where no authentication was tried. */
async function optionalClient(
  deps: OAuthDeps,
  form: ShownForm,
  shown: Shown,
): Promise<OAuthClient | null> {
  const read = readClientAuthentication({
    authorization: shown.authorization,
    clientId: given(form.client_id),
    clientSecret: given(form.client_secret),
  });
  if (!read.ok)
    return read.error === "conflicting"
      ? stranger(deps, shown, "invalid_request", "authenticate in one way only")
      : stranger(deps, shown, "invalid_client", "client authentication is malformed");
  if (read.value === null) return null;
  const { clientId, secret } = read.value;
  const client = await findAuthentic(deps, clientId, secret);
  return client ?? stranger(deps, shown, "invalid_client", "client authentication failed");
}

/** A made-up pair fails at the tag, without I/O; a genuine one is looked up, and may have been revoked. */
async function findAuthentic(
  deps: OAuthDeps,
  clientId: string,
  secret: string,
): Promise<OAuthClient | null> {
  if (!(await deps.secrets.isGenuine(clientId, secret))) return null;
  const [found, hash] = await Promise.all([
    findClient(deps.db, clientId),
    hashClientSecret(secret),
  ]);
  return found !== null && equalTexts(found.secretHash, hash) ? found.client : null;
}

/** Refuses, after the call was counted against its address: an address that has had enough is told that instead. */
async function stranger(
  deps: OAuthDeps,
  shown: Shown,
  code: OAuthError["code"],
  description: string,
): Promise<never> {
  await deps.countStranger(shown.address);
  throw new OAuthError(code, description);
}

const given = (text: string | undefined): string | undefined => (text === "" ? undefined : text);
