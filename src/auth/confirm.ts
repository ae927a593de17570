import type { OwnerRecord } from "#keys/service";
import { ask, limitsOf } from "#limits/service";
import { ApiError } from "#platform/errors";
import { normalizeEmail } from "./core/email";
import { tryPassword } from "./login";
import { homeOf, listSessions } from "./sessions";
import type { CallerDevice, IdentityDeps } from "./sessions";
import { findUserById } from "./users";
import type { User } from "./users";

/** A sign-in counts as proof for so long, for people who have no password to type again. */
const FRESH_MS = 10 * 60_000;

export interface Confirmation extends CallerDevice {
  readonly userId: string;
  readonly sessionId: string;
  /** The e-mail address, typed by whoever means it. */
  readonly email: string;
  readonly password: string | undefined;
}

/**
 * Makes sure that the person behind a session is there and means it: by the e-mail address and the password, or, where there is none, by a session that was
 * opened within the last ten minutes. Wrong passwords count like failed sign-ins. Throws CONFIRMATION_MISMATCH, WRONG_PASSWORD, FRESH_LOGIN_REQUIRED and RATE_LIMITED.
 */
export async function confirmPerson(deps: IdentityDeps, given: Confirmation): Promise<User> {
  const user = await findUserById(deps.env.DB, given.userId);
  if (user === null || normalizeEmail(given.email) !== user.email)
    throw new ApiError("CONFIRMATION_MISMATCH");
  if (user.passwordHash === null) {
    const sessions = await listSessions(deps, user.id);
    const own = sessions.find(({ sessionId }) => sessionId === given.sessionId);
    if (own === undefined || deps.clock() - own.createdAtMs > FRESH_MS)
      throw new ApiError("FRESH_LOGIN_REQUIRED");
    return user;
  }
  if (given.password === undefined) throw new ApiError("WRONG_PASSWORD");
  const { password, address, userAgent } = given;
  const attempt = { email: user.email, password, address, userAgent };
  const proved = await tryPassword(deps, attempt, "password.fail", async () => user);
  if (proved === null) throw new ApiError("WRONG_PASSWORD");
  return proved;
}

/**
 * Refuses every session, key and token of a person from their next request on, for good: nothing that is known of them can come after this. Open streams and
 * sockets end within seconds.
 */
export const closeForever = (env: Pick<Env, "CLIENT_GATE">, userId: string): Promise<void> =>
  ask(limitsOf(env), homeOf(userId), async (gate) => {
    await gate.closeSessions({ allBut: null }, closedOwner(userId));
  });

/**
 * Leaves nothing of a person in their gate but that nobody comes in; with `isOver`, when nothing that could bring them back is under way any more, not even that.
 */
export const eraseGate = (
  env: Pick<Env, "CLIENT_GATE">,
  userId: string,
  isOver: boolean,
): Promise<void> =>
  ask(limitsOf(env), homeOf(userId), async (gate) =>
    gate.eraseOwner(isOver ? null : closedOwner(userId)),
  );

const closedOwner = (ownerId: string): OwnerRecord => ({
  ownerId,
  role: "user",
  limits: {},
  isDisabled: true,
  version: Number.MAX_SAFE_INTEGER,
});
