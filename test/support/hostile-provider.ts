/** A provider that answers as a test tells it to, and a network on which nothing else is. */
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import type { JWTPayload } from "jose";
import type { FakeAnswer } from "./outside";
import type { Attempt } from "../../src/signin/core/attempt";
import type { OAuthProviderSettings } from "#platform/oauth-settings";

export const ISSUER = "https://hostile.example";
export const REDIRECT_URI = "https://naru.test/api/v1/auth/oauth/hostile/callback";

export const PROVIDER: OAuthProviderSettings = {
  id: "hostile",
  name: "Hostile",
  kind: "oidc",
  issuer: ISSUER,
  clientId: "us",
  clientSecret: "hush-hush-hush",
  scopes: ["openid", "email"],
  endpoints: null,
};

const keys = await generateKeyPair("RS256", { extractable: true });
const stranger = await generateKeyPair("RS256", { extractable: true });

export const json = (value: unknown, status = 200): FakeAnswer => {
  return () =>
    new Response(JSON.stringify(value), {
      status,
      headers: { "content-type": "application/json" },
    });
};

export interface Behaviour {
  /** In place of the answers of an honest provider, by URL. */
  readonly answers?: Readonly<Record<string, FakeAnswer>>;
  /** Over what an honest one puts into its metadata. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Over what an honest one puts into its id_token; undefined takes a claim out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly signedBy?: "itself" | "a stranger" | "nobody" | "our secret";
  readonly tokens?: Readonly<Record<string, unknown>>;
}

/** The answers of the provider to the code of `attempt`; honest but for `behaviour`. */
export async function answersOf(
  attempt: Attempt,
  behaviour: Behaviour = {},
): Promise<Record<string, FakeAnswer>> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const claims = JSON.parse(
    JSON.stringify({
      iss: ISSUER,
      aud: PROVIDER.clientId,
      sub: "mallory",
      nonce: attempt.nonce,
      iat: nowSeconds,
      exp: nowSeconds + 300,
      email: "mallory@people.test",
      ...behaviour.claims,
    }),
  ) as JWTPayload;
  return {
    [`${ISSUER}/.well-known/openid-configuration`]: json({
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/authorize`,
      token_endpoint: `${ISSUER}/token`,
      jwks_uri: `${ISSUER}/jwks`,
      userinfo_endpoint: `${ISSUER}/userinfo`,
      authorization_response_iss_parameter_supported: true,
      ...behaviour.metadata,
    }),
    [`${ISSUER}/token`]: json({
      access_token: "at",
      token_type: "Bearer",
      id_token: await signed(claims, behaviour.signedBy ?? "itself"),
      ...behaviour.tokens,
    }),
    [`${ISSUER}/jwks`]: json({
      keys: [{ ...(await exportJWK(keys.publicKey)), alg: "RS256", use: "sig", kid: "k" }],
    }),
    [`${ISSUER}/userinfo`]: json({ sub: "mallory", email: "mallory@people.test" }),
    ...behaviour.answers,
  };
}

async function signed(claims: JWTPayload, by: NonNullable<Behaviour["signedBy"]>): Promise<string> {
  if (by === "nobody") return new UnsecuredJWT(claims).encode();
  if (by === "our secret")
    return new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256" })
      .sign(new TextEncoder().encode(PROVIDER.clientSecret.padEnd(32, "x")));
  const { privateKey } = by === "itself" ? keys : stranger;
  return new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "k" }).sign(privateKey);
}

/** What the browser brings back for `attempt`. */
export const backWith = (attempt: Attempt, more: Readonly<Record<string, string>> = {}) =>
  new URLSearchParams({ code: "c0de", state: attempt.state, iss: ISSUER, ...more });
