import { z } from "@hono/zod-openapi";
import { pageOf } from "#http/pagination";
import { GATEWAY_SCOPE_TEXT, scopeSchema } from "#keys/schemas";
import { roleAllows, ROLES } from "#platform/principal";
import { describeScopes, SCOPE_NAMES } from "#platform/scopes";

/** A client names what it may do: `*` would be all that a person's role allows, and grow with it. */
const ScopeTokenSchema = scopeSchema(SCOPE_NAMES, "tasks:write");
/** A client acts as a service, whoever its owner is. */
export const CLIENT_SCOPES = SCOPE_NAMES.filter((scope) => roleAllows("service", scope));

export const CLIENT_ID_EXAMPLE = "cli_01h2xcejqtf2nbrexx3vqjhp41f2nbrexx3vqjhp41";

export const CreateOAuthClientSchema = z
  .strictObject({
    name: z.string().trim().min(1).max(100).openapi({ example: "nightly import" }),
    scopes: z
      .array(ScopeTokenSchema)
      .min(1)
      .max(50)
      .openapi({
        description: `What the client may do: no more than the credential that makes it, each by name, and nothing that takes the role of a person (\`admin\`, \`worker\`): ${describeScopes(CLIENT_SCOPES)}, ${GATEWAY_SCOPE_TEXT}.`,
      }),
  })
  .openapi("CreateOAuthClient");

export const OAuthClientSchema = z
  .object({
    id: z.string().openapi({ example: CLIENT_ID_EXAMPLE }),
    client_id: z.string().openapi({
      description: "The same as `id`, under the name that OAuth gives it.",
      example: CLIENT_ID_EXAMPLE,
    }),
    name: z.string(),
    scopes: z.array(z.string()),
    created_at: z.iso.datetime({ precision: 3 }),
  })
  .openapi("OAuthClient");
export type OAuthClientView = z.infer<typeof OAuthClientSchema>;

export const NewOAuthClientSchema = OAuthClientSchema.extend({
  client_secret: z
    .string()
    .openapi({ description: "Shown this once. Who loses it makes another client." }),
}).openapi("NewOAuthClient");

export const OAuthClientsSchema = pageOf(OAuthClientSchema).openapi("OAuthClients");

const CLIENT_FIELDS = {
  client_id: z.string().max(200).optional(),
  client_secret: z
    .string()
    .max(2000)
    .optional()
    .openapi({ description: "With `client_id`, in place of HTTP Basic authentication." }),
};

/** Fields that we do not know are ignored, as RFC 6749 section 3.2 says. */
export const TokenRequestSchema = z
  .object({
    ...CLIENT_FIELDS,
    grant_type: z.string().max(200).optional().openapi({
      description: "`client_credentials` or `refresh_token`.",
      example: "client_credentials",
    }),
    scope: z.string().max(4000).optional().openapi({
      description: "Scopes, separated by spaces; all of the client's where it is not said.",
      example: "tasks:write",
    }),
    refresh_token: z.string().max(8192).optional(),
  })
  .openapi("TokenRequest");

export const TokenAnswerSchema = z
  .object({
    access_token: z.string(),
    token_type: z.literal("Bearer"),
    expires_in: z.int().openapi({ description: "Seconds." }),
    scope: z.string().optional(),
    refresh_token: z
      .string()
      .optional()
      .openapi({ description: "In place of the one that was sent, which is used up." }),
  })
  .openapi("TokenAnswer");

export const InspectedTokenSchema = z
  .object({
    ...CLIENT_FIELDS,
    token: z.string().max(8192).optional().openapi({ description: "Required." }),
    token_type_hint: z.string().max(200).optional().openapi({
      description: "Not needed: the two kinds of tokens look different.",
    }),
  })
  .openapi("InspectedToken");

export const IntrospectionSchema = z
  .union([
    z.object({ active: z.literal(false) }),
    z.object({
      active: z.literal(true),
      token_type: z.literal("Bearer"),
      iss: z.string(),
      aud: z.string(),
      sub: z.string(),
      client_id: z.string(),
      scope: z.string(),
      role: z.enum(ROLES),
      jti: z.string(),
      iat: z.int(),
      exp: z.int(),
    }),
  ])
  .openapi("Introspection");

export const OAuthErrorSchema = z
  .object({
    error: z.string().openapi({ example: "invalid_client" }),
    error_description: z.string().openapi({ example: "client authentication failed" }),
  })
  .openapi("OAuthError", { description: "An error as RFC 6749 section 5.2 shapes it." });

export const ServerMetadataSchema = z
  .object({
    issuer: z.url(),
    token_endpoint: z.url(),
    revocation_endpoint: z.url(),
    introspection_endpoint: z.url(),
    jwks_uri: z.url(),
    grant_types_supported: z.array(z.string()),
    response_types_supported: z.array(z.string()),
    scopes_supported: z.array(z.string()),
    token_endpoint_auth_methods_supported: z.array(z.string()),
    revocation_endpoint_auth_methods_supported: z.array(z.string()),
    introspection_endpoint_auth_methods_supported: z.array(z.string()),
    service_documentation: z.url(),
  })
  .openapi("ServerMetadata", { description: "RFC 8414." });
