/** Whatever a provider answers, either a person is told for certain or a clear error is, and no secret goes elsewhere. */
import { describe, expect, test } from "vitest";
import { createEgress } from "#egress/service";
import { createProviderClient } from "#signin/provider-client";
import { PUBLIC, SETTINGS } from "../../support/egress";
import {
  answersOf,
  backWith,
  ISSUER,
  json,
  PROVIDER,
  REDIRECT_URI,
} from "../../support/hostile-provider";
import type { Behaviour } from "../../support/hostile-provider";
import { fakeNetwork, manualTimer, page, redirect, silence } from "../../support/outside";
import type { FakeAnswer } from "../../support/outside";
import { attemptFor, refusal } from "../../support/signin";

const METADATA = `${ISSUER}/.well-known/openid-configuration`;
const TOKEN = `${ISSUER}/token`;
const JWKS = `${ISSUER}/jwks`;
const USERINFO = `${ISSUER}/userinfo`;
const NOW_SECONDS = Math.floor(Date.now() / 1000);

async function meet(behaviour: Behaviour, parameters: Readonly<Record<string, string>> = {}) {
  const attempt = attemptFor("hostile");
  const network = fakeNetwork(await answersOf(attempt, behaviour));
  const time = manualTimer();
  const client = createProviderClient(
    createEgress(SETTINGS, {
      fetch: network.fetch,
      timer: time.timer,
      clock: time.now,
      resolve: PUBLIC,
    }),
  );
  const back = backWith(attempt, parameters);
  return {
    network,
    time,
    attempt,
    client,
    identify: () => client.identify(PROVIDER, attempt, REDIRECT_URI, back),
  };
}

test("an honest answer tells who it is, so that the refusals below are of the one fault", async () => {
  const { identify, network } = await meet({});
  expect(await identify()).toEqual({
    subject: "mallory",
    email: "mallory@people.test",
    name: null,
  });
  expect(network.calls).toEqual([`GET ${METADATA}`, `POST ${TOKEN}`, `GET ${JWKS}`]);
});

const huge: FakeAnswer = () =>
  new Response(`{"x":"${"x".repeat(300_000)}"}`, {
    headers: { "content-type": "application/json" },
  });

const FAULTS: readonly [string, Behaviour][] = [
  ["another issuer in its metadata", { metadata: { issuer: "https://other.example" } }],
  ["its issuer written in another way", { metadata: { issuer: `${ISSUER}/` } }],
  ["an id_token of another issuer", { claims: { iss: "https://other.example" } }],
  ["an id_token for another client", { claims: { aud: "them" } }],
  [
    "an id_token for several, authorized for another",
    { claims: { aud: ["us", "them"], azp: "them" } },
  ],
  ["another nonce", { claims: { nonce: "n0nce" } }],
  ["no nonce", { claims: { nonce: undefined } }],
  ["no subject", { claims: { sub: undefined } }],
  ["an empty subject", { claims: { sub: "" } }],
  ["a subject without end", { claims: { sub: "m".repeat(256) } }],
  ["a subject that is no text", { claims: { sub: 7 } }],
  ["an expired id_token", { claims: { exp: NOW_SECONDS - 120 } }],
  ["an id_token of later", { claims: { nbf: NOW_SECONDS + 900 } }],
  ["a signature of a stranger", { signedBy: "a stranger" }],
  ["no signature", { signedBy: "nobody" }],
  [
    "no signature, which its metadata allow",
    { signedBy: "nobody", metadata: { id_token_signing_alg_values_supported: ["none"] } },
  ],
  [
    "a signature with the secret, which its metadata allow",
    { signedBy: "our secret", metadata: { id_token_signing_alg_values_supported: ["HS256"] } },
  ],
  ["no id_token", { tokens: { id_token: undefined } }],
  ["an id_token that is none", { tokens: { id_token: "a.b.c" } }],
  ["a token type that nobody knows", { tokens: { token_type: "magic" } }],
  ["metadata of another type", { answers: { [METADATA]: page("<html>") } }],
  [
    "metadata that are no JSON",
    { answers: { [METADATA]: page("{", { "content-type": "application/json" }) } },
  ],
  ["metadata that are a list", { answers: { [METADATA]: json([]) } }],
  ["metadata elsewhere", { answers: { [METADATA]: redirect("https://evil.example/") } }],
  ["metadata that are huge", { answers: { [METADATA]: huge } }],
  ["no token endpoint", { metadata: { token_endpoint: undefined } }],
  [
    "a token endpoint without TLS",
    { metadata: { token_endpoint: "http://hostile.example/token" } },
  ],
  ["tokens elsewhere", { answers: { [TOKEN]: redirect("https://evil.example/", 307) } }],
  ["tokens that are huge", { answers: { [TOKEN]: huge } }],
  ["tokens that are no JSON", { answers: { [TOKEN]: page("nope") } }],
  ["tokens that are null", { answers: { [TOKEN]: json(null) } }],
  ["no content", { answers: { [TOKEN]: () => new Response(null, { status: 204 }) } }],
  [
    "an error that is no refusal of the code",
    { answers: { [TOKEN]: json({ error: "invalid_client" }, 401) } },
  ],
  ["keys elsewhere", { answers: { [JWKS]: redirect("https://evil.example/jwks") } }],
  ["keys that are none", { answers: { [JWKS]: json({ keys: [{ kty: "RSA", kid: "k" }] }) } }],
  [
    "another subject at the userinfo endpoint",
    {
      claims: { email: undefined },
      answers: { [USERINFO]: json({ sub: "somebody else", email: "a@people.test" }) },
    },
  ],
];

describe("nobody is signed in by", () => {
  test.each(FAULTS)("%s", async (_what, behaviour) => {
    const { identify, network } = await meet(behaviour);
    expect(await refusal(identify())).toBe("OAUTH_RESPONSE_INVALID");
    expect(network.calls.join()).not.toContain("evil.example");
  });

  test.each([
    ["a code that it refuses", { answers: { [TOKEN]: json({ error: "invalid_grant" }, 400) } }],
    [
      "a code that it refuses with 200",
      { answers: { [TOKEN]: json({ error: "bad_verification_code" }) } },
    ],
  ])("%s", async (_what, behaviour) => {
    expect(await refusal((await meet(behaviour)).identify())).toBe("OAUTH_STATE_INVALID");
  });

  test.each([METADATA, TOKEN, JWKS])("a provider in trouble at %s", async (url) => {
    const { identify } = await meet({ answers: { [url]: json({ error: "oops" }, 503) } });
    expect(await refusal(identify())).toBe("OAUTH_PROVIDER_UNAVAILABLE");
  });

  test.each([METADATA, TOKEN, JWKS])("a provider that cannot be reached at %s", async (url) => {
    const gone: FakeAnswer = () => Promise.reject(new TypeError("connection refused"));
    const { identify } = await meet({ answers: { [url]: gone } });
    expect(await refusal(identify())).toBe("OAUTH_PROVIDER_UNAVAILABLE");
  });

  test("a provider that never answers, and it is given up in time", async () => {
    const { identify, time } = await meet({ answers: { [METADATA]: silence } });
    const refused = refusal(identify());
    await time.advance(8_000);
    expect(await refused).toBe("UPSTREAM_TIMEOUT");
    expect(time.pending()).toBe(0);
  });

  test.each([
    ["the name of another issuer in the answer", { iss: "https://other.example" }],
    ["another state", { state: "another" }],
    ["tokens in the URL", { id_token: "x.y.z" }],
    ["a response in a token of its own", { response: "x.y.z" }],
  ])("%s, and no code is sent", async (_what, parameters) => {
    const { identify, network } = await meet({}, parameters);
    expect(await refusal(identify())).toBe("OAUTH_RESPONSE_INVALID");
    expect(network.calls).toEqual([`GET ${METADATA}`]);
  });
});

test.each([
  ["access_denied", "OAUTH_DENIED"],
  ["<script>alert(1)</script>", "OAUTH_DENIED"],
  ["temporarily_unavailable", "OAUTH_PROVIDER_UNAVAILABLE"],
  ["server_error", "OAUTH_PROVIDER_UNAVAILABLE"],
])("the provider's %s is told as %s", async (error, code) => {
  expect(await refusal((await meet({}, { error })).identify())).toBe(code);
});

test("a refusal carries neither the provider's words nor a secret", async () => {
  const error = "<script>Zk7</script>";
  const { client, attempt } = await meet({});
  const told = await client
    .identify(
      PROVIDER,
      attempt,
      REDIRECT_URI,
      backWith(attempt, { error, error_description: "Zk7" }),
    )
    .catch((thrown: unknown) => thrown);
  expect(JSON.stringify([told, (told as Error).message])).not.toMatch(/Zk7|hush/);
});

test("metadata are asked for once in a while and not at each sign-in", async () => {
  const { client, attempt, network, time } = await meet({});
  const ask = () => client.authorizationUrl(PROVIDER, attempt, REDIRECT_URI);
  await ask();
  await ask();
  expect(network.calls).toHaveLength(1);
  await time.advance(600_000);
  await ask();
  expect(network.calls).toHaveLength(2);
});

test("the way there carries PKCE, state and nonce, and the redirect URI that was registered", async () => {
  const { client, attempt } = await meet({});
  const url = await client.authorizationUrl(PROVIDER, attempt, REDIRECT_URI);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(attempt.verifier));
  expect(Object.fromEntries(url.searchParams)).toEqual({
    client_id: "us",
    response_type: "code",
    redirect_uri: REDIRECT_URI,
    scope: "openid email",
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: Buffer.from(digest).toString("base64url"),
    code_challenge_method: "S256",
  });
});

test.each(["http://hostile.example/authorize", "javascript:alert(1)", "", "data:text/html,x"])(
  "nobody is sent to %s",
  async (endpoint) => {
    const { client, attempt } = await meet({ metadata: { authorization_endpoint: endpoint } });
    expect(await refusal(client.authorizationUrl(PROVIDER, attempt, REDIRECT_URI))).toBe(
      "OAUTH_RESPONSE_INVALID",
    );
  },
);
