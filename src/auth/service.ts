import type { Config } from "#platform/config";
import { ApiError } from "#platform/errors";
import type { ErrorCode } from "#platform/errors";
import type { Principal } from "#platform/principal";
import { keyVerifier, looksLikeKey } from "#keys/service";
import type { GenuineKey, KeyVerifier } from "#keys/service";
import { admitAddress, admitKey, limitsOf, peekKey, takeStreamSlot } from "#limits/service";
import type { AdmittedCaller, LimitHeaders, Limits, QuotaState, StreamSlot } from "#limits/service";
import { challenge } from "./core/challenge";
import type { ChallengeError } from "./core/challenge";
import { readShown } from "./core/credentials";
import type { CredentialHeaders } from "./core/credentials";
import { mayUse } from "./core/scopes";

export type { CredentialHeaders } from "./core/credentials";

/** What letting a request in needs. */
export interface EntryDeps {
  readonly keys: KeyVerifier;
  readonly limits: Limits;
}

export interface EntryRequest {
  readonly shown: CredentialHeaders;
  /** `CF-Connecting-IP`, the only header that tells an address. */
  readonly address: string | undefined;
  /** Null where any good credential will do. */
  readonly scope: string | null;
  readonly policies: readonly string[];
}

export interface Entry {
  readonly principal: Principal;
  /** For the answer, whatever becomes of the request. */
  readonly headers: LimitHeaders | null;
}

/**
 * What a request shows, as far as the Worker can tell without asking anybody. A signed-in session is to be a further
 * member: its signature is checked here too, and its owner's gate is asked in the same way.
 */
export type Credential =
  | { readonly kind: "none" }
  | { readonly kind: "key"; readonly key: GenuineKey }
  | { readonly kind: "refused"; readonly code: ErrorCode; readonly error?: ChallengeError };

export const entryDepsOf = (env: Pick<Env, "CLIENT_GATE">, config: Config): EntryDeps => ({
  keys: keyVerifier(config),
  limits: limitsOf(env),
});

/** Reads and checks the credential of a request with no I/O. */
export async function authenticate(
  keys: KeyVerifier,
  headers: CredentialHeaders,
): Promise<Credential> {
  const shown = readShown(headers);
  if (!shown.ok) {
    if (shown.error === "conflicting")
      return { kind: "refused", code: "CONFLICTING_CREDENTIALS", error: "invalid_request" };
    return { kind: "refused", code: "AUTHENTICATION_REQUIRED" };
  }
  if (shown.value.kind === "nothing") return { kind: "none" };
  const { text, isKey } = shown.value;
  if (!isKey && !looksLikeKey(text))
    return { kind: "refused", code: "INVALID_TOKEN", error: "invalid_token" };
  const key = await keys.verify(text);
  if (key === null) return { kind: "refused", code: "INVALID_API_KEY", error: "invalid_token" };
  return { kind: "key", key };
}

/**
 * Lets a request in: who is calling, and may they call once more. One call to one gate; a refused credential costs the
 * caller's address a count instead, so that keys cannot be tried without end. Throws what the client is to see, with
 * the limits' headers.
 */
export async function enter(deps: EntryDeps, request: EntryRequest): Promise<Entry> {
  const credential = await authenticate(deps.keys, request.shown);
  if (credential.kind === "none") return refuse(deps, request, "AUTHENTICATION_REQUIRED");
  if (credential.kind === "refused")
    return refuse(deps, request, credential.code, credential.error);

  const { key } = credential;
  const admission = await admitKey(deps.limits, key, request.policies);
  if (admission.refusal !== null) {
    const code = admission.refusal === "expired" ? "API_KEY_EXPIRED" : "INVALID_API_KEY";
    return refuse(deps, request, code, "invalid_token", `key is ${admission.refusal}`);
  }
  const { caller, headers } = admission;
  const principal = toPrincipal(key, caller);
  if (request.scope !== null && !mayUse(principal, request.scope))
    throw new ApiError("INSUFFICIENT_SCOPE", {
      params: { scope: request.scope },
      headers: { "WWW-Authenticate": challenge("insufficient_scope", request.scope), ...headers },
    });
  return { principal, headers };
}

/** Every quota that applies to a caller with what is left of it, and when the key expires (milliseconds, null never). */
export async function describeCaller(
  deps: EntryDeps,
  headers: CredentialHeaders,
  policies: readonly string[],
): Promise<{ quotas: readonly QuotaState[]; expiresAtMs: number | null }> {
  const credential = await authenticate(deps.keys, headers);
  const found =
    credential.kind === "key" ? await peekKey(deps.limits, credential.key, policies) : null;
  if (found === null) throw new ApiError("AUTHENTICATION_REQUIRED");
  return { quotas: found.quotas, expiresAtMs: found.caller.expiresAtMs };
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
  const credential = await authenticate(deps.keys, headers);
  if (credential.kind !== "key") throw new ApiError("AUTHENTICATION_REQUIRED");
  return takeStreamSlot(deps.limits, credential.key, slotId);
}

const toPrincipal = (key: GenuineKey, caller: AdmittedCaller): Principal => ({
  ownerId: caller.ownerId,
  keyId: key.keyId,
  role: caller.role,
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
