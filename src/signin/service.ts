/** Signing in with a provider, and linking one to an account: from the way there to the session. */
import type { AuditEvent } from "#audit/service";
import {
  findUserByEmail,
  findUserById,
  identityDepsOf,
  isSessionOpen,
  signInAs,
} from "#auth/service";
import type { CallerDevice, IdentityDeps, SessionTokens } from "#auth/service";
import { createEgress } from "#egress/service";
import { admitAddress } from "#limits/service";
import type { LimitHeaders } from "#limits/service";
import { toBase64Url } from "#platform/bytes";
import type { Config } from "#platform/config";
import { ApiError } from "#platform/errors";
import type { OAuthProviderSettings } from "#platform/oauth-settings";
import { open, seal } from "#platform/secret-box";
import {
  ATTEMPT_LIFETIME_MS,
  attemptCookie,
  cookieNameOf,
  readAttempt,
  readCookie,
  writeAttempt,
} from "./core/attempt";
import type { Attempt } from "./core/attempt";
import { decideUnlink, resolveIdentity } from "./core/resolution";
import type { Identity } from "./core/resolution";
import type { Landing } from "./core/landing";
import { createProviderClient } from "./provider-client";
import type { ProviderClient } from "./provider-client";
import {
  addIdentity,
  addPerson,
  findIdentity,
  linkedProviders,
  removeIdentity,
  useAttempt,
} from "./store";

export { cookieNameOf, attemptCookie } from "./core/attempt";
export { landedUrl, MAX_RETURN_LENGTH, readReturn, refusedUrl } from "./core/landing";
export type { Landing } from "./core/landing";
export { listIdentities } from "./store";

export interface SigninDeps {
  readonly identity: IdentityDeps;
  readonly client: ProviderClient;
}

/** One client an isolate and settings, since it keeps the providers' metadata. Its network is the runtime's at each call. */
const clients = new WeakMap<Config, ProviderClient>();

export function signinDepsOf(
  env: Pick<Env, "DB" | "ACCOUNT" | "CLIENT_GATE">,
  config: Config,
): SigninDeps {
  const client = clients.get(config) ?? createProviderClient(createEgress(config));
  clients.set(config, client);
  return { identity: identityDepsOf(env, config), client };
}

/** What seals attempts is for nothing else. */
const SEALED_FOR = "signin-attempt";
/** Between looking and writing, somebody else may have written; looking again says what it was. */
const MAX_LOOKS = 3;

export interface Beginning {
  /** Where the browser is to go. */
  readonly url: URL;
  readonly cookie: string;
  readonly expiresAtMs: number;
  readonly headers: LimitHeaders | null;
}

/**
 * Begins to sign in, or to link the provider to the account of a signed-in session. Throws OAUTH_PROVIDER_NOT_FOUND,
 * RATE_LIMITED, and what `ProviderClient` throws.
 */
export async function beginSignin(
  deps: SigninDeps,
  providerId: string,
  device: CallerDevice,
  options: { readonly link?: Attempt["link"]; readonly landing?: Landing } = {},
): Promise<Beginning> {
  const { link = null, landing } = options;
  const provider = providerOf(deps, providerId);
  // A person who links was counted with the session.
  const headers = link === null ? await admitAddress(deps.identity.limits, device.address) : null;
  const attempt: Attempt = {
    version: 1,
    provider: provider.id,
    state: randomText(),
    nonce: randomText(),
    verifier: randomText(),
    link,
    ...(landing === undefined ? {} : { landing }),
    expiresAtMs: deps.identity.clock() + ATTEMPT_LIFETIME_MS,
  };
  const url = await deps.client.authorizationUrl(provider, attempt, redirectUriOf(deps, provider));
  const { encryptionKeys } = deps.identity.config;
  const sealed = await seal(encryptionKeys, writeAttempt(attempt), SEALED_FOR);
  const cookie = attemptCookie(cookieNameOf(attempt.state) ?? "", sealed);
  return { url, cookie, expiresAtMs: attempt.expiresAtMs, headers };
}

export interface Return extends CallerDevice {
  readonly providerId: string;
  readonly parameters: URLSearchParams;
  /** The request's `Cookie` header. */
  readonly cookies: string | undefined;
}

export type Outcome =
  | { readonly kind: "signed_in"; readonly tokens: SessionTokens }
  | { readonly kind: "linked"; readonly provider: string };

/** With how the browser wants to end. `refused` only where it has a page to go to; otherwise the refusal is thrown. */
export type Finish = (Outcome | { readonly kind: "refused"; readonly error: ApiError }) & {
  readonly landing: Landing;
};
const PLAIN: Landing = { asCookie: false, returnTo: null };

/**
 * What comes of a browser that a provider sent back: a session, or a link. The attempt is used up before the provider is
 * asked, so that nothing that comes back twice can do anything twice. Throws OAUTH_STATE_INVALID, what `ProviderClient`
 * throws, and what `resolveIdentity` refuses with.
 */
export async function finishSignin(deps: SigninDeps, back: Return): Promise<Finish> {
  await admitAddress(deps.identity.limits, back.address);
  const provider = providerOf(deps, back.providerId);
  const attempt = await takeAttempt(deps, provider, back);
  const { landing = PLAIN } = attempt;
  try {
    return { ...(await settle(deps, provider, attempt, back)), landing };
  } catch (error) {
    if (!(error instanceof ApiError) || landing.returnTo === null) throw error;
    return { kind: "refused", error, landing };
  }
}

async function settle(
  deps: SigninDeps,
  provider: OAuthProviderSettings,
  attempt: Attempt,
  back: Return,
): Promise<Outcome> {
  const redirectUri = redirectUriOf(deps, provider);
  const identity = await deps.client.identify(provider, attempt, redirectUri, back.parameters);
  return attempt.link === null
    ? signIn(deps, provider, identity, back)
    : link(deps, provider, identity, attempt.link, back);
}

async function takeAttempt(
  deps: SigninDeps,
  provider: OAuthProviderSettings,
  back: Return,
): Promise<Attempt> {
  const { clock, config, env } = deps.identity;
  const nowMs = clock();
  const states = back.parameters.getAll("state");
  const state = states.length === 1 ? (states[0] ?? "") : "";
  const name = cookieNameOf(state);
  const sealed = name === null ? null : readCookie(back.cookies, name);
  if (sealed === null) throw invalid("no cookie");
  const opened = await open(config.encryptionKeys, sealed, SEALED_FOR);
  if (!opened.ok) throw invalid(opened.error);
  const attempt = readAttempt(opened.value, { provider: provider.id, state, nowMs });
  if (!attempt.ok) throw invalid(attempt.error);
  if (!(await useAttempt(env.DB, state, attempt.value.expiresAtMs, nowMs))) throw invalid("used");
  return attempt.value;
}

async function signIn(
  deps: SigninDeps,
  provider: OAuthProviderSettings,
  identity: Identity,
  device: CallerDevice,
): Promise<Outcome> {
  const { env, clock } = deps.identity;
  for (let look = 0; look < MAX_LOOKS; look++) {
    const resolution = await resolve(deps, provider, identity, null);
    let userId = resolution.kind === "sign_in" ? resolution.userId : null;
    if (resolution.kind === "register") {
      const { email } = resolution;
      const name = identity.name ?? email.split("@", 1)[0] ?? email;
      const link = { provider: provider.id, subject: identity.subject, email };
      const person = { email, name, passwordHash: null };
      userId = await addPerson(env.DB, person, link, clock(), (id) =>
        eventOf(id, "user.register", device, { provider: provider.id }),
      );
    }
    if (userId === null) continue;
    const tokens = await signInAs(deps.identity, {
      userId,
      method: provider.id,
      address: device.address,
      userAgent: device.userAgent,
    });
    return { kind: "signed_in", tokens };
  }
  throw new ApiError("CONFLICT", { internal: "the identity changes all the time" });
}

async function link(
  deps: SigninDeps,
  provider: OAuthProviderSettings,
  identity: Identity,
  session: NonNullable<Attempt["link"]>,
  device: CallerDevice,
): Promise<Outcome> {
  const { userId, sessionId } = session;
  // Whoever was signed out meanwhile may have been signed out because of whoever is linking here.
  if (!(await isSessionOpen(deps.identity, userId, sessionId))) throw invalid("session ended");
  const added = { provider: provider.id, subject: identity.subject, email: identity.email };
  for (let look = 0; look < MAX_LOOKS; look++) {
    const resolution = await resolve(deps, provider, identity, userId);
    const { env, clock } = deps.identity;
    const event = eventOf(userId, "identity.link", device, { provider: provider.id });
    const isNew = resolution.kind === "link";
    if (isNew && !(await addIdentity(env.DB, userId, added, clock(), event))) continue;
    return { kind: "linked", provider: provider.id };
  }
  throw new ApiError("CONFLICT", { internal: "the identity changes all the time" });
}

async function resolve(
  deps: SigninDeps,
  provider: OAuthProviderSettings,
  identity: Identity,
  linkUserId: string | null,
) {
  const { env, config } = deps.identity;
  const { subject, email } = identity;
  const [found, emailOwner] = await Promise.all([
    findIdentity(env.DB, { provider: provider.id, subject }, linkUserId),
    linkUserId === null && email !== null ? findUserByEmail(env.DB, email) : null,
  ]);
  const resolution = resolveIdentity(identity, linkUserId, {
    ...found,
    emailOwnerId: emailOwner?.id ?? null,
    isRegistrationOpen: config.registration === "open",
  });
  if (!resolution.ok) throw new ApiError(resolution.error);
  return resolution.value;
}

/** Unlinks a provider. Throws OAUTH_LINK_NOT_FOUND, and OAUTH_LAST_SIGN_IN where nobody could sign in any more. */
export async function unlinkProvider(
  deps: SigninDeps,
  userId: string,
  providerId: string,
  device: CallerDevice,
): Promise<void> {
  const { env } = deps.identity;
  for (let look = 0; look < MAX_LOOKS; look++) {
    const [linked, user] = await Promise.all([
      linkedProviders(env.DB, userId),
      findUserById(env.DB, userId),
    ]);
    const decided = decideUnlink(linked, providerId, (user?.passwordHash ?? null) !== null);
    if (!decided.ok) throw new ApiError(decided.error);
    const event = eventOf(userId, "identity.unlink", device, { provider: providerId });
    if (await removeIdentity(env.DB, userId, providerId, event)) return;
  }
  throw new ApiError("CONFLICT", { internal: "the identities change all the time" });
}

/** With whom people can sign in, as a page that shows buttons needs it. */
export const listProviders = (config: Config) =>
  config.oauthProviders.map(({ id, name, kind }) => ({ id, name, kind }));

function providerOf(deps: SigninDeps, id: string): OAuthProviderSettings {
  const provider = deps.identity.config.oauthProviders.find((own) => own.id === id);
  if (provider === undefined) throw new ApiError("OAUTH_PROVIDER_NOT_FOUND");
  return provider;
}

/** The one that is registered at the provider, and compared there to the character. Never made of the Host header. */
function redirectUriOf(deps: SigninDeps, provider: OAuthProviderSettings): string {
  const { publicUrl } = deps.identity.config;
  if (publicUrl === "") throw new ApiError("MISCONFIGURED", { params: { settings: "PUBLIC_URL" } });
  return `${publicUrl}/api/v1/auth/oauth/${provider.id}/callback`;
}

const eventOf = (
  userId: string,
  action: `${string}.${string}`,
  device: CallerDevice,
  details: Readonly<Record<string, string>>,
): AuditEvent => ({
  actorId: userId,
  action,
  subjectId: userId,
  address: device.address ?? null,
  details,
});

const invalid = (internal: string): ApiError =>
  new ApiError("OAUTH_STATE_INVALID", { internal: `attempt: ${internal}` });

/** 256 random bits: as state and nonce it cannot be guessed, as a verifier it is what RFC 7636 section 4.1 asks for. */
const randomText = (): string => toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
