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
