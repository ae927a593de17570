import { recordAudit } from "#audit/service";
import { addressGateName, ask } from "#limits/service";
import { toBase32 } from "#platform/bytes";
import { ApiError } from "#platform/errors";
import type { ErrorCode } from "#platform/errors";
import { hmacSha256 } from "#platform/hmac";
import { count } from "#platform/meter";
import type { AuthResult } from "#platform/metric-table";
import { randomBase32 } from "#platform/ids";
import { normalizeEmail } from "./core/email";
import { ADDRESS_THRESHOLD, NAME_THRESHOLD } from "./core/login-delay";
import { hashPassword, verifyPassword } from "./passwords";
import { ensureDevelopmentAdmin, isDevelopmentAdmin } from "./development-admin";
import { endSession, openSession, refreshKey } from "./sessions";
import type { CallerDevice, IdentityDeps, NewSession, SessionTokens } from "./sessions";
import { findUserByEmail, writeUser } from "./users";
import type { User } from "./users";

export interface LoginRequest extends CallerDevice {
  readonly email: string;
  readonly password: string;
}

/** A gate that counts failures, and how many it bears. */
interface Place {
  readonly gate: string;
  readonly threshold: number;
}

/**
 * Signs a person in by password. A name that nobody has takes the same steps as any other, in the same order: a place
 * among the attempts of its address and of its name, one read, one hash, one entry in the log. Throws
 * INVALID_CREDENTIALS for both, RATE_LIMITED before anything is hashed, and ACCOUNT_DISABLED only to who knows the password.
 */
export async function logIn(deps: IdentityDeps, request: LoginRequest): Promise<SessionTokens> {
  try {
    const tokens = await openByPassword(deps, request);
    count("naru_auth_total", { result: "login_ok" });
    return tokens;
  } catch (error) {
    const result = error instanceof ApiError ? LOGIN_RESULTS[error.code] : undefined;
    if (result !== undefined) count("naru_auth_total", { result });
    throw error;
  }
}

/** What is counted of an attempt that was refused; a failure of ours says nothing of who tried. */
const LOGIN_RESULTS: Partial<Record<ErrorCode, AuthResult>> = {
  INVALID_CREDENTIALS: "login_failed",
  ACCOUNT_DISABLED: "login_disabled",
  RATE_LIMITED: "login_limited",
};

async function openByPassword(deps: IdentityDeps, request: LoginRequest): Promise<SessionTokens> {
  const user = await tryPassword(deps, request, "login.fail", async () => {
    const found = await findUserByEmail(deps.env.DB, request.email);
    if (found !== null || !isDevelopmentAdmin(deps.config, request.email)) return found;
    return ensureDevelopmentAdmin(deps);
  });
  if (user === null) throw new ApiError("INVALID_CREDENTIALS");
  return signInAs(deps, {
    userId: user.id,
    method: "password",
    address: request.address,
    userAgent: request.userAgent,
    seenVersion: user.version,
  });
}

/**
 * Opens a session and puts it on record. One that the log cannot take is ended again: nobody is signed in unseen, and
 * nobody is left with a session whose tokens never reached them.
 */
export async function signInAs(deps: IdentityDeps, session: NewSession): Promise<SessionTokens> {
  const { userId, method, address } = session;
  const tokens = await openSession(deps, session);
  try {
    await recordAudit(deps.env, {
      actorId: userId,
      action: "session.open",
      subjectId: userId,
      address: address ?? null,
      details: { session_id: tokens.session_id, method },
    });
  } catch (error) {
    await endSession(deps, userId, tokens.session_id);
    throw error;
  }
  return tokens;
}

/**
 * The person whose password it is, or null; counted either way. An attempt holds a place at the gate of the caller's
 * address and at the one of the name, in this order, until it is known how it ended. Throws RATE_LIMITED.
 */
export async function tryPassword(
  deps: IdentityDeps,
  request: LoginRequest,
  failure: "login.fail" | "password.fail",
  find: () => Promise<User | null>,
): Promise<User | null> {
  const id = randomBase32();
  const address: Place = {
    gate: addressGateName(request.address),
    threshold: ADDRESS_THRESHOLD,
  };
  const name: Place = {
    gate: await nameGate(deps, request.email, "login"),
    threshold: NAME_THRESHOLD,
  };
  const settle = (place: Place, outcome: "failed" | "passed" | "dropped") =>
    ask(deps.limits, place.gate, async (gate) => gate.endLogin(id, place.threshold, outcome));

  await beginAttempt(deps, address, id);
  try {
    await beginAttempt(deps, name, id);
  } catch (error) {
    await settle(address, "dropped");
    throw error;
  }
  let user: User | null = null;
  let isRight = false;
  try {
    user = await find();
    const check = await verifyPassword(request.password, user?.passwordHash ?? null);
    isRight = check.isRight;
    if (user !== null && check.isRight && check.isOutdated)
      user = await rehash(deps, user, request.password);
  } catch (error) {
    await Promise.allSettled([settle(address, "dropped"), settle(name, "dropped")]);
    throw error;
  }
  if (isRight) {
    // An address is not cleared by a success: who owns one account could try others without end.
    await Promise.allSettled([settle(address, "dropped"), settle(name, "passed")]);
    return user;
  }
  await Promise.all([settle(address, "failed"), settle(name, "failed")]);
  // What was typed as a name is not kept: people type passwords there.
  await recordAudit(deps.env, {
    actorId: null,
    action: failure,
    subjectId: user?.id ?? null,
    address: request.address ?? null,
    details: {},
  });
  return null;
}

async function beginAttempt(deps: IdentityDeps, place: Place, id: string): Promise<void> {
  const { waitMs } = await ask(deps.limits, place.gate, async (gate) =>
    gate.beginLogin(id, place.threshold),
  );
  if (waitMs === null) return;
  const retryAfter = Math.max(1, Math.ceil(waitMs / 1000));
  throw new ApiError("RATE_LIMITED", {
    params: { policy: "login", retry_after: retryAfter, limit: place.threshold },
    extension: { policy: "login" },
    headers: { "Retry-After": String(retryAfter) },
  });
}

/** The gate of a name for one use, whether anybody has it or not. Keyed, so that a name cannot be read from an object's. */
async function nameGate(
  deps: Pick<IdentityDeps, "config">,
  email: string,
  use: "login" | "reset",
): Promise<string> {
  const mac = await hmacSha256(
    await refreshKey(deps.config),
    `${use}-name ${normalizeEmail(email)}`,
  );
  return `${use}:${toBase32(mac)}`;
}

/** Mails that anybody can have sent to one name before there is a delay, which grows with each further one. */
const RESET_MAILS = 3;

/** Whether one more reset link may be mailed to a name now; if so, it is counted. The same for names that nobody has. */
export async function admitResetMail(deps: IdentityDeps, email: string): Promise<boolean> {
  const id = randomBase32();
  const gateName = await nameGate(deps, email, "reset");
  const { waitMs } = await ask(deps.limits, gateName, async (gate) =>
    gate.beginLogin(id, RESET_MAILS),
  );
  if (waitMs !== null) return false;
  await ask(deps.limits, gateName, async (gate) => gate.endLogin(id, RESET_MAILS, "failed"));
  return true;
}

/** Brings a stored form up to the parameters of today. Who changed it meanwhile wins. */
async function rehash(deps: IdentityDeps, user: User, password: string): Promise<User> {
  const passwordHash = await hashPassword(password);
  const changed = await writeUser(
    deps.env.DB,
    user.id,
    user.version,
    { passwordHash },
    deps.clock(),
  );
  return changed ?? user;
}
