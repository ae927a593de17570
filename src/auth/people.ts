import { recordAudit } from "#audit/service";
import { admitAddress, ask } from "#limits/service";
import type { LimitHeaders } from "#limits/service";
import { ApiError } from "#platform/errors";
import { tryPassword } from "./login";
import { hashPassword } from "./passwords";
import { homeOf } from "./sessions";
import type { CallerDevice, IdentityDeps } from "./sessions";
import { createUser, findUserById, ownerOf, writeUser } from "./users";
import type { User, UserChanges } from "./users";

export interface Registration extends CallerDevice {
  readonly email: string;
  readonly password: string;
  readonly name: string;
}

/** Adds a person. Throws REGISTRATION_CLOSED, EMAIL_TAKEN, and RATE_LIMITED before anything is hashed. */
export async function register(
  deps: IdentityDeps,
  registration: Registration,
): Promise<{ user: User; headers: LimitHeaders | null }> {
  if (deps.config.registration === "closed") throw new ApiError("REGISTRATION_CLOSED");
  const headers = await admitAddress(deps.limits, registration.address);
  const { email, name, password } = registration;
  const passwordHash = await hashPassword(password);
  const created = await createUser(deps.env.DB, { email, name, passwordHash }, deps.clock());
  if (!created.ok) throw new ApiError("EMAIL_TAKEN", { headers: { ...headers } });
  await recordAudit(deps.env, {
    actorId: created.value.id,
    action: "user.register",
    subjectId: null,
    address: registration.address ?? null,
    details: {},
  });
  return { user: created.value, headers };
}

/**
 * Changes a person's record if it is still of `version`, and tells the person's gate, so that role, limits and disabling
 * hold from the next request on. Disabling ends all sessions. Null where the record is of another version or there is none.
 */
export async function updateUser(
  deps: IdentityDeps,
  id: string,
  version: number,
  changes: UserChanges,
): Promise<User | null> {
  const user = await writeUser(deps.env.DB, id, version, changes, deps.clock());
  if (user === null) return null;
  await ask(deps.limits, homeOf(id), async (gate) =>
    user.isDisabled
      ? gate.closeSessions({ allBut: null }, ownerOf(user))
      : gate.holdOwner(ownerOf(user)),
  );
  return user;
}

export interface PasswordChange extends CallerDevice {
  readonly userId: string;
  /** The session that stays. */
  readonly sessionId: string;
  readonly current: string;
  readonly next: string;
}

/**
 * Changes a password and ends the person's other sessions. Guesses of the current one count like failed logins. Throws
 * WRONG_PASSWORD, RATE_LIMITED, and CONFLICT where the record changed meanwhile.
 */
export async function changePassword(deps: IdentityDeps, change: PasswordChange): Promise<void> {
  const { userId, sessionId, current, next, address, userAgent } = change;
  const found = await findUserById(deps.env.DB, userId);
  if (found === null) throw new ApiError("WRONG_PASSWORD", { internal: "no such person" });
  const attempt = { email: found.email, password: current, address, userAgent };
  const user = await tryPassword(deps, attempt, "password.fail", async () => found);
  if (user === null) throw new ApiError("WRONG_PASSWORD");
  const passwordHash = await hashPassword(next);
  const changed = await writeUser(
    deps.env.DB,
    userId,
    user.version,
    { passwordHash },
    deps.clock(),
  );
  if (changed === null) throw new ApiError("CONFLICT");
  await ask(deps.limits, homeOf(userId), async (gate) =>
    gate.closeSessions({ allBut: sessionId }, ownerOf(changed)),
  );
  await recordAudit(deps.env, {
    actorId: userId,
    action: "password.change",
    subjectId: null,
    address: address ?? null,
    details: {},
  });
}
