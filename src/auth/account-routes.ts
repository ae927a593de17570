import { toTimestamp } from "#platform/clock";
import { ApiError } from "#platform/errors";
import { defineRoute, newRouter } from "#http/router";
import { idempotent, PUBLIC_COUNTED } from "#limits/guard";
import { normalizeEmail } from "./core/email";
import { requireScope } from "./guard";
import { changePassword, register } from "./people";
import { PasswordChangeSchema, RegisterSchema, UserSchema } from "./schemas";
import { identityDepsOf } from "./sessions";

const signUp = defineRoute({
  method: "post",
  path: "/api/v1/auth/register",
  operationId: "auth.register",
  access: PUBLIC_COUNTED,
  // Whoever lost the answer asks again: without this a registration that went well would read as a taken address.
  idempotency: idempotent({ clientOf: registrantOf }),
  summary: "Make an account",
  description:
    "Makes an account with the role `user`. Signing in is a call of its own. An `Idempotency-Key` is known for this address of the caller and this e-mail address together. Counts against `anonymous` and `address-day` of the caller's address.",
  tags: ["auth"],
  request: {
    body: { required: true, content: { "application/json": { schema: RegisterSchema } } },
  },
  errors: ["REGISTRATION_CLOSED", "EMAIL_TAKEN", "RATE_LIMITED"],
  responses: {
    201: {
      description: "The account",
      content: { "application/json": { schema: UserSchema } },
    },
  },
});

const setPassword = defineRoute({
  method: "post",
  path: "/api/v1/auth/password",
  operationId: "auth.changePassword",
  access: requireScope("account"),
  summary: "Change the password",
  description:
    "Takes the current password and a new one, and ends all other sessions. Wrong guesses of the current one count like failed sign-ins.",
  tags: ["auth"],
  request: {
    body: { required: true, content: { "application/json": { schema: PasswordChangeSchema } } },
  },
  errors: ["SESSION_REQUIRED", "WRONG_PASSWORD", "CONFLICT", "RATE_LIMITED"],
  responses: { 204: { description: "Changed" } },
});

export const accountRoutes = newRouter()
  .openapi(signUp, async (c) => {
    const user = await register(identityDepsOf(c.env, c.get("config")), {
      ...c.req.valid("json"),
      address: c.req.header("cf-connecting-ip"),
      userAgent: c.req.header("user-agent"),
    });
    const { id, email, name, role, createdAtMs } = user;
    return c.json({ id, email, name, role, created_at: toTimestamp(createdAtMs) }, 201);
  })
  .openapi(setPassword, async (c) => {
    const { ownerId, sessionId } = c.get("principal");
    if (sessionId === null) throw new ApiError("SESSION_REQUIRED");
    const { current_password: current, new_password: next } = c.req.valid("json");
    await changePassword(identityDepsOf(c.env, c.get("config")), {
      userId: ownerId,
      sessionId,
      current,
      next,
      address: c.req.header("cf-connecting-ip"),
      userAgent: c.req.header("user-agent"),
    });
    return c.body(null, 204);
  });

/** Whom a registration is for; the body may be anything yet. */
function registrantOf(body: unknown): string {
  const email = (body as { readonly email?: unknown } | null)?.email;
  return typeof email === "string" ? normalizeEmail(email) : "";
}
