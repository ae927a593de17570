import { recordAudit } from "#audit/service";
import { ownerRoutingOf } from "#keys/service";
import { admitAddress, admitCaller, ask, limitsOf, ownerGateName } from "#limits/service";
import type { LimitHeaders, Limits } from "#limits/service";
import { systemClock } from "#platform/clock";
import type { Clock } from "#platform/clock";
import { equalTexts } from "#platform/bytes";
import type { Config } from "#platform/config";
import { ApiError } from "#platform/errors";
import { importHmacKey } from "#platform/hmac";
import type { Role } from "#platform/principal";
import { challenge } from "./core/challenge";
import { assembleRefreshToken, parseRefreshToken, refreshTag } from "./core/refresh-token";
import type { IssuedToken, RefreshParts } from "./core/refresh-token";
import { accessTokens } from "./tokens";
import type { AccessTokens } from "./tokens";
import { findUserById, newSessionId, ownerOf } from "./users";
import type { User } from "./users";

/** What knowing people and their sessions needs. `identityDepsOf` makes it from the bindings. */
export interface IdentityDeps {
  readonly env: Pick<Env, "DB" | "ACCOUNT" | "CLIENT_GATE">;
  readonly config: Config;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly tokens: AccessTokens;
}

/** Where a call came from. */
export interface CallerDevice {
  /** `CF-Connecting-IP`. */
  readonly address: string | undefined;
  readonly userAgent: string | undefined;
}

export interface NewSession extends CallerDevice {
  readonly userId: string;
  /** How the person signed in: `password`, or the provider's id. */
  readonly method: string;
  /** The version of the person's record under which the sign-in was found right; a younger one refuses it. */
  readonly seenVersion?: number;
}

/** What a sign-in and a refresh answer with. */
export interface SessionTokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly token_type: "Bearer";
  /** Seconds. */
  readonly expires_in: number;
  readonly refresh_expires_in: number;
  readonly session_id: string;
}

type Account = ReturnType<Env["ACCOUNT"]["getByName"]>;

/** Names the tokens of people who signed in at this server itself. */
const OWN_CLIENT = "naru";
/** A session may do all that its owner's role allows. */
const SESSION_SCOPE = "*";
const REFRESH_POLICIES = ["burst"] as const;
const MAX_USER_AGENT = 256;

export const identityDepsOf = (
  env: Pick<Env, "DB" | "ACCOUNT" | "CLIENT_GATE">,
  config: Config,
): IdentityDeps => ({
  env,
  config,
  clock: systemClock,
  limits: limitsOf(env),
  tokens: accessTokens(config),
});

/** The name that a person's gate and Account share. Throws where the text is no person's id. */
export function homeOf(userId: string): string {
  const routing = ownerRoutingOf(userId);
  if (routing === null) throw new ApiError("INTERNAL", { internal: "no owner's id" });
  return ownerGateName(routing);
}

/**
 * Opens a session of a person who has proved who it is, and answers with its first tokens. Throws ACCOUNT_DISABLED, and
 * INVALID_CREDENTIALS where the person's record changed since the proof: who knows an old password stays outside.
 */
export async function openSession(deps: IdentityDeps, session: NewSession): Promise<SessionTokens> {
  const user = await findUserById(deps.env.DB, session.userId);
  if (user === null || user.version !== (session.seenVersion ?? user.version))
    throw new ApiError("INVALID_CREDENTIALS", { internal: "the account changed meanwhile" });
  if (user.isDisabled) throw new ApiError("ACCOUNT_DISABLED");

  const account = accountOf(deps, homeOf(user.id));
  const sessionId = newSessionId(user.id, deps.clock());
  const issued = await account.open({
    sessionId,
    method: session.method,
    clientId: OWN_CLIENT,
    ...deviceOf(session),
  });
  let isOpen = false;
  try {
    // The gate refuses where it knows a younger record: a password change or a disabling that came in between.
    isOpen = await ask(deps.limits, homeOf(user.id), async (gate) =>
      gate.openSession(ownerOf(user), sessionId, issued.expiresAtMs),
    );
  } finally {
    if (!isOpen) await account.end([sessionId]);
  }
  if (!isOpen)
    throw new ApiError("INVALID_CREDENTIALS", { internal: "the account changed meanwhile" });
  return tokensFor(deps, issued, user);
}

/**
 * Rotates a refresh token; see `decideRotation`. Throws INVALID_REFRESH_TOKEN for whatever is wrong with it, which the
 * log tells apart, and RATE_LIMITED before anything is rotated.
 */
export async function refreshSession(
  deps: IdentityDeps,
  text: string,
  device: CallerDevice,
): Promise<{ tokens: SessionTokens; headers: LimitHeaders | null }> {
  const shown = await genuineRefresh(deps.config, text);
  if (shown === null) {
    // Made-up tokens cost their address, as made-up keys do.
    const headers = await admitAddress(deps.limits, device.address);
    throw refusedRefresh("made up", headers);
  }
  const { sessionId, counter, secret, ownerRouting } = shown;
  const admission = await admitCaller(
    deps.limits,
    {
      kind: "session",
      ownerRouting,
      ownerId: null,
      sessionId,
      tokenId: sessionId,
      clientId: OWN_CLIENT,
      scopes: [],
      expiresAtMs: Number.MAX_SAFE_INTEGER,
    },
    REFRESH_POLICIES,
  );
  if (admission.refusal !== null) throw refusedRefresh(admission.refusal, null);
  const { caller, headers } = admission;
  const user = await currentUser(deps, caller);
  if (user === null) throw refusedRefresh("no such person, or disabled", headers);
  const verdict = await accountOf(deps, ownerGateName(ownerRouting)).refresh(
    { sessionId, counter, secret },
    deviceOf(device),
  );
  if (verdict.refusal === "reused")
    await recordAudit(deps.env, {
      actorId: null,
      action: "session.reuse",
      subjectId: caller.ownerId,
      address: device.address ?? null,
      details: { session_id: sessionId },
    });
  if (verdict.refusal !== null) throw refusedRefresh(verdict.refusal, headers);
  return { tokens: await tokensFor(deps, verdict.token, user), headers };
}

/** Whether a session of a person is open at this moment, and the person not disabled. */
export const isSessionOpen = (
  deps: IdentityDeps,
  userId: string,
  sessionId: string,
): Promise<boolean> =>
  ask(deps.limits, homeOf(userId), async (gate) => {
    const standing = await gate.standingOf({
      kind: "session",
      ownerId: userId,
      sessionId,
      tokenId: sessionId,
      clientId: OWN_CLIENT,
      scopes: [],
      expiresAtMs: Number.MAX_SAFE_INTEGER,
    });
    return standing.refusal === null;
  });

/**
 * The person behind a session, as the record has it at each refresh. A gate that could not be told of a change when it was
 * made is told here; null where the person is gone or disabled, and nothing of theirs goes on.
 */
async function currentUser(
  deps: IdentityDeps,
  caller: { readonly ownerId: string; readonly role: Role },
): Promise<User | null> {
  const user = await findUserById(deps.env.DB, caller.ownerId);
  const home = homeOf(caller.ownerId);
  if (user === null || user.isDisabled) {
    const owner = user === null ? undefined : ownerOf(user);
    await ask(deps.limits, home, async (gate) => gate.closeSessions({ allBut: null }, owner));
    return null;
  }
  if (user.role !== caller.role)
    await ask(deps.limits, home, async (gate) => gate.holdOwner(ownerOf(user)));
  return user;
}

/** The sessions of a person that have not ended, the youngest first. */
export const listSessions = (deps: IdentityDeps, userId: string) =>
  accountOf(deps, homeOf(userId)).list();

/** Ends a session of a person. False where it is not one of this person's open ones. */
export async function endSession(
  deps: IdentityDeps,
  userId: string,
  sessionId: string,
): Promise<boolean> {
  // Another person's session has another home, and the gate of this one is not asked for it.
  if (ownerPart(sessionId) !== ownerRoutingOf(userId)) return false;
  const ended = await ask(deps.limits, homeOf(userId), async (gate) =>
    gate.closeSessions({ only: [sessionId] }),
  );
  return ended.length > 0;
}

/** Ends all sessions of a person, but one where it is named. Answers with how many there were. */
export async function endAllSessions(
  deps: IdentityDeps,
  userId: string,
  exceptSessionId: string | null = null,
): Promise<number> {
  const ended = await ask(deps.limits, homeOf(userId), async (gate) =>
    gate.closeSessions({ allBut: exceptSessionId }),
  );
  return ended.length;
}

/**
 * Refuses, from this moment on, single tokens by their `jti` or all tokens of a client by its id, at the gate of the owner
 * whose they are. `untilMs` is when the last of them expires.
 */
export const revokeGrants = (
  deps: IdentityDeps,
  ownerId: string,
  names: readonly string[],
  untilMs: number,
): Promise<void> =>
  ask(deps.limits, homeOf(ownerId), async (gate) => gate.revokeGrants(names, untilMs));

/** A refresh token of this deployment, taken apart; null for any other text. Whether it is still good, its Account knows. */
export async function genuineRefresh(config: Config, text: string): Promise<RefreshParts | null> {
  const parts = parseRefreshToken(text);
  if (parts === null) return null;
  const tag = await refreshTag(await refreshKey(config), parts.signed);
  return equalTexts(tag, parts.tag) ? parts : null;
}

async function tokensFor(
  deps: IdentityDeps,
  issued: IssuedToken,
  user: { readonly id: string; readonly role: Role },
): Promise<SessionTokens> {
  const { sessionId, counter, issuedAtMs, expiresAtMs } = issued;
  const refreshSeconds = Math.floor((expiresAtMs - issuedAtMs) / 1000);
  const lifetimeSeconds = Math.min(deps.config.accessTokenSeconds, refreshSeconds);
  // Everything in it follows from the rotation, so that a replay is answered to the letter.
  const access = await deps.tokens.sign({
    sub: user.id,
    clientId: issued.clientId,
    scope: SESSION_SCOPE,
    role: user.role,
    sid: sessionId,
    jti: `${sessionId}.${counter}`,
    issuedAtMs,
    lifetimeSeconds,
  });
  return {
    access_token: access,
    refresh_token: await assembleRefreshToken(await refreshKey(deps.config), issued),
    token_type: "Bearer",
    expires_in: lifetimeSeconds,
    refresh_expires_in: refreshSeconds,
    session_id: sessionId,
  };
}

const refreshKeys = new WeakMap<Config, Promise<CryptoKey>>();

/** Imported once for the settings. */
export function refreshKey(config: Config): Promise<CryptoKey> {
  const known = refreshKeys.get(config);
  if (known !== undefined) return known;
  const key = importHmacKey(config.secretKey);
  refreshKeys.set(config, key);
  return key;
}

const accountOf = (deps: IdentityDeps, home: string): Account => deps.env.ACCOUNT.getByName(home);

/** The owner's characters inside a session's id, null where the text is none. */
const ownerPart = (sessionId: string): string | null =>
  /^ses_[0-9a-z]{10}([0-9a-z]{16})[0-9a-z]{16}$/.exec(sessionId)?.[1] ?? null;

const deviceOf = ({ address, userAgent }: CallerDevice) => ({
  address: address ?? "",
  userAgent: (userAgent ?? "").slice(0, MAX_USER_AGENT),
});

const refusedRefresh = (internal: string, headers: LimitHeaders | null): ApiError =>
  new ApiError("INVALID_REFRESH_TOKEN", {
    internal: `refresh: ${internal}`,
    headers: { "WWW-Authenticate": challenge("invalid_token"), ...headers },
  });
