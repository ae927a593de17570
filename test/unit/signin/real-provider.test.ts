/** The whole protocol against a provider that somebody else wrote and had certified. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { createEgress } from "#egress/service";
import { readOAuthProviders } from "#platform/oauth-settings";
import type { OAuthProviderSettings } from "#platform/oauth-settings";
import { createProviderClient } from "#signin/provider-client";
import { signInAt, startProvider } from "../../support/oidc";
import type { RunningProvider } from "../../support/oidc";
import { SETTINGS } from "../../support/egress";
import { attemptFor, refusal } from "../../support/signin";

const REDIRECT_URI = "https://naru.test/api/v1/auth/oauth/real/callback";
let running: RunningProvider;
let settings: OAuthProviderSettings;
const client = createProviderClient(createEgress(SETTINGS));

beforeAll(async () => {
  running = await startProvider([REDIRECT_URI]);
  const [first] = readOAuthProviders(JSON.stringify([running.settings("real")]), "development", []);
  if (first === undefined) throw new Error("the settings were refused");
  settings = first;
});
afterAll(() => running.stop());

const comeBack = async (attempt: ReturnType<typeof attemptFor>, login: string): Promise<URL> => {
  const url = await client.authorizationUrl(settings, attempt, REDIRECT_URI);
  return signInAt(url.href, login);
};

test("a person who signs in there is told with the address from the userinfo endpoint", async () => {
  const attempt = attemptFor("real");
  const back = await comeBack(attempt, "alice");
  expect(back.href.split("?")[0]).toBe(REDIRECT_URI);
  expect(back.searchParams.get("iss")).toBe(running.issuer);
  const identity = await client.identify(settings, attempt, REDIRECT_URI, back.searchParams);
  expect(identity).toEqual({ subject: "alice", email: "alice@people.test", name: "Person alice" });
});

test("an address that the provider calls unverified is no address", async () => {
  const attempt = attemptFor("real");
  const back = await comeBack(attempt, "unverified-bob");
  const identity = await client.identify(settings, attempt, REDIRECT_URI, back.searchParams);
  expect(identity).toMatchObject({ subject: "unverified-bob", email: null });
});

test("a code works once", async () => {
  const attempt = attemptFor("real");
  const back = await comeBack(attempt, "carol");
  await client.identify(settings, attempt, REDIRECT_URI, back.searchParams);
  const again = client.identify(settings, attempt, REDIRECT_URI, back.searchParams);
  expect(await refusal(again)).toBe("OAUTH_STATE_INVALID");
});

test("a code is worth nothing without the verifier of who began", async () => {
  const attempt = attemptFor("real");
  const back = await comeBack(attempt, "dave");
  const thief = { ...attempt, verifier: attemptFor("real").verifier };
  const stolen = client.identify(settings, thief, REDIRECT_URI, back.searchParams);
  expect(await refusal(stolen)).toBe("OAUTH_STATE_INVALID");
});

test("an id_token with another attempt's nonce is refused", async () => {
  const attempt = attemptFor("real");
  const back = await comeBack(attempt, "erin");
  const other = { ...attempt, nonce: attemptFor("real").nonce };
  const injected = client.identify(settings, other, REDIRECT_URI, back.searchParams);
  expect(await refusal(injected)).toBe("OAUTH_RESPONSE_INVALID");
});

test("an answer of another state, or of another issuer, never reaches the token endpoint", async () => {
  const attempt = attemptFor("real");
  const back = await comeBack(attempt, "frank");
  const wrongState = new URLSearchParams(back.searchParams);
  wrongState.set("state", attemptFor("real").state);
  const wrongIssuer = new URLSearchParams(back.searchParams);
  wrongIssuer.set("iss", "https://evil.test");
  const noIssuer = new URLSearchParams(back.searchParams);
  noIssuer.delete("iss");
  for (const parameters of [wrongState, wrongIssuer, noIssuer])
    expect(await refusal(client.identify(settings, attempt, REDIRECT_URI, parameters))).toBe(
      "OAUTH_RESPONSE_INVALID",
    );
  // The code was not spent by any of them.
  const identity = await client.identify(settings, attempt, REDIRECT_URI, back.searchParams);
  expect(identity.subject).toBe("frank");
});

test("a person who declines there is told so", async () => {
  const attempt = attemptFor("real");
  const parameters = new URLSearchParams({
    error: "access_denied",
    error_description: "<script>",
    state: attempt.state,
    iss: running.issuer,
  });
  expect(await refusal(client.identify(settings, attempt, REDIRECT_URI, parameters))).toBe(
    "OAUTH_DENIED",
  );
});

test("a client secret that the provider does not know signs nobody in", async () => {
  const attempt = attemptFor("real");
  const back = await comeBack(attempt, "grace");
  const wrong = { ...settings, clientSecret: "another" };
  expect(await refusal(client.identify(wrong, attempt, REDIRECT_URI, back.searchParams))).toBe(
    "OAUTH_RESPONSE_INVALID",
  );
});
