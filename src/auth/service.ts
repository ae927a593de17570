import type { CacheStanding } from "#platform/cache-standing";
import type { Config } from "#platform/config";
import { ApiError } from "#platform/errors";
import type { ErrorCode } from "#platform/errors";
import type { AuthResult } from "#platform/metric-table";
import type { Principal } from "#platform/principal";
import { expiryHeaders, keyVerifier, looksLikeKey } from "#keys/service";
import type { GenuineKey, KeyVerifier } from "#keys/service";
import { ownerRoutingOf } from "#keys/service";
import { systemClock } from "#platform/clock";
import { admitAddress, admitCaller, limitsOf, peekCaller, takeStreamSlot } from "#limits/service";
import type {
  AdmittedCaller,
  Limits,
  QuotaState,
  ShownCaller,
  ShownSession,
  StreamSlot,
} from "#limits/service";
import { challenge } from "./core/challenge";
import type { ChallengeError } from "./core/challenge";
import { resultOfRefusal } from "./core/result";
import { readShown } from "./core/credentials";
import type { CredentialHeaders } from "./core/credentials";
import { scopesOf } from "./core/claims";
import { mayUse } from "./core/scopes";
import { looksLikeToken } from "./core/token-form";
import { accessTokens } from "./tokens";
import type { AccessTokens } from "./tokens";

export type { CredentialHeaders } from "./core/credentials";
export { closeForever, confirmPerson, eraseGate } from "./confirm";
export { browserSession } from "./cookies";
export { admitResetMail, signInAs } from "./login";
export { hashPassword, verifyPassword } from "./passwords";
export { register, updateUser } from "./people";
export type { ChangeOptions } from "./people";
export { presentSession } from "./present-session";
export {
  endAllSessions,
  endSession,
  genuineRefresh,
  homeOf,
  identityDepsOf,
  isSessionOpen,
  listSessions,
  openSession,
  refreshSession,
  revokeGrants,
} from "./sessions";
export type { CallerDevice, IdentityDeps, NewSession, SessionTokens } from "./sessions";
export { issueAccessToken, issuerOf, jwksOf, verifyAccessToken } from "./tokens";
export type { NewAccessToken } from "./tokens";
export { createUser, findUserByEmail, findUserById, newUser, ownerOf } from "./users";
export type { NewUser, User, UserChanges } from "./users";

/** What letting a request in needs. */
export interface EntryDeps {
  readonly keys: KeyVerifier;
  readonly tokens: AccessTokens;
  readonly limits: Limits;
}

export interface EntryRequest {
  readonly shown: CredentialHeaders;
  /** `CF-Connecting-IP`, the only header that tells an address. */
  readonly address: string | undefined;
  /** Null where any good credential will do. */
  readonly scope: string | null;
  readonly policies: readonly string[];
  /** Told what became of the credential, for who counts that. */
  readonly onResult?: (result: AuthResult) => void;
}

export interface Entry {
  readonly principal: Principal;
  /** For the answer, whatever becomes of the request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly cache: CacheStanding;
}

/** What a request shows, as far as the Worker can tell without asking anybody. */
export type Credential =
  | { readonly kind: "none" }
  | { readonly kind: "key"; readonly shown: GenuineKey }
  | { readonly kind: "session"; readonly shown: ShownSession }
  | {
      readonly kind: "refused";
      readonly code: ErrorCode;
      readonly result: AuthResult;
      readonly error?: ChallengeError;
      readonly internal?: string;
    };

export const entryDepsOf = (env: Pick<Env, "CLIENT_GATE">, config: Config): EntryDeps => ({
  keys: keyVerifier(config),
  tokens: accessTokens(config),
  limits: limitsOf(env),
});

/** Reads and checks the credential of a request with no I/O. */
export async function authenticate(
  deps: Pick<EntryDeps, "keys" | "tokens">,
  headers: CredentialHeaders,
): Promise<Credential> {
  const shown = readShown(headers);
  if (!shown.ok) {
    if (shown.error === "conflicting")
      return {
        kind: "refused",
        code: "CONFLICTING_CREDENTIALS",
        result: "conflicting",
        error: "invalid_request",
      };
    return { kind: "refused", code: "AUTHENTICATION_REQUIRED", result: "malformed" };
  }
  if (shown.value.kind === "nothing") return { kind: "none" };
  const { text, isKey } = shown.value;
  if (isKey || looksLikeKey(text)) {
    const key = await deps.keys.verify(text);
    if (key === null)
      return {
        kind: "refused",
        code: "INVALID_API_KEY",
        result: "unknown_key",
        error: "invalid_token",
      };
    return { kind: "key", shown: key };
  }
  return looksLikeToken(text) ? readToken(deps.tokens, text) : refusedToken("form");
}

async function readToken(tokens: AccessTokens, text: string): Promise<Credential> {
  const verified = await tokens.verify(text, systemClock());
  if (!verified.ok) return refusedToken(verified.error);
  const { sub, sid = null, jti, client_id: clientId, scope, exp } = verified.value;
  const ownerRouting = ownerRoutingOf(sub);
  if (ownerRouting === null) return refusedToken("subject");
  return {
    kind: "session",
    shown: {
      kind: "session",
      ownerRouting,
      ownerId: sub,
      sessionId: sid,
      tokenId: jti,
      clientId,
      scopes: scopesOf(scope),
      expiresAtMs: exp * 1000,
    },
  };
}

/** One answer for all that can be wrong with a token; the log has the reason. */
const refusedToken = (reason: string): Credential => ({
  kind: "refused",
  code: "INVALID_TOKEN",
  result: reason === "expired" ? "expired" : "bad_token",
  error: "invalid_token",
  internal: `token: ${reason}`,
});

/**
 * Lets a request in: who is calling, and may they call once more. One call to one gate; a refused credential costs the
 * caller's address a count instead, so that keys cannot be tried without end. Throws what the client is to see, with
 * the limits' headers.
 */
export async function enter(deps: EntryDeps, request: EntryRequest): Promise<Entry> {
  const credential = await authenticate(deps, request.shown);
  const tell = (result: AuthResult): void => request.onResult?.(result);
  if (credential.kind === "none") {
    tell("no_credential");
    return refuse(deps, request, "AUTHENTICATION_REQUIRED");
  }
  if (credential.kind === "refused") {
    tell(credential.result);
    return refuse(deps, request, credential.code, credential.error, credential.internal);
  }

  const { kind, shown } = credential;
  const admission = await admitCaller(deps.limits, shown, request.policies);
  if (admission.refusal !== null) {
    tell(resultOfRefusal(kind, admission.refusal));
    const code = refusalCode(kind, admission.refusal === "expired");
    return refuse(deps, request, code, "invalid_token", `${kind} is ${admission.refusal}`);
  }
  const { caller } = admission;
  const expiry = kind === "key" ? expiryHeaders(caller.expiresAtMs, deps.limits.clock()) : {};
  const headers = { ...admission.headers, ...expiry };
  const principal = toPrincipal(shown, caller);
  if (request.scope !== null && !mayUse(principal, request.scope)) {
    tell("bad_scope");
    throw insufficientScope(request.scope, headers);
  }
  tell("ok");
  return { principal, headers, cache: admission.cache };
}

/** The refusal of a credential that is good and does not carry `scope`. */
export const insufficientScope = (
  scope: string,
  headers: Readonly<Record<string, string>> = {},
): ApiError =>
  new ApiError("INSUFFICIENT_SCOPE", {
    params: { scope },
    headers: { "WWW-Authenticate": challenge("insufficient_scope", scope), ...headers },
  });

/** Every quota that applies to a caller with what is left of it, and when the credential expires (milliseconds, null never). */
export async function describeCaller(
  deps: EntryDeps,
  headers: CredentialHeaders,
  policies: readonly string[],
): Promise<{ quotas: readonly QuotaState[]; expiresAtMs: number | null }> {
  const credential = await authenticate(deps, headers);
  const found =
    "shown" in credential ? await peekCaller(deps.limits, credential.shown, policies) : null;
  if (found === null) throw new ApiError("AUTHENTICATION_REQUIRED");
  return { quotas: found.quotas, expiresAtMs: found.caller.expiresAtMs };
}

/** The refusal of a credential that was good and has been revoked; null where it is good, or has only expired. */
export async function findRevoked(
  deps: EntryDeps,
  headers: CredentialHeaders,
): Promise<ApiError | null> {
  const credential = await authenticate(deps, headers);
  if (!("shown" in credential)) return null;
  const found = await peekCaller(deps.limits, credential.shown, []);
  if (found !== null) return null;
  return new ApiError(refusalCode(credential.kind, false), {
    headers: { "WWW-Authenticate": challenge("invalid_token") },
  });
}

/**
 * A place for something that stays open, such as a stream: for the credential of `headers`, under `slotId`, which is
 * unique to it. Throws TOO_MANY_CONCURRENT where the owner has as many open as it may.
 */
export async function openStream(
  deps: EntryDeps,
  headers: CredentialHeaders,
  slotId: string,
): Promise<StreamSlot> {
  const credential = await authenticate(deps, headers);
  if (!("shown" in credential)) throw new ApiError("AUTHENTICATION_REQUIRED");
  return takeStreamSlot(deps.limits, credential.shown, slotId);
}

/** A session that has ended and one that never was are one to the client. */
function refusalCode(kind: "key" | "session", isExpired: boolean): ErrorCode {
  if (kind === "session") return "INVALID_TOKEN";
  return isExpired ? "API_KEY_EXPIRED" : "INVALID_API_KEY";
}

/**
 * The role is the gate's, of this moment, whatever a token says. A client of the token endpoint, whose tokens belong to
 * no session, is a service: it never does what takes the role of a person.
 */
const toPrincipal = (shown: ShownCaller, caller: AdmittedCaller): Principal => ({
  ownerId: caller.ownerId,
  keyId: "keyId" in shown ? shown.keyId : null,
  sessionId: "keyId" in shown ? null : shown.sessionId,
  role: "keyId" in shown || shown.sessionId !== null ? caller.role : "service",
  scopes: caller.scopes,
});

async function refuse(
  deps: EntryDeps,
  request: EntryRequest,
  code: ErrorCode,
  error?: ChallengeError,
  internal?: string,
): Promise<never> {
  const headers = await admitAddress(deps.limits, request.address);
  throw new ApiError(code, {
    headers: { "WWW-Authenticate": challenge(error), ...headers },
    ...(internal === undefined ? {} : { internal }),
  });
}
