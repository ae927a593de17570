import type { AuditEvent } from "#audit/service";
import { ask } from "#limits/service";
import { ApiError } from "#platform/errors";
import { randomBase32 } from "#platform/ids";
import { createLogger, describeError } from "#platform/log";
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

/** Adds a person. Throws REGISTRATION_CLOSED and EMAIL_TAKEN. The call was counted before: what comes here is hashed. */
export async function register(deps: IdentityDeps, registration: Registration): Promise<User> {
  if (deps.config.registration === "closed") throw new ApiError("REGISTRATION_CLOSED");
  const { email, name, password } = registration;
  const passwordHash = await hashPassword(password);
  const created = await createUser(
    deps.env.DB,
    { email, name, passwordHash },
    deps.clock(),
    (id) => ({
      actorId: id,
      action: "user.register",
      subjectId: id,
      address: registration.address ?? null,
      details: {},
    }),
  );
  if (!created.ok) throw new ApiError("EMAIL_TAKEN");
  return created.value;
}

/** What belongs to a change of a person's record. */
export interface ChangeOptions {
  /** Which sessions end with it. All of them where it disables the person. */
  readonly closing?: { readonly allBut: string | null };
  /** Stands in the audit log if and only if the change is made. */
  readonly event?: AuditEvent;
}

/**
 * Changes a person's record if it is still of `version`, and tells the person's gate, so that role, limits and disabling
 * hold from the next request on. The gate hears of it before and after: a change that it cannot be told of beforehand is
 * not made, and where it misses the second call it looks at the record itself, within seconds. Null where the record is
 * of another version or there is none.
 */
export async function updateUser(
  deps: IdentityDeps,
  id: string,
  version: number,
  changes: UserChanges,
  options: ChangeOptions = {},
): Promise<User | null> {
  const { closing = null, event } = options;
  const home = homeOf(id);
  const change = { id: randomBase32(), ownerId: id, sinceVersion: version, closing };
  await ask(deps.limits, home, async (gate) => gate.expectChange(change));
  // A failure here may have come after the write: the gate finds out.
  const user = await writeUser(deps.env.DB, id, version, changes, deps.clock(), event);
  try {
    const owner = user === null ? null : ownerOf(user);
    await ask(deps.limits, home, async (gate) => gate.takeChange(change.id, owner));
  } catch (error) {
    createLogger(deps.config.logLevel).warn("gate.change_not_told", describeError(error));
  }
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
  const event = {
    actorId: userId,
    action: "password.change",
    subjectId: userId,
    address: address ?? null,
    details: {},
  } as const;
  const closing = { allBut: sessionId };
  const changed = await updateUser(
    deps,
    userId,
    user.version,
    { passwordHash },
    { closing, event },
  );
  if (changed === null) throw new ApiError("CONFLICT");
}
