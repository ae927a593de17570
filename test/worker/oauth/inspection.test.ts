import { env } from "cloudflare:workers";
import * as oauth from "oauth4webapi";
import { describe, expect, test } from "vitest";
import { issueAccessToken } from "#auth/service";
import { readConfig } from "#platform/config";
import { api } from "../../support/api";
import { answerOf, createTestClient, postForm, tokenOf } from "../../support/oauth";
import type { TestClient } from "../../support/oauth";
import { identity, signIn, signUp } from "../../support/people";

const inspect = (token: string, client: TestClient) =>
  answerOf(postForm("/oauth/introspect", { token }, { as: client }));
const INACTIVE = { active: false };

test("a client is told what its own token says", async () => {
  const client = await createTestClient({ scopes: ["tasks:read"] });
  const { status, body } = await inspect(await tokenOf(client), client);
  expect(status).toBe(200);
  expect(body).toEqual({
    active: true,
    token_type: "Bearer",
    iss: readConfig(env).publicUrl,
    aud: "naru",
    sub: client.owner.ownerId,
    client_id: client.clientId,
    scope: "tasks:read",
    role: "service",
    jti: expect.any(String),
    iat: expect.any(Number),
    exp: expect.any(Number),
  });
});

describe("of every other token a client is told nothing", () => {
  test("not of another owner's client, nor of another client of its own owner", async () => {
    const client = await createTestClient();
    const others = [await createTestClient(), await createTestClient({ owner: client.owner })];
    for (const other of others)
      expect((await inspect(await tokenOf(other), client)).body).toEqual(INACTIVE);
  });

  test("not of a person's session", async () => {
    const client = await createTestClient();
    const tokens = await signIn(await signUp());
    for (const token of [tokens.access_token, tokens.refresh_token])
      expect((await inspect(token, client)).body).toEqual(INACTIVE);
  });

  test("not of what is no token, was changed, or has expired", async () => {
    const client = await createTestClient();
    const token = await tokenOf(client);
    const expired = await issueAccessToken(identity(), {
      sub: client.owner.ownerId,
      clientId: client.clientId,
      scope: "",
      role: "service",
      lifetimeSeconds: 60,
      issuedAtMs: Date.now() - 120_000,
    });
    for (const text of [
      "x",
      "nrr_x",
      `${token}x`,
      `${token.slice(0, -4)}AAAA`,
      expired,
      client.secret,
    ])
      expect((await inspect(text, client)).body).toEqual(INACTIVE);
  });
});

test("a revoked token is not good any more, here and everywhere, and its siblings are", async () => {
  const client = await createTestClient();
  const [token, other] = [await tokenOf(client), await tokenOf(client)];
  const revoked = await postForm("/oauth/revoke", { token }, { as: client });
  expect([revoked.status, await revoked.text()]).toEqual([200, ""]);
  expect((await inspect(token, client)).body).toEqual(INACTIVE);
  expect((await api("/api/v1/test", { key: token })).status).toBe(401);
  expect((await inspect(other, client)).body).toMatchObject({ active: true });
  const { results } = await env.DB.prepare(
    "SELECT * FROM audit WHERE action = 'access.revoke'",
  ).all();
  expect(results).toMatchObject([{ actor_id: client.clientId, subject_id: client.owner.ownerId }]);
  expect(JSON.stringify(results)).not.toContain(token.split(".")[2]);
});

test("a foreign token, or none at all, is revoked with the same answer and goes on", async () => {
  const [client, other] = [await createTestClient(), await createTestClient()];
  const token = await tokenOf(other);
  for (const text of [token, "x", "nrr_x"]) {
    const { status, body } = await answerOf(
      postForm("/oauth/revoke", { token: text }, { as: client }),
    );
    expect([text, status, body]).toEqual([text, 200, {}]);
  }
  expect((await inspect(token, other)).body).toMatchObject({ active: true });
});

describe.each(["/oauth/introspect", "/oauth/revoke"])("%s", (path) => {
  test("asks who is calling", async () => {
    const client = await createTestClient();
    const token = await tokenOf(client);
    const madeUp = { ...client, secret: `${client.secret.slice(0, -1)}~` };
    for (const options of [{}, { as: madeUp }, { headers: { Authorization: `Bearer ${token}` } }]) {
      const { status, body, headers } = await answerOf(postForm(path, { token }, options));
      expect([status, body["error"]]).toEqual([401, "invalid_client"]);
      expect(headers.get("www-authenticate")).toMatch(/^Basic/);
    }
    expect((await inspect(token, client)).body).toMatchObject({ active: true });
  });

  test("asks for a token", async () => {
    const client = await createTestClient();
    for (const form of ["token_type_hint=access_token", "token=", "token=a&token=b"])
      expect(await answerOf(postForm(path, form, { as: client }))).toMatchObject({
        status: 400,
        body: { error: "invalid_request" },
      });
  });
});

test("a client library finds everything by the metadata, and can use it", async () => {
  const read = await api("/.well-known/oauth-authorization-server");
  const { publicUrl } = readConfig(env);
  const issuer = new URL(publicUrl);
  const server = await oauth.processDiscoveryResponse(issuer, read);
  expect(server.issuer).toBe(publicUrl);

  const { clientId, secret } = await createTestClient({ scopes: ["tasks:read"] });
  const options = {
    [oauth.allowInsecureRequests]: true,
    [oauth.customFetch]: (url: string, init: { headers: object; body?: unknown; method: string }) =>
      url.endsWith("jwks.json")
        ? api(new URL(url).pathname)
        : postForm(new URL(url).pathname, String(init.body), {
            headers: init.headers as Record<string, string>,
          }),
  };
  const client = { client_id: clientId };
  for (const authentication of [oauth.ClientSecretBasic(secret), oauth.ClientSecretPost(secret)]) {
    const answered = await oauth.clientCredentialsGrantRequest(
      server,
      client,
      authentication,
      {},
      options,
    );
    const tokens = await oauth.processClientCredentialsResponse(server, client, answered);
    const request = new Request("https://naru.test/", {
      headers: { Authorization: `Bearer ${tokens.access_token}` },
    });
    // Signature by the published keys, issuer, audience, type: as a resource server checks them (RFC 9068).
    const claims = await oauth.validateJwtAccessToken(server, request, "naru", options);
    expect(claims).toMatchObject({ client_id: clientId, scope: "tasks:read" });
    const told = await oauth.introspectionRequest(
      server,
      client,
      authentication,
      tokens.access_token,
      options,
    );
    expect(await oauth.processIntrospectionResponse(server, client, told)).toMatchObject({
      active: true,
    });
    const revoked = await oauth.revocationRequest(
      server,
      client,
      authentication,
      tokens.access_token,
      options,
    );
    await oauth.processRevocationResponse(revoked);
  }
});
