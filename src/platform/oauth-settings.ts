import * as z from "zod";
import type { ConfigIssue } from "#platform/config";

/** A provider with which people can sign in, as `OAUTH_PROVIDERS` states it. */
export interface OAuthProviderSettings {
  /** Stands in our paths: `/api/v1/auth/oauth/<id>/start`. */
  readonly id: string;
  /** What a person reads on a button. */
  readonly name: string;
  readonly kind: "oidc" | "github";
  /** As the provider writes it, to the character: it is compared with `iss`. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  /** For `github` only; an OpenID Connect provider tells its own by discovery. */
  readonly endpoints: GitHubEndpoints | null;
}

export interface GitHubEndpoints {
  readonly authorization: string;
  readonly token: string;
  readonly userinfo: string;
}

/** As many buttons as a page can show. */
const MAX_PROVIDERS = 20;
/** RFC 6749 section 3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

const ENDPOINT = z.url({ protocol: /^https?$/ });
const SHARED = {
  id: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  name: z.string().min(1).max(50).optional(),
  client_id: z.string().min(1).max(500),
  client_secret: z.string().min(1).max(2000),
  scopes: z
    .union([z.string().transform((text) => text.split(" ").filter(Boolean)), z.array(z.string())])
    .pipe(z.array(z.string().regex(SCOPE)).min(1).max(50))
    .optional(),
};

const ProvidersSchema = z
  .array(
    z.discriminatedUnion("kind", [
      z.strictObject({ ...SHARED, kind: z.literal("oidc"), issuer: ENDPOINT }),
      z.strictObject({
        ...SHARED,
        kind: z.literal("github"),
        authorization_endpoint: ENDPOINT.default("https://github.com/login/oauth/authorize"),
        token_endpoint: ENDPOINT.default("https://github.com/login/oauth/access_token"),
        userinfo_endpoint: ENDPOINT.default("https://api.github.com/user"),
      }),
    ]),
  )
  .max(MAX_PROVIDERS);
type Provider = z.infer<typeof ProvidersSchema>[number];

/**
 * The providers in `text`, a JSON array. One fault and none of them is served: half a list would look as if the other
 * half had never been configured. An issue names the field at fault and never a value, since secrets stand beside it.
 */
export function readOAuthProviders(
  text: string,
  environment: "development" | "staging" | "production",
  issues: ConfigIssue[],
): readonly OAuthProviderSettings[] {
  if (text === "") return [];
  const refuse = (message: string): readonly [] => {
    issues.push({ severity: "error", setting: "OAUTH_PROVIDERS", message });
    return [];
  };
  const json = parseJson(text);
  if (json === undefined) return refuse("is not JSON");
  const parsed = ProvidersSchema.safeParse(json);
  if (!parsed.success) {
    const places = parsed.error.issues.map(({ path }) => `[${path.join(".")}]`);
    return refuse(
      `is not a list of providers; see ${[...new Set(places)].slice(0, 10).join(", ")}`,
    );
  }
  const ids = parsed.data.map(({ id }) => id);
  if (new Set(ids).size < ids.length) return refuse("has two providers of one id");
  const insecure = parsed.data.findIndex((provider) => urlsOf(provider).some(isInsecure));
  if (insecure >= 0 && environment !== "development")
    return refuse(`has a URL without https in [${insecure}], which is for development only`);
  // RFC 8414 section 2: an issuer has neither, and what is appended to it for discovery would change its meaning.
  const odd = parsed.data.findIndex((own) => own.kind === "oidc" && /[?#]/.test(own.issuer));
  if (odd >= 0) return refuse(`has a query or a fragment in [${odd}.issuer]`);
  return parsed.data.map(toSettings);
}

function toSettings(provider: Provider): OAuthProviderSettings {
  const { id, name, kind, client_id: clientId, client_secret: clientSecret } = provider;
  const shared = { id, name: name ?? id, kind, clientId, clientSecret };
  if (provider.kind === "github")
    return {
      ...shared,
      issuer: new URL(provider.authorization_endpoint).origin,
      scopes: provider.scopes ?? ["read:user", "user:email"],
      endpoints: {
        authorization: provider.authorization_endpoint,
        token: provider.token_endpoint,
        userinfo: provider.userinfo_endpoint,
      },
    };
  const scopes = provider.scopes ?? ["openid", "email", "profile"];
  return {
    ...shared,
    issuer: provider.issuer,
    // Without it the provider answers plain OAuth, and there is no id_token to check.
    scopes: scopes.includes("openid") ? scopes : ["openid", ...scopes],
    endpoints: null,
  };
}

const urlsOf = (provider: Provider): string[] =>
  provider.kind === "oidc"
    ? [provider.issuer]
    : [provider.authorization_endpoint, provider.token_endpoint, provider.userinfo_endpoint];

const isInsecure = (url: string): boolean => new URL(url).protocol !== "https:";

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const DEVELOPMENT_URL = "http://localhost:8787";

/**
 * The origin under which clients reach this deployment, from `PUBLIC_URL`. Links, redirect URIs and issuers are made of
 * it and never of the Host header, which the caller chooses. Empty where it is missing outside development.
 */
export function readPublicUrl(
  text: string,
  environment: "development" | "staging" | "production",
  isNeeded: boolean,
  issues: ConfigIssue[],
): string {
  const isDevelopment = environment === "development";
  const fallback = isDevelopment ? DEVELOPMENT_URL : "";
  if (text === "") {
    if (isNeeded && !isDevelopment)
      issues.push({
        severity: "error",
        setting: "PUBLIC_URL",
        message: "is missing: signing in with a provider needs it",
      });
    return fallback;
  }
  const url = URL.parse(text);
  const isOrigin = url !== null && url.origin === text.toLowerCase().replace(/\/$/, "");
  const isSafe = url?.protocol === "https:" || (isDevelopment && url?.protocol === "http:");
  if (isOrigin && isSafe) return url.origin;
  issues.push({
    severity: "error",
    setting: "PUBLIC_URL",
    message: isDevelopment
      ? "is no origin (http[s]://host[:port])"
      : "is no origin with https (https://host[:port])",
  });
  return fallback;
}
