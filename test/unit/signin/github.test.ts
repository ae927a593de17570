/** GitHub speaks OAuth without OpenID Connect: no discovery, no id_token, and errors in answers of status 200. */
import { expect, test } from "vitest";
import { createEgress } from "#egress/service";
import { readOAuthProviders } from "#platform/oauth-settings";
import { createProviderClient } from "#signin/provider-client";
import { PUBLIC, SETTINGS } from "../../support/egress";
import { json } from "../../support/hostile-provider";
import { fakeNetwork, manualTimer } from "../../support/outside";
import type { FakeAnswer } from "../../support/outside";
import { attemptFor, refusal } from "../../support/signin";

const TOKEN = "https://github.com/login/oauth/access_token";
const USER = "https://api.github.com/user";
const REDIRECT_URI = "https://naru.test/api/v1/auth/oauth/github/callback";

const [github] = readOAuthProviders(
  JSON.stringify([{ id: "github", kind: "github", client_id: "us", client_secret: "hush" }]),
  "production",
  [],
);
if (github === undefined) throw new Error("the settings were refused");
const provider = github;

const HONEST: Record<string, FakeAnswer> = {
  [TOKEN]: json({ access_token: "gho_x", token_type: "bearer", scope: "read:user,user:email" }),
  [USER]: json({ id: 7, login: "octo", name: "Octo Cat", email: "public@people.test" }),
  [`${USER}/emails`]: json([
    { email: "unproven@people.test", primary: true, verified: false },
    { email: "second@people.test", primary: false, verified: true },
  ]),
};

function meet(answers: Record<string, FakeAnswer>) {
  const attempt = attemptFor("github");
  const network = fakeNetwork({ ...HONEST, ...answers });
  const { timer, now } = manualTimer();
  const client = createProviderClient(
    createEgress(SETTINGS, { fetch: network.fetch, timer, clock: now, resolve: PUBLIC }),
  );
  const back = new URLSearchParams({ code: "c0de", state: attempt.state });
  return {
    attempt,
    client,
    network,
    identify: () => client.identify(provider, attempt, REDIRECT_URI, back),
  };
}

test("the way there has PKCE and state, and no nonce, since no id_token will bring it back", async () => {
  const { client, attempt } = meet({});
  const url = await client.authorizationUrl(provider, attempt, REDIRECT_URI);
  expect(url.href.split("?")[0]).toBe("https://github.com/login/oauth/authorize");
  expect([...url.searchParams.keys()].sort()).toEqual([
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
  ]);
});

test("a person is told by the number that GitHub never gives away again", async () => {
  const { identify, network } = meet({});
  expect(await identify()).toEqual({ subject: "7", email: "public@people.test", name: "Octo Cat" });
  const sent = new URLSearchParams(network.requests[0]?.init.body as string);
  expect(sent.get("code_verifier")).toMatch(/^[\w-]{43}$/);
  expect(network.requests[1]?.init.headers).toMatchObject({ authorization: "Bearer gho_x" });
});

test("the address is the primary one, if it is verified", async () => {
  const { identify } = meet({
    [`${USER}/emails`]: json([{ email: "main@people.test", primary: true, verified: true }]),
  });
  expect(await identify()).toMatchObject({ email: "main@people.test" });
});

test("without leave to read addresses the public one has to do, and without that there is none", async () => {
  const { identify } = meet({
    [USER]: json({ id: 7, login: "octo", name: null, email: null }),
    [`${USER}/emails`]: json({ message: "Not Found" }, 404),
  });
  expect(await identify()).toEqual({ subject: "7", email: null, name: "octo" });
});

const FAULTS: readonly [string, Record<string, FakeAnswer>, string][] = [
  [
    "a used code, refused with 200",
    { [TOKEN]: json({ error: "bad_verification_code" }) },
    "OAUTH_STATE_INVALID",
  ],
  [
    "a wrong secret, refused with 200",
    { [TOKEN]: json({ error: "incorrect_client_credentials" }) },
    "OAUTH_RESPONSE_INVALID",
  ],
  ["a user without a number", { [USER]: json({ login: "octo" }) }, "OAUTH_RESPONSE_INVALID"],
  ["a number that is text", { [USER]: json({ id: "7", login: "octo" }) }, "OAUTH_RESPONSE_INVALID"],
  ["no user", { [USER]: json({ message: "Bad credentials" }, 401) }, "OAUTH_RESPONSE_INVALID"],
  ["trouble", { [USER]: json({}, 502) }, "OAUTH_PROVIDER_UNAVAILABLE"],
];
test.each(FAULTS)("nobody is signed in by %s", async (_what, answers, code) => {
  expect(await refusal(meet(answers).identify())).toBe(code);
});
