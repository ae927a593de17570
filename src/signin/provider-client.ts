/**
 * The protocol with a provider: discovery, the way there, and every check of what comes back. The only file that knows
 * `oauth4webapi`. Providers are the operator's choice and may be private machines, but their answers are not trusted:
 * each is capped in size and time, no redirect is followed, and nobody is signed in unless all of them fit together.
 */
import * as oauth from "oauth4webapi";
import * as z from "zod";
import { fetchOutside } from "#egress/service";
import type { Egress, OutsideFailure } from "#egress/service";
import { ApiError } from "#platform/errors";
import type { OAuthProviderSettings } from "#platform/oauth-settings";
import type { Attempt } from "./core/attempt";
import type { Identity } from "./core/resolution";
import { AnswerFault, ProviderDown, refusalOf } from "./provider-failure";

/** Of one answer. Discovery documents and key sets of large providers are some ten kilobytes. */
const MAX_ANSWER_BYTES = 262_144;
/** For one answer; a sign-in takes up to four. */
const ANSWER_TIMEOUT_MS = 8_000;
/** How long a provider's metadata is believed; it changes about never. */
const METADATA_LIFETIME_MS = 600_000;
const CLOCK_TOLERANCE_SECONDS = 30;

export interface ProviderClient {
  /** Where the browser goes to sign in. Throws OAUTH_PROVIDER_UNAVAILABLE, UPSTREAM_TIMEOUT or OAUTH_RESPONSE_INVALID. */
  readonly authorizationUrl: (
    provider: OAuthProviderSettings,
    attempt: Attempt,
    redirectUri: string,
  ) => Promise<URL>;
  /** Who came back with `parameters`. Throws as above, and OAUTH_DENIED and OAUTH_STATE_INVALID. */
  readonly identify: (
    provider: OAuthProviderSettings,
    attempt: Attempt,
    redirectUri: string,
    parameters: URLSearchParams,
  ) => Promise<Identity>;
}

/** A client over one egress. It keeps providers' metadata, and with it their keys, for a while. */
export function createProviderClient(egress: Egress): ProviderClient {
  const known = new Map<string, { metadata: oauth.AuthorizationServer; readAtMs: number }>();

  const ask = async (url: string, init: AskInit): Promise<Response> => {
    const body = init.body?.toString();
    const answer = await fetchOutside(egress, {
      url,
      method: init.method,
      headers: init.headers,
      ...(body === undefined ? {} : { body }),
      trust: "operator",
      maxBytes: MAX_ANSWER_BYTES,
      timeoutMs: ANSWER_TIMEOUT_MS,
      // Handed back as an answer, and refused as one: a redirected token request would carry the secret elsewhere.
      maxRedirects: 0,
    });
    if (!answer.ok) throw failureOf(answer.error);
    const { status, headers, bytes } = answer.value;
    if (status >= 500) throw new ProviderDown(`it answered ${status}`);
    const hasBody = status >= 200 && status !== 204 && status !== 205 && status !== 304;
    return new Response(hasBody ? new Uint8Array(bytes) : null, { status, headers });
  };
  const optionsFor = (provider: OAuthProviderSettings) => ({
    [oauth.customFetch]: ask,
    // The settings allow an issuer without TLS in development only.
    [oauth.allowInsecureRequests]: isInsecure(provider),
  });

  const metadataOf = async (
    provider: OAuthProviderSettings,
  ): Promise<oauth.AuthorizationServer> => {
    if (provider.endpoints !== null)
      return {
        issuer: provider.issuer,
        authorization_endpoint: provider.endpoints.authorization,
        token_endpoint: provider.endpoints.token,
        userinfo_endpoint: provider.endpoints.userinfo,
      };
    const nowMs = egress.clock();
    const entry = known.get(provider.issuer);
    if (entry !== undefined && nowMs - entry.readAtMs < METADATA_LIFETIME_MS) return entry.metadata;
    const issuer = new URL(provider.issuer);
    const response = await oauth.discoveryRequest(issuer, optionsFor(provider));
    const metadata = await oauth.processDiscoveryResponse(issuer, response);
    // To the character, since `iss` is compared so everywhere else (OpenID Connect Discovery, section 4.3).
    if (metadata.issuer !== provider.issuer) throw new AnswerFault("another issuer in metadata");
    known.set(provider.issuer, { metadata, readAtMs: nowMs });
    return metadata;
  };

  const exchange = async (
    provider: OAuthProviderSettings,
    metadata: oauth.AuthorizationServer,
    attempt: Attempt,
    redirectUri: string,
    parameters: URLSearchParams,
  ): Promise<{ tokens: oauth.TokenEndpointResponse; client: oauth.Client }> => {
    const client = clientOf(provider);
    const options = optionsFor(provider);
    // Checks `state` and, where it is there or was promised, `iss` (RFC 9207).
    const checked = oauth.validateAuthResponse(metadata, client, parameters, attempt.state);
    const response = await oauth.authorizationCodeGrantRequest(
      metadata,
      client,
      authenticationOf(provider, metadata),
      checked,
      redirectUri,
      attempt.verifier,
      { ...options, headers: { accept: "application/json" } },
    );
    if (provider.kind === "github")
      return {
        tokens: await oauth.processAuthorizationCodeResponse(metadata, client, response),
        client,
      };
    const tokens = await oauth.processAuthorizationCodeResponse(metadata, client, response, {
      expectedNonce: attempt.nonce,
      requireIdToken: true,
    });
    // TLS alone would do by the standard; without it (development) only the signature tells who speaks.
    await oauth.validateApplicationLevelSignature(metadata, response, options);
    return { tokens, client };
  };

  const identifyByOpenId = async (
    provider: OAuthProviderSettings,
    metadata: oauth.AuthorizationServer,
    tokens: oauth.TokenEndpointResponse,
    client: oauth.Client,
  ): Promise<Identity> => {
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    // OpenID Connect Core, section 2: never empty, at most 255 characters. The library takes any text.
    if (claims === undefined || claims.sub === "" || claims.sub.length > 255)
      throw new AnswerFault("no usable subject");
    const told = PersonSchema.parse(claims);
    if (told.email !== null || metadata.userinfo_endpoint === undefined)
      return { subject: claims.sub, ...told };
    const response = await oauth.userInfoRequest(
      metadata,
      client,
      tokens.access_token,
      optionsFor(provider),
    );
    // Refuses another subject than the id_token's (OpenID Connect Core, section 5.3.2).
    const info = await oauth.processUserInfoResponse(metadata, client, claims.sub, response);
    return { subject: claims.sub, ...PersonSchema.parse(info) };
  };

  const identifyAtGitHub = async (userinfo: string, token: string): Promise<Identity> => {
    const headers = { accept: "application/json", authorization: `Bearer ${token}` };
    const response = await ask(userinfo, { method: "GET", headers });
    if (response.status !== 200) throw new AnswerFault(`userinfo answered ${response.status}`);
    const user = GitHubUserSchema.parse(await response.json());
    // Absent where the scope was not granted; then the account has no address to show.
    const listed = await ask(`${userinfo}/emails`, { method: "GET", headers });
    const emails = listed.status === 200 ? GitHubEmailsSchema.parse(await listed.json()) : [];
    const email = emails.find((entry) => entry.primary && entry.verified)?.email ?? user.email;
    return { subject: String(user.id), email, name: user.name ?? user.login };
  };

  return {
    authorizationUrl: (provider, attempt, redirectUri) =>
      told(async () => {
        const metadata = await metadataOf(provider);
        const endpoint = URL.parse(metadata.authorization_endpoint ?? "");
        const isSafe = endpoint?.protocol === "https:" || isInsecure(provider);
        if (endpoint === null || !isSafe) throw new AnswerFault("no usable authorization endpoint");
        const challenge = await oauth.calculatePKCECodeChallenge(attempt.verifier);
        const parameters = {
          client_id: provider.clientId,
          response_type: "code",
          redirect_uri: redirectUri,
          scope: provider.scopes.join(" "),
          state: attempt.state,
          code_challenge: challenge,
          code_challenge_method: "S256",
          ...(provider.kind === "oidc" ? { nonce: attempt.nonce } : {}),
        };
        for (const [name, value] of Object.entries(parameters))
          endpoint.searchParams.set(name, value);
        return endpoint;
      }),
    identify: (provider, attempt, redirectUri, parameters) =>
      told(async () => {
        const metadata = await metadataOf(provider);
        const { tokens, client } = await exchange(
          provider,
          metadata,
          attempt,
          redirectUri,
          parameters,
        );
        return provider.endpoints === null
          ? identifyByOpenId(provider, metadata, tokens, client)
          : identifyAtGitHub(provider.endpoints.userinfo, tokens.access_token);
      }),
  };
}

interface AskInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: URLSearchParams | string | null | undefined;
}

/** Whatever goes wrong in `work`, said as one of our refusals. */
async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof ApiError ? error : refusalOf(error);
  }
}

function failureOf(failure: OutsideFailure): Error {
  if (failure.code === "FETCH_TIMED_OUT") return new ApiError("UPSTREAM_TIMEOUT");
  if (failure.isTransport || failure.isAborted) return new ProviderDown(failure.code);
  return new AnswerFault(failure.code);
}

const clientOf = (provider: OAuthProviderSettings): oauth.Client => ({
  client_id: provider.clientId,
  [oauth.clockTolerance]: CLOCK_TOLERANCE_SECONDS,
});

/** RFC 8414 section 2: who says nothing takes `client_secret_basic`. */
function authenticationOf(
  provider: OAuthProviderSettings,
  metadata: oauth.AuthorizationServer,
): oauth.ClientAuth {
  const methods = metadata.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
  const isPost = provider.kind === "github" || !methods.includes("client_secret_basic");
  return isPost
    ? oauth.ClientSecretPost(provider.clientSecret)
    : oauth.ClientSecretBasic(provider.clientSecret);
}

const isInsecure = (provider: OAuthProviderSettings): boolean =>
  [provider.issuer, ...Object.values(provider.endpoints ?? {})].some((url) =>
    String(url).startsWith("http:"),
  );

/** Longer than a name has any reason to be; cut, since a person cannot mend it at the provider. */
const MAX_NAME_LENGTH = 100;
const NameSchema = z
  .string()
  .transform((name) => name.trim().slice(0, MAX_NAME_LENGTH))
  .transform((name) => (name === "" ? null : name))
  .nullable()
  .catch(null);
/** An address that is none, or that the provider itself calls unverified, is as good as no address. */
const EmailSchema = z.email().max(254).nullable().catch(null);

const PersonSchema = z
  .object({ email: EmailSchema, email_verified: z.unknown().optional(), name: NameSchema })
  .transform(({ email, email_verified: isVerified, name }) => ({
    email: isVerified === false || isVerified === "false" ? null : email,
    name,
  }));
const GitHubUserSchema = z.object({
  id: z.int().positive(),
  login: NameSchema,
  name: NameSchema,
  email: EmailSchema,
});
const GitHubEmailsSchema = z
  .array(z.object({ email: EmailSchema, primary: z.boolean(), verified: z.boolean() }))
  .catch([]);
