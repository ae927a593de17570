import type { Context } from "hono";
import { requireScope } from "#auth/guard";
import { identityDepsOf } from "#auth/service";
import type { IdentityDeps } from "#auth/service";
import { toTimestamp } from "#platform/clock";
import { body, json } from "#http/json-content";
import type { AppEnv } from "#http/context";
import { requireMatch } from "#http/etag";
import { decodeCursor, encodeCursor, linkNextPage } from "#http/pagination";
import { defineRoute, newRouter, PUBLIC } from "#http/router";
import { idempotent, PUBLIC_COUNTED } from "#limits/guard";
import { describeError } from "#platform/log";
import {
  AdminUserPageSchema,
  AdminUserSchema,
  ChangeUserSchema,
  ListUsersQuerySchema,
  RedeemResetSchema,
  RequestResetSchema,
  ResetLinkSchema,
  UserCursorSchema,
  UserParamsSchema,
} from "./schemas";
import type { AdminUserBody } from "./schemas";
import {
  changeUser,
  getUser,
  issueResetLink,
  listUsers,
  mailRequestedLink,
  redeemResetLink,
  requireMail,
} from "./service";
import type { Administrator, ListedUser, User } from "./service";

const access = requireScope("admin");
const tags = ["admin"];
const REDEEM_PATH = "/api/v1/auth/password/reset";

const listRoute = defineRoute({
  method: "get",
  path: "/api/v1/admin/users",
  operationId: "admin.users",
  tags,
  access,
  summary: "Find people",
  description: "Newest first.",
  errors: ["INVALID_CURSOR"],
  request: { query: ListUsersQuerySchema },
  responses: { 200: json(AdminUserPageSchema, "A page of people.") },
});

const getRoute = defineRoute({
  method: "get",
  path: "/api/v1/admin/users/{id}",
  operationId: "admin.user",
  tags,
  access,
  summary: "Read a person's account",
  errors: ["RESOURCE_NOT_FOUND"],
  request: { params: UserParamsSchema },
  responses: { 200: json(AdminUserSchema, "The account.") },
});

const changeRoute = defineRoute({
  method: "patch",
  path: "/api/v1/admin/users/{id}",
  operationId: "admin.changeUser",
  tags,
  access,
  summary: "Change a person's role, quotas or standing",
  description:
    "What is left out stays. Holds from the person's next request on: a role that was taken away takes what it allowed away from keys and sessions too. Keys of a person who is enabled again work again; sessions do not. The last administrator stays one.",
  errors: ["RESOURCE_NOT_FOUND", "PRECONDITION_FAILED", "CONFLICT", "LAST_ADMIN"],
  request: { params: UserParamsSchema, body: body(ChangeUserSchema) },
  responses: { 200: json(AdminUserSchema, "The account as it is after the change.") },
});

const linkRoute = defineRoute({
  method: "post",
  path: "/api/v1/admin/users/{id}/reset-link",
  operationId: "admin.resetLink",
  tags,
  access,
  summary: "Make a link that sets a new password",
  description:
    "It works once, for an hour, and takes the place of earlier ones. The token is shown in this answer and never again. Where the deployment can send mail, the person is sent the link.",
  errors: ["RESOURCE_NOT_FOUND"],
  idempotency: idempotent({ showsSecret: true }),
  request: { params: UserParamsSchema },
  responses: { 201: json(ResetLinkSchema, "The link.") },
});

const requestRoute = defineRoute({
  method: "post",
  path: "/api/v1/auth/password/reset-request",
  operationId: "auth.requestPasswordReset",
  tags: ["auth"],
  access: PUBLIC_COUNTED,
  summary: "Have a link mailed that sets a new password",
  description:
    "For whoever forgot the password, where the deployment can send mail; 503 `MAIL_REQUIRED` elsewhere. The answer is the same, and comes in the same time, whether the address has an account or not. Three mails go to an address at first, then there is a delay that grows; a call within it sends none. The link works once, for an hour, and takes the place of earlier ones that were asked for here. Counts against `anonymous` and `address-day` of the caller's address.",
  errors: ["MAIL_REQUIRED", "RATE_LIMITED"],
  request: { body: body(RequestResetSchema) },
  responses: { 202: { description: "If the address has an account, a mail is on its way." } },
});

const redeemRoute = defineRoute({
  method: "post",
  path: REDEEM_PATH,
  operationId: "auth.resetPassword",
  tags: ["auth"],
  access: PUBLIC,
  summary: "Set a new password by a link",
  description:
    "Ends all sessions of the person. Counts against `anonymous` and `address-day` of the caller's address.",
  errors: ["INVALID_RESET_LINK", "CONFLICT", "RATE_LIMITED"],
  request: { body: body(RedeemResetSchema) },
  responses: { 204: { description: "The password is set; sign in with it." } },
});

/** The routes of administrators, and the one that redeems what they issue. */
export const adminRoutes = newRouter()
  .openapi(listRoute, async (c) => {
    const { q, role, disabled, cursor, limit } = c.req.valid("query");
    const { users, hasMore } = await listUsers(depsOf(c), {
      text: q ?? null,
      role: role ?? null,
      isDisabled: disabled === undefined ? null : disabled === "true",
      beforeId: decodeCursor(cursor, UserCursorSchema)?.before ?? null,
      limit,
    });
    const last = users.at(-1);
    const nextCursor = hasMore && last ? encodeCursor({ before: last.id }) : null;
    linkNextPage(c, nextCursor);
    return c.json({ items: users.map(presentListed), next_cursor: nextCursor }, 200);
  })
  .openapi(getRoute, async (c) =>
    c.json(present(await getUser(depsOf(c), c.req.valid("param").id)), 200),
  )
  .openapi(changeRoute, async (c) => {
    const { id } = c.req.valid("param");
    const { role, disabled, limits } = c.req.valid("json");
    const changes = {
      ...(role === undefined ? {} : { role }),
      ...(disabled === undefined ? {} : { isDisabled: disabled }),
      ...(limits === undefined ? {} : { limits: quotasOf(limits) }),
    };
    const ifVersion = await versionSeen(c, id);
    return c.json(present(await changeUser(depsOf(c), actorOf(c), id, ifVersion, changes)), 200);
  })
  .openapi(linkRoute, async (c) => {
    const { id } = c.req.valid("param");
    const { token, expiresAtMs, isSent } = await issueResetLink(depsOf(c), actorOf(c), id);
    c.header("Cache-Control", "no-store");
    const expires_at = toTimestamp(expiresAtMs);
    return c.json({ token, redeem_at: REDEEM_PATH, expires_at, sent: isSent }, 201);
  })
  .openapi(requestRoute, (c) => {
    const deps = depsOf(c);
    requireMail(deps);
    const { email } = c.req.valid("json");
    const log = c.get("log");
    const address = c.req.header("cf-connecting-ip") ?? null;
    c.executionCtx.waitUntil(
      mailRequestedLink(deps, { email, address }).catch((error: unknown) => {
        log.warn("reset.not_mailed", describeError(error));
      }),
    );
    return c.body(null, 202);
  })
  .openapi(redeemRoute, async (c) => {
    const { token, password } = c.req.valid("json");
    const address = c.req.header("cf-connecting-ip");
    const headers = await redeemResetLink(depsOf(c), { token, password, address });
    for (const name in headers) c.header(name, headers[name]);
    return c.body(null, 204);
  });

/** Quotas of no policy are none of the person's own. */
const quotasOf = (limits: object | null): User["limits"] =>
  limits === null || Object.keys(limits).length === 0 ? null : (limits as User["limits"]);

const depsOf = (c: Context<AppEnv>): IdentityDeps => identityDepsOf(c.env, c.get("config"));

const actorOf = (c: Context<AppEnv>): Administrator => ({
  id: c.get("principal").ownerId,
  address: c.req.header("cf-connecting-ip") ?? null,
});

/** The version that `If-Match` means, null without one. The database compares it again in the change itself. */
async function versionSeen(c: Context<AppEnv>, id: string): Promise<number | null> {
  if (c.req.header("if-match") === undefined) return null;
  const user = await getUser(depsOf(c), id);
  await requireMatch(c, present(user));
  return user.version;
}

const present = (user: User): AdminUserBody =>
  presentListed({ ...user, hasPassword: user.passwordHash !== null });

const presentListed = (user: ListedUser): AdminUserBody => ({
  id: user.id,
  email: user.email,
  name: user.name,
  role: user.role,
  disabled: user.isDisabled,
  limits: user.limits === null ? null : { ...user.limits },
  has_password: user.hasPassword,
  created_at: toTimestamp(user.createdAtMs),
  updated_at: toTimestamp(user.updatedAtMs),
});
