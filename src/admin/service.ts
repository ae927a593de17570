import type { AuditDetails, AuditEvent } from "#audit/service";
import { findUserById, updateUser } from "#auth/service";
import type { IdentityDeps, User, UserChanges } from "#auth/service";
import { ApiError } from "#platform/errors";
import { hasOtherAdmin, queryUsers } from "./store";
import type { ListedUser, UserQuery } from "./store";

export { issueResetLink, mailRequestedLink, redeemResetLink, requireMail } from "./reset";
export type { User } from "#auth/service";
export type { ListedUser } from "./store";

/** A change that meets another one is tried again so often, where the caller did not say which version it meant. */
const MAX_TRIES = 3;

/** Which administrator acts, and from where. */
export interface Administrator {
  readonly id: string;
  readonly address: string | null;
}

/** A page of people, newest first, and whether there are more. */
export async function listUsers(
  deps: IdentityDeps,
  query: UserQuery,
): Promise<{ readonly users: readonly ListedUser[]; readonly hasMore: boolean }> {
  const users = await queryUsers(deps.env.DB, { ...query, limit: query.limit + 1 });
  return { users: users.slice(0, query.limit), hasMore: users.length > query.limit };
}

/** A person. Refuses with RESOURCE_NOT_FOUND. */
export async function getUser(deps: IdentityDeps, userId: string): Promise<User> {
  const user = await findUserById(deps.env.DB, userId);
  if (user === null) throw new ApiError("RESOURCE_NOT_FOUND");
  return user;
}

/**
 * Changes a person's role, quotas or standing. It holds from the person's next request on; who is disabled has no session,
 * key or token that works. `ifVersion` is the version that the caller saw, null where it does not say. Refuses with
 * RESOURCE_NOT_FOUND, PRECONDITION_FAILED, CONFLICT, and LAST_ADMIN.
 */
export async function changeUser(
  deps: IdentityDeps,
  by: Administrator,
  userId: string,
  ifVersion: number | null,
  changes: Pick<UserChanges, "role" | "isDisabled" | "limits">,
): Promise<User> {
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    const present = await getUser(deps, userId);
    if (ifVersion !== null && present.version !== ifVersion)
      throw new ApiError("PRECONDITION_FAILED");
    // What changes nothing is no event, and leaves every other caller's ETag good.
    if (Object.keys(changes).length === 0) return present;
    await refuseLastAdmin(deps, present, changes);
    const event = updateEvent(by, { ...present, ...changes }, { changed: Object.keys(changes) });
    const changed = await updateUser(deps, userId, present.version, changes, { event });
    if (changed === null) continue;
    await keepOneAdmin(deps, by, present, changed);
    return changed;
  }
  throw new ApiError(ifVersion === null ? "CONFLICT" : "PRECONDITION_FAILED");
}

const updateEvent = (
  by: Administrator,
  user: Pick<User, "id" | "role" | "isDisabled">,
  details: AuditDetails,
): AuditEvent => ({
  actorId: by.id,
  action: "user.update",
  subjectId: user.id,
  address: by.address,
  details: { ...details, role: user.role, disabled: user.isDisabled },
});

/** A server that nobody can administer any more could be helped by its database alone. */
async function refuseLastAdmin(
  deps: IdentityDeps,
  user: User,
  changes: Pick<UserChanges, "role" | "isDisabled">,
): Promise<void> {
  if (user.role !== "admin" || user.isDisabled) return;
  const stays = (changes.role ?? user.role) === "admin" && changes.isDisabled !== true;
  if (!stays && !(await hasOtherAdmin(deps.env.DB, user.id))) throw new ApiError("LAST_ADMIN");
}

/**
 * Two administrators who take the role from each other at the same time each see the other one before they write. So it is
 * looked at again after the write, and taken back: then both are refused, and both stay.
 */
async function keepOneAdmin(
  deps: IdentityDeps,
  by: Administrator,
  before: User,
  after: User,
): Promise<void> {
  const isAdmin = (user: User): boolean => user.role === "admin" && !user.isDisabled;
  if (!isAdmin(before) || isAdmin(after) || (await hasOtherAdmin(deps.env.DB, after.id))) return;
  const { role, isDisabled } = before;
  const event = updateEvent(by, before, { taken_back: true });
  await updateUser(deps, after.id, after.version, { role, isDisabled }, { event });
  throw new ApiError("LAST_ADMIN");
}
