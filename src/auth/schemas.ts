import { z } from "@hono/zod-openapi";
import { ROLES } from "#platform/principal";
import { MAX_EMAIL_LENGTH } from "./core/email";
import { checkPassword, MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from "./core/password-policy";
import type { PasswordFault } from "./core/password-policy";
import { pageOf } from "#http/pagination";

export const LimitSchema = z
  .object({
    policy: z.string().openapi({ example: "burst" }),
    limit: z.int().openapi({ description: "Calls in a window, or what may be open at once." }),
    window_seconds: z
      .number()
      .nullable()
      .openapi({ description: "Null for a limit of what is open at the same time." }),
    remaining: z.int(),
    reset_seconds: z
      .int()
      .nullable()
      .openapi({ description: "Seconds until some of it comes back; at most the window." }),
  })
  .openapi("Limit");

export const WhoAmISchema = z
  .object({
    owner_id: z.string().openapi({ example: "usr_01h2xcejqtf2nbrexx3vqjhp41" }),
    key_id: z
      .string()
      .nullable()
      .openapi({ description: "The API key that was used; null for a signed-in person." }),
    session_id: z
      .string()
      .nullable()
      .openapi({ description: "The signed-in session that was used; null for an API key." }),
    role: z.enum(ROLES),
    scopes: z
      .array(z.string())
      .openapi({ description: "`*` is everything that the owner's role allows." }),
    expires_at: z.iso
      .datetime()
      .nullable()
      .openapi({ description: "When the credential expires; null if it does not." }),
    limits: z
      .array(LimitSchema)
      .openapi({ description: "Every limit that applies to the caller, this call counted." }),
  })
  .openapi("WhoAmI");
export type WhoAmI = z.infer<typeof WhoAmISchema>;

/** Text that a person can read: no control characters, no half of a character. */
const isPlain = (text: string): boolean => text.isWellFormed() && !/\p{Cc}/u.test(text);
const NOT_PLAIN = {
  params: {
    en: "Control characters are not allowed here",
    ko: "제어 문자는 사용할 수 없습니다",
    code: "control_character",
  },
};

export const EmailSchema = z
  .string()
  .max(MAX_EMAIL_LENGTH)
  // Without flags: the document's patterns have none.
  .regex(/^[^\s@]+@[^\s@]+\.[^\s@]+$/)
  .refine(isPlain, NOT_PLAIN)
  .openapi({ example: "haneul@example.com" });

const PASSWORD_FAULTS: Readonly<Record<PasswordFault, { en: string; ko: string }>> = {
  too_small: {
    en: `A password has at least ${MIN_PASSWORD_LENGTH} characters`,
    ko: `비밀번호는 ${MIN_PASSWORD_LENGTH}자 이상이어야 합니다`,
  },
  too_big: {
    en: `A password has at most ${MAX_PASSWORD_LENGTH} characters`,
    ko: `비밀번호는 ${MAX_PASSWORD_LENGTH}자 이하여야 합니다`,
  },
  password_too_common: {
    en: "This password is among the first that anybody would try",
    ko: "너무 흔해서 쉽게 알아낼 수 있는 비밀번호입니다",
  },
};

/** A password that is to be set. */
export const NewPasswordSchema = z
  .string()
  .superRefine((password, context) => {
    const fault = checkPassword(password);
    if (fault !== null)
      context.addIssue({ code: "custom", params: { code: fault, ...PASSWORD_FAULTS[fault] } });
  })
  .openapi({
    format: "password",
    minLength: MIN_PASSWORD_LENGTH,
    maxLength: MAX_PASSWORD_LENGTH,
    description: "Any characters; the most common passwords are refused.",
    example: "orchard ferry at dawn",
  });

/** A password that is to be compared: bounded, so that nobody makes the server hash a book. */
const ShownPasswordSchema = z
  .string()
  .min(1)
  .max(4 * MAX_PASSWORD_LENGTH)
  .openapi({ format: "password", example: "orchard ferry at dawn" });

export const RegisterSchema = z
  .strictObject({
    email: EmailSchema,
    password: NewPasswordSchema,
    name: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .refine(isPlain, NOT_PLAIN)
      .openapi({ example: "Haneul" }),
  })
  .openapi("Register");

export const UserSchema = z
  .object({
    id: z.string().openapi({ example: "usr_01h2xcejqtf2nbrexx3vqjhp41" }),
    email: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    created_at: z.iso.datetime(),
  })
  .openapi("User");

export const LoginSchema = z
  .strictObject({ email: EmailSchema, password: ShownPasswordSchema })
  .openapi("Login");

export const RefreshSchema = z
  .strictObject({
    refresh_token: z
      .string()
      .max(4096)
      .optional()
      .openapi({ description: "Left out where the cookie `__Host-refresh` holds it." }),
  })
  .openapi("Refresh");

export const PasswordChangeSchema = z
  .strictObject({ current_password: ShownPasswordSchema, new_password: NewPasswordSchema })
  // As they are hashed. What is compared is the caller's own two texts, so it tells nothing of the account.
  .refine((body) => body.current_password.normalize() !== body.new_password.normalize(), {
    path: ["new_password"],
    params: {
      code: "password_unchanged",
      en: "The new password is the same as the current one",
      ko: "새 비밀번호가 지금 비밀번호와 같습니다",
    },
  })
  .openapi("PasswordChange");

export const SessionTokensSchema = z
  .object({
    access_token: z
      .string()
      .openapi({ description: "A JWT (RFC 9068) for the Authorization header." }),
    refresh_token: z.string().optional().openapi({
      description: "Good once, for the next tokens. With `?cookie=1` it is in a cookie.",
    }),
    token_type: z.literal("Bearer"),
    expires_in: z
      .int()
      .openapi({ description: "Seconds that the access token lives.", example: 900 }),
    refresh_expires_in: z.int().openapi({
      description: "Seconds until the person has to sign in again; refreshing does not add to it.",
      example: 604_800,
    }),
    session_id: z.string(),
    csrf_token: z
      .string()
      .optional()
      .openapi({ description: "With a cookie: to be sent as `X-CSRF-Token`." }),
  })
  .openapi("SessionTokens");

export const SessionSchema = z
  .object({
    id: z.string(),
    method: z.string().openapi({ description: "`password`, or the provider's id." }),
    created_at: z.iso.datetime(),
    last_used_at: z.iso.datetime().openapi({ description: "The sign-in or the last refresh." }),
    expires_at: z.iso.datetime(),
    address: z.string().nullable(),
    user_agent: z.string().nullable(),
    is_current: z.boolean().openapi({ description: "Whether this call was made with it." }),
  })
  .openapi("Session");
export const SessionPageSchema = pageOf(SessionSchema).openapi("SessionPage");

export const JwksSchema = z
  .object({
    keys: z.array(
      z.object({
        kty: z.enum(["OKP", "EC"]),
        crv: z.string(),
        x: z.string(),
        y: z.string().optional(),
        kid: z.string(),
        alg: z.enum(["EdDSA", "ES256"]),
        use: z.literal("sig"),
      }),
    ),
  })
  .openapi("Jwks");
