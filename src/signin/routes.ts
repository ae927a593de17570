import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { requireCredential } from "#auth/guard";
import type { AppEnv } from "#http/context";
import { defineRoute, newRouter, PUBLIC } from "#http/router";
import { toTimestamp } from "#platform/clock";
import { ApiError } from "#platform/errors";
import { LinkBeginningSchema, ProvidersSchema, SigninOutcomeSchema } from "./schemas";
import {
  attemptCookie,
  beginSignin,
  cookieNameOf,
  finishSignin,
  listProviders,
  signinDepsOf,
  unlinkProvider,
} from "./service";

const TAGS = ["auth"];
const LINK_PATH = "/api/v1/auth/oauth/{provider}/link";
const providerParams = z.object({
  provider: z.string().max(100).openapi({ example: "github" }),
});
/** What talking to a provider can run into. */
const PROVIDER_ERRORS = [
  "OAUTH_PROVIDER_NOT_FOUND",
  "OAUTH_PROVIDER_UNAVAILABLE",
  "OAUTH_RESPONSE_INVALID",
  "UPSTREAM_TIMEOUT",
  "RATE_LIMITED",
] as const;

const providers = defineRoute({
  method: "get",
  path: "/api/v1/auth/oauth/providers",
  operationId: "auth.oauthProviders",
  tags: TAGS,
  access: PUBLIC,
  summary: "With whom people can sign in",
  responses: {
    200: {
      description: "The providers",
      content: { "application/json": { schema: ProvidersSchema } },
    },
  },
});

const start = defineRoute({
  method: "get",
  path: "/api/v1/auth/oauth/{provider}/start",
  operationId: "auth.oauthStart",
  tags: TAGS,
  access: PUBLIC,
  summary: "Go to a provider to sign in",
  description:
    "Sends the browser to the provider (authorization code with PKCE). It has ten minutes to come back, once, in the same browser: a `__Host-` cookie ties the two together. Counts against `anonymous`.",
  request: { params: providerParams },
  responses: { 302: { description: "To the provider" } },
  errors: PROVIDER_ERRORS,
});

const callback = defineRoute({
  method: "get",
  path: "/api/v1/auth/oauth/{provider}/callback",
  operationId: "auth.oauthCallback",
  tags: TAGS,
  access: PUBLIC,
  summary: "Come back from a provider",
  description:
    "Where the provider sends the browser. Opens a session of the account that the identity is linked to, or of a new account; an email address that has an account already is told to sign in and link. Where linking began, it links. Register this URL at the provider, under `PUBLIC_URL`. Counts against `anonymous`.",
  request: { params: providerParams },
  tagged: [],
  responses: {
    200: {
      description: "The session's tokens, or what was linked",
      content: { "application/json": { schema: SigninOutcomeSchema } },
    },
  },
  errors: [
    ...PROVIDER_ERRORS,
    "OAUTH_STATE_INVALID",
    "OAUTH_DENIED",
    "OAUTH_EMAIL_REQUIRED",
    "OAUTH_ACCOUNT_EXISTS",
    "OAUTH_IDENTITY_TAKEN",
    "OAUTH_ALREADY_LINKED",
    "REGISTRATION_CLOSED",
    "ACCOUNT_DISABLED",
    "CONFLICT",
  ],
});

const link = defineRoute({
  method: "post",
  path: LINK_PATH,
  operationId: "auth.oauthLink",
  tags: TAGS,
  access: requireCredential(),
  summary: "Link a provider to your account",
  description:
    "Answers where to send the browser, and sets the cookie with which it has to come back. Needs the access token of a signed-in session, which has to be open still when the browser returns.",
  request: { params: providerParams },
  responses: {
    200: {
      description: "Where to go on",
      content: { "application/json": { schema: LinkBeginningSchema } },
    },
  },
  errors: [...PROVIDER_ERRORS, "SESSION_REQUIRED"],
});

const unlink = defineRoute({
  method: "delete",
  path: LINK_PATH,
  operationId: "auth.oauthUnlink",
  tags: TAGS,
  access: requireCredential(),
  summary: "Unlink a provider from your account",
  description: "Needs the access token of a signed-in session, and another way to sign in.",
  request: { params: providerParams },
  responses: { 204: { description: "Unlinked" } },
  errors: ["OAUTH_LINK_NOT_FOUND", "OAUTH_LAST_SIGN_IN", "SESSION_REQUIRED", "CONFLICT"],
});

export const signinRoutes = newRouter()
  .openapi(providers, (c) => c.json({ items: listProviders(c.get("config")) }, 200))
  .openapi(start, async (c) => {
    const { provider } = c.req.valid("param");
    const { url, cookie, headers } = await beginSignin(depsOf(c), provider, deviceOf(c));
    for (const [name, value] of Object.entries(headers ?? {})) c.header(name, value);
    c.header("Set-Cookie", cookie, { append: true });
    return c.redirect(url.href, 302);
  })
  .openapi(callback, async (c) => {
    const parameters = new URL(c.req.url).searchParams;
    // Whatever comes of it, the attempt is over. Set first, so that a refusal takes the cookie away too.
    const name = cookieNameOf(parameters.get("state") ?? "");
    if (name !== null) c.header("Set-Cookie", attemptCookie(name, null), { append: true });
    const outcome = await finishSignin(depsOf(c), {
      providerId: c.req.valid("param").provider,
      parameters,
      cookies: c.req.header("cookie"),
      ...deviceOf(c),
    });
    if (outcome.kind === "signed_in") return c.json(outcome.tokens, 200);
    return c.json({ linked: true as const, provider: outcome.provider }, 200);
  })
  .openapi(link, async (c) => {
    const { provider } = c.req.valid("param");
    const session = sessionOf(c);
    const begun = await beginSignin(depsOf(c), provider, deviceOf(c), session);
    c.header("Set-Cookie", begun.cookie, { append: true });
    const expiresAt = toTimestamp(begun.expiresAtMs);
    return c.json({ authorization_url: begun.url.href, expires_at: expiresAt }, 200);
  })
  .openapi(unlink, async (c) => {
    const { userId } = sessionOf(c);
    await unlinkProvider(depsOf(c), userId, c.req.valid("param").provider, deviceOf(c));
    return c.body(null, 204);
  });

const depsOf = (c: Context<AppEnv>) => signinDepsOf(c.env, c.get("config"));

const deviceOf = (c: Context<AppEnv>) => ({
  address: c.req.header("cf-connecting-ip"),
  userAgent: c.req.header("user-agent"),
});

/** The signed-in session that calls. A key, however much it may do, is no person at a browser. */
function sessionOf(c: Context<AppEnv>): { readonly userId: string; readonly sessionId: string } {
  const { ownerId: userId, sessionId } = c.get("principal");
  if (sessionId === null) throw new ApiError("SESSION_REQUIRED");
  return { userId, sessionId };
}
