import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { requireCredential, requireScope } from "#auth/guard";
import { browserSession } from "#auth/service";
import type { AppEnv } from "#http/context";
import { defineRoute, newRouter, PUBLIC } from "#http/router";
import { toTimestamp } from "#platform/clock";
import { ApiError } from "#platform/errors";
import {
  IdentitiesSchema,
  LinkBeginningSchema,
  ProvidersSchema,
  SigninOutcomeSchema,
} from "./schemas";
import {
  attemptCookie,
  beginSignin,
  cookieNameOf,
  finishSignin,
  landedUrl,
  listIdentities,
  listProviders,
  MAX_RETURN_LENGTH,
  readReturn,
  refusedUrl,
  signinDepsOf,
  unlinkProvider,
} from "./service";
import type { Finish, Landing } from "./service";

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

const RETURN_TO = z.string().max(MAX_RETURN_LENGTH).optional().openapi({
  description:
    "The page that the browser goes on to: a path of this server, or a URL of its origin or of one in `CORS_ORIGINS`, without `#`. A refusal comes there as `?error=<code>`.",
  example: "/console",
});

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
    "Sends the browser to the provider (authorization code with PKCE). It has ten minutes to come back, once, in the same browser: a `__Host-` cookie ties the two together. `?cookie=1` ends with the refresh token in the cookie `__Host-refresh`, as signing in by password does; `return_to` does so too, and goes on to a page, which then gets its access token by `POST /api/v1/auth/refresh` with `X-CSRF-Token`. A page of this server reads that from the cookie `__Host-csrf`, one of another origin from behind `#csrf_token=` in its address. Counts against `anonymous`.",
  request: {
    params: providerParams,
    query: z.strictObject({
      cookie: z
        .enum(["0", "1"])
        .optional()
        .openapi({ description: "1 puts the refresh token in a cookie." }),
      return_to: RETURN_TO,
    }),
  },
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
    303: { description: "To the page that `return_to` named" },
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
  request: { params: providerParams, query: z.strictObject({ return_to: RETURN_TO }) },
  responses: {
    200: {
      description: "Where to go on",
      content: { "application/json": { schema: LinkBeginningSchema } },
    },
  },
  errors: [...PROVIDER_ERRORS, "SESSION_REQUIRED"],
});

const identities = defineRoute({
  method: "get",
  path: "/api/v1/auth/oauth/identities",
  operationId: "auth.oauthIdentities",
  tags: TAGS,
  access: requireScope("account"),
  summary: "With whom you can sign in",
  description: "The accounts at providers that are linked to yours.",
  responses: {
    200: {
      description: "The linked accounts",
      content: { "application/json": { schema: IdentitiesSchema } },
    },
  },
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
    const { cookie: asked, return_to } = c.req.valid("query");
    const returnTo = returnOf(c, return_to);
    // With a page to go to the tokens have no other place: they are never in an address.
    const landing = { asCookie: asked === "1" || returnTo !== null, returnTo };
    const begun = await beginSignin(depsOf(c), provider, deviceOf(c), { landing });
    const { url, cookie, headers } = begun;
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
    return present(c, outcome);
  })
  .openapi(link, async (c) => {
    const { provider } = c.req.valid("param");
    const session = sessionOf(c);
    const returnTo = returnOf(c, c.req.valid("query").return_to);
    const landing = { asCookie: false, returnTo };
    const begun = await beginSignin(depsOf(c), provider, deviceOf(c), { link: session, landing });
    c.header("Set-Cookie", begun.cookie, { append: true });
    const expiresAt = toTimestamp(begun.expiresAtMs);
    return c.json({ authorization_url: begun.url.href, expires_at: expiresAt }, 200);
  })
  .openapi(identities, async (c) => {
    const linked = await listIdentities(c.env.DB, c.get("principal").ownerId);
    const names = new Map(listProviders(c.get("config")).map(({ id, name }) => [id, name]));
    const items = linked.map(({ provider, email, linkedAtMs }) => ({
      provider,
      name: names.get(provider) ?? provider,
      email,
      linked_at: toTimestamp(linkedAtMs),
    }));
    return c.json({ items }, 200);
  })
  .openapi(unlink, async (c) => {
    const { userId } = sessionOf(c);
    await unlinkProvider(depsOf(c), userId, c.req.valid("param").provider, deviceOf(c));
    return c.body(null, 204);
  });

/** What a browser that came back is answered: tokens, cookies, or the way to its page. */
async function present(c: Context<AppEnv>, finish: Finish) {
  const { publicUrl } = c.get("config");
  const { asCookie, returnTo }: Landing = finish.landing;
  if (finish.kind === "refused") {
    c.get("logFields")["error_code"] = finish.error.code;
    return c.redirect(refusedUrl(returnTo ?? publicUrl, finish.error.code), 303);
  }
  if (finish.kind === "linked")
    return returnTo === null
      ? c.json({ linked: true as const, provider: finish.provider }, 200)
      : c.redirect(returnTo, 303);
  if (!asCookie) return c.json(finish.tokens, 200);
  const { cookies, body } = await browserSession(c.get("config"), finish.tokens);
  for (const cookie of cookies) c.header("Set-Cookie", cookie, { append: true });
  if (returnTo === null) return c.json(body, 200);
  return c.redirect(landedUrl(returnTo, publicUrl, body.csrf_token), 303);
}

const NOT_ALLOWED = {
  en: "This page is none of this server or of an allowed origin",
  ko: "이 서버나 허용된 출처의 페이지가 아닙니다",
};

function returnOf(c: Context<AppEnv>, text: string | undefined): string | null {
  if (text === undefined) return null;
  const { publicUrl, corsOrigins } = c.get("config");
  const read = readReturn(text, publicUrl, corsOrigins);
  if (read.ok) return read.value;
  const message = NOT_ALLOWED[c.get("locale")];
  throw new ApiError("VALIDATION_FAILED", {
    params: { count: 1 },
    errors: [{ pointer: "/query/return_to", code: read.error, message }],
  });
}

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
