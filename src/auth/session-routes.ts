import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { ApiError } from "#platform/errors";
import { describeError } from "#platform/log";
import { recordAudit } from "#audit/service";
import type { AppEnv } from "#http/context";
import { decodeCursor, encodeCursor, linkNextPage, PAGE_QUERY } from "#http/pagination";
import { defineRoute, newRouter, PUBLIC } from "#http/router";
import { browserSession, clearedCookies, isCsrfToken, readCookie, REFRESH_COOKIE } from "./cookies";
import { isTrustedOrigin } from "./core/csrf";
import { requireCredential, requireScope } from "./guard";
import { logIn } from "./login";
import {
  JwksSchema,
  LoginSchema,
  RefreshSchema,
  SessionPageSchema,
  SessionTokensSchema,
} from "./schemas";
import { presentSession } from "./present-session";
import {
  endAllSessions,
  endSession,
  genuineRefresh,
  identityDepsOf,
  listSessions,
  refreshSession,
} from "./sessions";
import type { CallerDevice, IdentityDeps, SessionTokens } from "./sessions";
import { jwksOf } from "./tokens";

const TAGS = ["auth"];
const FLAG = z.enum(["0", "1"]).optional();
const SessionIdSchema = z.object({
  id: z.string().openapi({ example: "ses_01h2xcejqtf2nbrexx3vqjhp41f2nbrexx3vqjhp41" }),
});
const TOKENS_ANSWER = {
  200: {
    description: "The session's tokens. `Cache-Control: no-store`.",
    content: { "application/json": { schema: SessionTokensSchema } },
  },
};

const login = defineRoute({
  method: "post",
  path: "/api/v1/auth/login",
  operationId: "auth.login",
  access: PUBLIC,
  summary: "Sign in by e-mail and password",
  description:
    "A wrong name and a wrong password are one answer. After 5 failures for a name or 20 from an address there is a delay that grows, told by `Retry-After`. `?cookie=1` is for browsers: the refresh token comes in the cookie `__Host-refresh`, which no script can read, and `X-CSRF-Token` guards its use.",
  tags: TAGS,
  request: {
    query: z.strictObject({
      cookie: FLAG.openapi({ description: "1 puts the refresh token in a cookie." }),
    }),
    body: { required: true, content: { "application/json": { schema: LoginSchema } } },
  },
  errors: ["INVALID_CREDENTIALS", "ACCOUNT_DISABLED", "CSRF_REJECTED", "RATE_LIMITED"],
  responses: TOKENS_ANSWER,
});

const refresh = defineRoute({
  method: "post",
  path: "/api/v1/auth/refresh",
  operationId: "auth.refresh",
  access: PUBLIC,
  summary: "Get the next tokens of a session",
  description:
    "Each refresh token is good once. The same one sent again by the same client within 10 s gets the same answer, so that a lost answer or a second tab logs nobody out; any later use ends the session. The token is sent in the body, or by the cookie `__Host-refresh` together with `X-CSRF-Token`. Counts against `burst`.",
  tags: TAGS,
  request: {
    headers: z.object({
      "X-CSRF-Token": z
        .string()
        .max(100)
        .optional()
        .openapi({ description: "The value of the cookie `__Host-csrf`, where a cookie is used." }),
    }),
    body: { content: { "application/json": { schema: RefreshSchema } } },
  },
  errors: ["AUTHENTICATION_REQUIRED", "INVALID_REFRESH_TOKEN", "CSRF_REJECTED", "RATE_LIMITED"],
  responses: TOKENS_ANSWER,
});

const logoutDefinition = {
  path: "/api/v1/auth/logout" as const,
  access: requireCredential(),
  summary: "Sign out",
  description:
    "Ends the session of the access token in the Authorization header, at once and everywhere; `?all=1` ends all sessions of the person. A cookie is never enough.",
  tags: TAGS,
  tagged: [],
  request: {
    query: z.strictObject({ all: FLAG.openapi({ description: "1 ends all sessions." }) }),
  },
  errors: ["SESSION_REQUIRED"] as const,
  responses: { 204: { description: "Signed out" } },
};
const logout = defineRoute({ ...logoutDefinition, method: "post", operationId: "auth.logout" });
const logoutByGet = defineRoute({
  ...logoutDefinition,
  method: "get",
  operationId: "auth.logoutByGet",
});

const list = defineRoute({
  method: "get",
  path: "/api/v1/auth/sessions",
  operationId: "auth.sessions",
  access: requireScope("account"),
  summary: "List the devices that are signed in",
  tags: TAGS,
  request: { query: z.strictObject(PAGE_QUERY) },
  errors: ["INVALID_CURSOR"],
  responses: {
    200: {
      description: "The open sessions of the caller, the youngest first",
      content: { "application/json": { schema: SessionPageSchema } },
    },
  },
});

const end = defineRoute({
  method: "delete",
  path: "/api/v1/auth/sessions/{id}",
  operationId: "auth.endSession",
  access: requireScope("account"),
  summary: "Sign a device out",
  tags: TAGS,
  request: { params: SessionIdSchema },
  errors: ["SESSION_NOT_FOUND"],
  responses: { 204: { description: "Its tokens are refused from here on" } },
});

const jwks = defineRoute({
  method: "get",
  path: "/.well-known/jwks.json",
  operationId: "auth.jwks",
  access: PUBLIC,
  summary: "The keys that verify access tokens",
  description: "A JWK set (RFC 7517). The first key signs; the others are still believed.",
  tags: TAGS,
  responses: {
    200: { description: "The keys", content: { "application/json": { schema: JwksSchema } } },
  },
});

export const sessionRoutes = newRouter()
  .openapi(login, async (c) => {
    const { cookie } = c.req.valid("query");
    if (cookie === "1") requireTrustedOrigin(c);
    const tokens = await logIn(depsOf(c), { ...c.req.valid("json"), ...deviceOf(c) });
    return c.json(await present(c, tokens, cookie === "1"), 200);
  })
  .openapi(refresh, async (c) => {
    const sent = c.req.valid("json").refresh_token;
    const text = sent ?? (await cookieToken(c));
    if (text === undefined) throw new ApiError("AUTHENTICATION_REQUIRED");
    const { tokens, headers } = await refreshSession(depsOf(c), text, deviceOf(c));
    for (const name in headers) c.header(name, headers[name as keyof typeof headers]);
    return c.json(await present(c, tokens, sent === undefined), 200);
  })
  .openapi(logout, async (c) => signOut(c, c.req.valid("query").all === "1"))
  .openapi(logoutByGet, async (c) => signOut(c, c.req.valid("query").all === "1"))
  .openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const { ownerId, sessionId } = c.get("principal");
    const after = decodeCursor(cursor, z.string());
    const all = await listSessions(depsOf(c), ownerId);
    const rest = all.filter((session) => after === null || session.sessionId < after);
    const page = rest.slice(0, limit);
    const last = page.at(-1);
    const next = rest.length > limit && last !== undefined ? encodeCursor(last.sessionId) : null;
    linkNextPage(c, next);
    const items = page.map((session) => ({
      ...presentSession(session),
      is_current: session.sessionId === sessionId,
    }));
    return c.json({ items, next_cursor: next }, 200);
  })
  .openapi(end, async (c) => {
    const { ownerId } = c.get("principal");
    const { id } = c.req.valid("param");
    if (!(await endSession(depsOf(c), ownerId, id))) throw new ApiError("SESSION_NOT_FOUND");
    await noteEnd(c, id);
    return c.body(null, 204);
  })
  .openapi(jwks, (c) => {
    c.header("Cache-Control", "public, max-age=300");
    return c.json({ keys: [...jwksOf(c.get("config")).keys] }, 200);
  });

async function signOut(c: Context<AppEnv>, isAll: boolean) {
  const { ownerId, sessionId } = c.get("principal");
  if (sessionId === null) throw new ApiError("SESSION_REQUIRED");
  // HEAD only asks what GET would answer: tools that look at links send it (RFC 9110 section 9.3.2).
  if (c.req.raw.method === "HEAD") return c.body(null, 204);
  if (isAll) await endAllSessions(depsOf(c), ownerId);
  else await endSession(depsOf(c), ownerId, sessionId);
  await noteEnd(c, isAll ? "all" : sessionId);
  if (readCookie(c.req.header("cookie"), REFRESH_COOKIE) !== undefined)
    for (const cookie of clearedCookies()) c.header("Set-Cookie", cookie, { append: true });
  return c.body(null, 204);
}

/** Tells the audit log of an ended session. The session has ended whether the log can be reached or not. */
async function noteEnd(c: Context<AppEnv>, session: string): Promise<void> {
  const { ownerId } = c.get("principal");
  try {
    await recordAudit(c.env, {
      actorId: ownerId,
      action: "session.end",
      subjectId: ownerId,
      address: c.req.header("cf-connecting-ip") ?? null,
      details: { session_id: session },
    });
  } catch (error) {
    c.get("log").warn("audit.failed", { action: "session.end", ...describeError(error) });
  }
}

/** The tokens as the client gets them: the refresh token in the body, or in a cookie and not in the body. */
async function present(c: Context<AppEnv>, tokens: SessionTokens, asCookie: boolean) {
  if (!asCookie) return tokens;
  const { cookies, body } = await browserSession(c.get("config"), tokens);
  for (const cookie of cookies) c.header("Set-Cookie", cookie, { append: true });
  return body;
}

/** The refresh token of the cookie, if the request may use it. A browser sends cookies whoever made the request. */
async function cookieToken(c: Context<AppEnv>): Promise<string | undefined> {
  const text = readCookie(c.req.header("cookie"), REFRESH_COOKIE);
  if (text === undefined) return undefined;
  requireTrustedOrigin(c);
  const config = c.get("config");
  if (!config.csrfProtection) return text;
  const parts = await genuineRefresh(config, text);
  // A made-up cookie has no session whose token could be compared; it is refused as what it is.
  if (parts === null) return text;
  if (!(await isCsrfToken(config, parts.sessionId, c.req.header("x-csrf-token"))))
    throw new ApiError("CSRF_REJECTED", { internal: "csrf: token" });
  return text;
}

function requireTrustedOrigin(c: Context<AppEnv>): void {
  const { csrfProtection, corsOrigins, publicUrl, environment } = c.get("config");
  const from = { origin: c.req.header("origin"), site: c.req.header("sec-fetch-site") };
  // The host of the URL is what the Host header says.
  const developmentHost = environment === "development" ? new URL(c.req.url).host : null;
  if (csrfProtection && !isTrustedOrigin(from, { publicUrl, developmentHost }, corsOrigins))
    throw new ApiError("CSRF_REJECTED", { internal: "csrf: origin" });
}

const depsOf = (c: Context<AppEnv>): IdentityDeps => identityDepsOf(c.env, c.get("config"));

const deviceOf = (c: Context<AppEnv>): CallerDevice => ({
  address: c.req.header("cf-connecting-ip"),
  userAgent: c.req.header("user-agent"),
});
