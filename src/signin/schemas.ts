import { z } from "@hono/zod-openapi";
import { SessionTokensSchema } from "#auth/schemas";

export const ProviderSchema = z
  .object({
    id: z.string().openapi({ example: "github" }),
    name: z.string().openapi({ description: "What a button says.", example: "GitHub" }),
    kind: z.enum(["oidc", "github"]),
  })
  .openapi("SigninProvider");

export const ProvidersSchema = z
  .object({ items: z.array(ProviderSchema) })
  .openapi("SigninProviders");

export const IdentitiesSchema = z
  .object({
    items: z.array(
      z
        .object({
          provider: z.string().openapi({ example: "github" }),
          name: z.string().openapi({
            description:
              "As a button says it; the id where the provider is not configured any more.",
          }),
          email: z.string().nullable().openapi({
            description: "The address at the provider when it was linked. Proves nothing here.",
          }),
          linked_at: z.iso.datetime({ precision: 3 }),
        })
        .openapi("LinkedIdentity"),
    ),
  })
  .openapi("LinkedIdentities");

export const LinkBeginningSchema = z
  .object({
    authorization_url: z
      .url()
      .openapi({ description: "Where to send the browser; it has the cookie of this answer." }),
    expires_at: z.iso.datetime({ precision: 3 }),
  })
  .openapi("LinkBeginning");

export const LinkedSchema = z
  .object({ linked: z.literal(true), provider: z.string().openapi({ example: "github" }) })
  .openapi("LinkedProvider");

export const SigninOutcomeSchema = z
  .union([SessionTokensSchema, LinkedSchema])
  .openapi("SigninOutcome");
