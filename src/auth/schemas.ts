import { z } from "@hono/zod-openapi";
import { ROLES } from "#platform/principal";

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
