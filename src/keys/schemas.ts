import { z } from "@hono/zod-openapi";
import { PAGE_QUERY, pageOf } from "#http/pagination";
import { DEFAULT_POLICIES } from "#limits/service";
import { describeScopes, GATEWAY_SCOPE, SCOPE_NAMES } from "#platform/scopes";

const EXAMPLE_ID = "key_01kcm4v7d0g3q6zr1w8n5tbe2y4j7k2m9x5v8c1b3n";
const MAX_SCOPES = 50;
const DEFAULT_GRACE_S = 86_400;
const MAX_GRACE_S = 7 * 86_400;

/** Policies that a key may narrow for itself; those of addresses never meet a key. */
const KEY_POLICIES = Object.keys(DEFAULT_POLICIES).filter(
  (name) => name !== "anonymous" && name !== "address-day",
) as [string, ...string[]];

export const QuotaSchema = z
  .strictObject({
    limit: z.int().min(1).max(10_000_000).optional(),
    window: z
      .number()
      .positive()
      .max(31 * 86_400)
      .optional()
      .openapi({ description: "Seconds." }),
    concurrent: z.int().min(1).max(100_000).optional(),
  })
  .refine((quota) => (quota.limit === undefined) === (quota.window === undefined), {
    params: {
      code: "incomplete_quota",
      en: "limit and window go together",
      ko: "limit과 window는 함께 써야 합니다",
    },
  })
  .refine((quota) => quota.limit !== undefined || quota.concurrent !== undefined, {
    params: {
      code: "incomplete_quota",
      en: "A quota states limit and window, or concurrent",
      ko: "limit과 window, 또는 concurrent가 필요합니다",
    },
  })
  .openapi("Quota", { example: { limit: 100, window: 60 } });

const KeyLimitsSchema = z.partialRecord(z.enum(KEY_POLICIES), QuotaSchema).openapi({
  type: "object",
  description: `The key's own quotas by policy (${KEY_POLICIES.join(", ")}), as \`RATE_LIMITS\` writes them. Each narrows that policy for calls by this key; the owner's quota holds as well.`,
  example: { burst: { limit: 10, window: 60 } },
});

/** One scope: one of `names`, or one of the gateway's by its form. Anything else is invented, and refused. */
export const scopeSchema = (names: readonly string[], example: string) =>
  z
    .string()
    .refine((text) => names.includes(text) || GATEWAY_SCOPE.test(text), {
      params: {
        code: "unknown_scope",
        en: `There is no such scope; known are ${names.join(", ")}, and gw:<name of an upstream>`,
        ko: `없는 권한입니다. ${names.join(", ")}, 그리고 gw:<업스트림 이름>이 있습니다`,
      },
    })
    .openapi({ anyOf: [{ enum: [...names] }, { pattern: GATEWAY_SCOPE.source }], example });

/** For the descriptions of fields that take `scopeSchema`. */
export const GATEWAY_SCOPE_TEXT =
  "`gw:<name>` (the one upstream of that name behind the gateway, whether it is there yet or not)";

const scope = scopeSchema([...SCOPE_NAMES, "*"], "tasks:read");
const scopes = z
  .array(scope)
  .min(1)
  .max(MAX_SCOPES)
  .refine((list) => new Set(list).size === list.length, {
    params: {
      code: "duplicate",
      en: "A scope stands here twice",
      ko: "같은 권한이 두 번 있습니다",
    },
  })
  .openapi({
    description: `What the key may do, no more than the credential that makes it: ${describeScopes()}, ${GATEWAY_SCOPE_TEXT}. \`*\` is everything that the owner's role allows.`,
    example: ["tasks:read", "tasks:write", "scrape"],
  });
const name = z.string().trim().min(1).max(100).openapi({ example: "crawler in production" });
const expiresInDays = z.int().min(1).max(365).nullable().openapi({
  description:
    "Days until it expires; null never, for administrators only. A key cannot make one that outlives it.",
  example: 90,
});

export const ApiKeySchema = z
  .object({
    id: z.string().openapi({ example: EXAMPLE_ID }),
    name: z.string(),
    prefix: z.string().openapi({
      description: "What the key begins with, to tell keys apart.",
      example: `nr_live_${EXAMPLE_ID.slice(4)}`,
    }),
    status: z.enum(["active", "expired", "revoked"]),
    scopes: z.array(z.string()),
    limits: z.record(z.string(), z.unknown()),
    created_at: z.iso.datetime({ precision: 3 }),
    expires_at: z.iso.datetime({ precision: 3 }).nullable(),
    revoked_at: z.iso.datetime({ precision: 3 }).nullable(),
    last_used_at: z.iso
      .datetime({ precision: 3 })
      .nullable()
      .openapi({ description: "To the minute; null where it was never used." }),
    old_secrets_expire_at: z.iso
      .datetime({ precision: 3 })
      .nullable()
      .openapi({ description: "Until when a secret from before a rotation still works." }),
  })
  .openapi("ApiKey");
export type ApiKeyBody = z.infer<typeof ApiKeySchema>;

export const ApiKeyWithSecretSchema = ApiKeySchema.extend({
  key: z.string().openapi({ description: "The key itself. Shown this once, and stored nowhere." }),
}).openapi("ApiKeyWithSecret");
export const ApiKeyPageSchema = pageOf(ApiKeySchema).openapi("ApiKeyPage");

export const CreateApiKeySchema = z
  .strictObject({
    name,
    scopes,
    limits: KeyLimitsSchema.optional(),
    expires_in_days: expiresInDays.optional(),
  })
  .openapi("CreateApiKey");

export const UpdateApiKeySchema = z
  .strictObject({
    name: name.optional(),
    scopes: scopes.optional(),
    limits: KeyLimitsSchema.nullable().optional().openapi({
      type: "object",
      description:
        "The key's own quotas in place of those that it has; `{}` or null leaves it none, and the owner's hold alone.",
    }),
    expires_in_days: expiresInDays
      .optional()
      .openapi({ description: "Days from now. Leave it out to keep the expiry." }),
  })
  .openapi("UpdateApiKey");

export const RotateApiKeySchema = z
  .strictObject({
    grace_seconds: z.int().min(0).max(MAX_GRACE_S).default(DEFAULT_GRACE_S).openapi({
      description:
        "How long the old secret works on. 0 ends it at once, and every older one with it: the choice where it leaked.",
      example: DEFAULT_GRACE_S,
    }),
    expires_in_days: expiresInDays
      .optional()
      .openapi({ description: "Days from now. Leave it out for as long as before, counted anew." }),
  })
  .openapi("RotateApiKey");

export const ApiKeyParamsSchema = z.object({
  id: z.string().openapi({ param: { name: "id", in: "path" }, example: EXAMPLE_ID }),
});

export const ListApiKeysQuerySchema = z.strictObject({
  ...PAGE_QUERY,
  status: z.enum(["active", "expired", "revoked"]).optional(),
});

/** Where a page of keys goes on. */
export const CursorSchema = z.strictObject({ before: z.string().max(64) });
