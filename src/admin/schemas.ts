import { z } from "@hono/zod-openapi";
import { EmailSchema, NewPasswordSchema } from "#auth/schemas";
import { PAGE_QUERY, pageOf } from "#http/pagination";
import { QuotaSchema } from "#keys/schemas";
import { DEFAULT_POLICIES } from "#limits/service";
import { ROLES } from "#platform/principal";

const EXAMPLE_ID = "usr_01kcm4v7d0g3q6zr1w8n5tbe2y";
/** Policies that meet a person at all; those of addresses do not. */
const POLICIES = Object.keys(DEFAULT_POLICIES).filter(
  (name) => name !== "anonymous" && name !== "address-day",
) as [string, ...string[]];

export const AdminUserSchema = z
  .object({
    id: z.string().openapi({ example: EXAMPLE_ID }),
    email: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    disabled: z.boolean(),
    limits: z.record(z.string(), z.unknown()).nullable(),
    has_password: z
      .boolean()
      .openapi({ description: "False for who signs in with a provider only." }),
    created_at: z.iso.datetime({ precision: 3 }),
    updated_at: z.iso.datetime({ precision: 3 }),
  })
  .openapi("AdminUser");
export type AdminUserBody = z.infer<typeof AdminUserSchema>;
export const AdminUserPageSchema = pageOf(AdminUserSchema).openapi("AdminUserPage");

export const ListUsersQuerySchema = z.strictObject({
  ...PAGE_QUERY,
  q: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .optional()
    .openapi({ description: "A part of the e-mail address or the name, or a whole id." }),
  role: z.enum(ROLES).optional(),
  disabled: z.enum(["true", "false"]).optional(),
});

export const UserParamsSchema = z.object({
  id: z.string().openapi({ param: { name: "id", in: "path" }, example: EXAMPLE_ID }),
});

export const ChangeUserSchema = z
  .strictObject({
    role: z.enum(ROLES).optional(),
    disabled: z.boolean().optional().openapi({
      description: "True ends every session, and refuses every key and token, from this moment on.",
    }),
    limits: z
      .partialRecord(z.enum(POLICIES), QuotaSchema.nullable())
      .nullable()
      .optional()
      .openapi({
        type: "object",
        description: `The person's own quotas by policy (${POLICIES.join(", ")}), in place of the deployment's; null in place of a quota switches a policy off, null or {} for all of it gives the deployment's back.`,
        example: { client: { limit: 5000, window: 3600 } },
      }),
  })
  .openapi("ChangeUser");

export const ResetLinkSchema = z
  .object({
    token: z
      .string()
      .openapi({ description: "Shown this once. To be brought to the person on a safe way." }),
    redeem_at: z.string().openapi({ example: "/api/v1/auth/password/reset" }),
    expires_at: z.iso.datetime({ precision: 3 }),
    sent: z.boolean().openapi({ description: "Whether the person was sent the link by mail." }),
  })
  .openapi("ResetLink");

export const RequestResetSchema = z.strictObject({ email: EmailSchema }).openapi("RequestReset");

export const RedeemResetSchema = z
  .strictObject({
    token: z.string().min(1).max(128).openapi({ example: "q83vEjRWeJCrze8SNFZ4kKvN7xI0Vni" }),
    password: NewPasswordSchema,
  })
  .openapi("RedeemReset");

/** Where a page of people goes on. */
export const UserCursorSchema = z.strictObject({ before: z.string().max(64) });
