/** Sessions of people at the token endpoint and its companions: refreshed there, and ended there. */
import { expect, test } from "vitest";
import { api } from "../../support/api";
import { answerOf, createTestClient, postForm } from "../../support/oauth";
import type { TestClient } from "../../support/oauth";
import {
  GOOD,
  refresh,
  REFUSED,
  setAccountClock,
  signIn,
  signUp,
  standing,
} from "../../support/people";

const AGENT = { "User-Agent": "test" };
const refreshBy = (
  refreshToken: string,
  more: Readonly<Record<string, string>> = {},
  options = {},
) =>
  answerOf(
    postForm(
      "/oauth/token",
      { grant_type: "refresh_token", refresh_token: refreshToken, ...more },
      { headers: AGENT, ...options },
    ),
  );

/** A client of a person, made in the person's own session. */
async function clientOf(accessToken: string): Promise<TestClient> {
  const owner = { key: accessToken, keyId: "", ownerId: "" };
  return createTestClient({ owner, scopes: ["tasks:read"] });
}

test("a session is refreshed there as at our own route, and the new tokens are good", async () => {
  const tokens = await signIn(await signUp());
  const { status, body } = await refreshBy(tokens.refresh_token);
  expect(status).toBe(200);
  expect(body).toEqual({
    access_token: expect.any(String),
    token_type: "Bearer",
    expires_in: 900,
    refresh_token: expect.stringMatching(/^nrr_/),
  });
  expect(body["refresh_token"]).not.toBe(tokens.refresh_token);
  expect(await standing(String(body["access_token"]))).toBe(GOOD);
  expect((await refresh(String(body["refresh_token"]))).status).toBe(200);
});

test("a token that comes twice in ten seconds is answered twice with the same", async () => {
  const tokens = await signIn(await signUp());
  const [first, second] = await Promise.all([
    refreshBy(tokens.refresh_token),
    refreshBy(tokens.refresh_token),
  ]);
  expect(second.body).toEqual(first.body);
});

test("a token that comes again later ends the session and all that came of it", async () => {
  const person = await signUp();
  const tokens = await signIn(person);
  const { body } = await refreshBy(tokens.refresh_token);
  await setAccountClock(person, Date.now() + 11_000);
  expect(await refreshBy(tokens.refresh_token)).toMatchObject({
    status: 400,
    body: { error: "invalid_grant" },
  });
  expect(await standing(String(body["access_token"]))).toBe(REFUSED);
  expect(await refreshBy(String(body["refresh_token"]))).toMatchObject({
    status: 400,
    body: { error: "invalid_grant" },
  });
});

test("a client may refresh its owner's session, nobody else's, and not with a wrong secret", async () => {
  const tokens = await signIn(await signUp());
  const own = await clientOf(tokens.access_token);
  const foreign = await createTestClient();
  expect(await refreshBy(tokens.refresh_token, {}, { as: foreign })).toMatchObject({
    status: 400,
    body: { error: "invalid_grant" },
  });
  const wrong = { ...own, secret: foreign.secret };
  expect(await refreshBy(tokens.refresh_token, {}, { as: wrong })).toMatchObject({
    status: 401,
    body: { error: "invalid_client" },
  });
  expect(await refreshBy(tokens.refresh_token, {}, { as: own })).toMatchObject({ status: 200 });
});

test("a refreshed session has the scope that it had", async () => {
  const tokens = await signIn(await signUp());
  expect(await refreshBy(tokens.refresh_token, { scope: "admin" })).toMatchObject({
    status: 400,
    body: { error: "invalid_scope" },
  });
});

test("revoking a refresh token ends the whole session, and no other", async () => {
  const person = await signUp();
  const [ended, other] = [await signIn(person), await signIn(person)];
  const client = await clientOf(other.access_token);
  const { body: rotated } = await refreshBy(ended.refresh_token);
  const revoked = await answerOf(
    postForm("/oauth/revoke", { token: String(rotated["refresh_token"]) }, { as: client }),
  );
  expect([revoked.status, revoked.body]).toEqual([200, {}]);
  for (const token of [ended.access_token, String(rotated["access_token"])])
    expect(await standing(token)).toBe(REFUSED);
  expect((await refreshBy(String(rotated["refresh_token"]))).status).toBe(400);
  expect(await standing(other.access_token)).toBe(GOOD);
});

test("revoking an access token of a session ends this token only", async () => {
  const tokens = await signIn(await signUp());
  const { access_token: younger } = (await refreshBy(tokens.refresh_token)).body;
  const client = await clientOf(tokens.access_token);
  await postForm("/oauth/revoke", { token: tokens.access_token }, { as: client });
  expect(await standing(tokens.access_token)).toBe(REFUSED);
  expect(await standing(String(younger))).toBe(GOOD);
});

test("nobody revokes a session of another, and is not told whether there is one", async () => {
  const tokens = await signIn(await signUp());
  const foreign = await createTestClient();
  for (const token of [tokens.refresh_token, tokens.access_token]) {
    const revoked = await answerOf(postForm("/oauth/revoke", { token }, { as: foreign }));
    expect([revoked.status, revoked.body]).toEqual([200, {}]);
  }
  expect(await standing(tokens.access_token)).toBe(GOOD);
  expect((await refreshBy(tokens.refresh_token)).status).toBe(200);
});

test("a client that is made in a session belongs to the person", async () => {
  const tokens = await signIn(await signUp());
  const client = await clientOf(tokens.access_token);
  const { items } = await (
    await api("/api/v1/oauth-clients", { key: tokens.access_token })
  ).json<{ items: { id: string }[] }>();
  expect(items.map(({ id }) => id)).toEqual([client.clientId]);
});
