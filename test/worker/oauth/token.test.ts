import { env } from "cloudflare:workers";
import { decodeJwt } from "jose";
import { describe, expect, test } from "vitest";
import { api, gateOf, uniqueAddress } from "../../support/api";
import { answerOf, basicOf, createTestClient, postForm, tokenOf } from "../../support/oauth";
import type { TestClient } from "../../support/oauth";

const GRANT = { grant_type: "client_credentials" };
const ask = (form: Readonly<Record<string, string>> | string, options = {}) =>
  answerOf(postForm("/oauth/token", form, options));

describe("a client that authenticates", () => {
  test("gets a token that says whose it is, for whom, and what it may do", async () => {
    const client = await createTestClient({ scopes: ["tasks:read", "tasks:write"] });
    const { status, body, headers } = await ask(GRANT, { as: client });
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: "Bearer",
      expires_in: 900,
      scope: "tasks:read tasks:write",
    });
    expect([headers.get("cache-control"), headers.get("pragma")]).toEqual(["no-store", "no-cache"]);
    expect(headers.get("ratelimit")).toBeTruthy();
    const claims = decodeJwt(String(body["access_token"]));
    expect(claims).toMatchObject({
      type: "access",
      sub: client.owner.ownerId,
      client_id: client.clientId,
      scope: "tasks:read tasks:write",
      role: "service",
    });
    expect(claims["sid"]).toBeUndefined();
  });

  test("does so in the form as well", async () => {
    const { clientId, secret } = await createTestClient();
    const form = { ...GRANT, client_id: clientId, client_secret: secret };
    expect(await ask(form)).toMatchObject({ status: 200 });
  });

  test("gets a part of its scopes where it asks for a part, and the token can do no more", async () => {
    const client = await createTestClient({ scopes: ["tasks:read", "tasks:write"] });
    const token = await tokenOf(client, "tasks:read");
    expect((await api("/api/v1/tasks", { key: token })).status).toBe(200);
    const denied = await api("/api/v1/tasks", { key: token, json: { kind: "echo", input: {} } });
    expect(denied.status).toBe(403);
    expect(denied.headers.get("www-authenticate")).toContain('error="insufficient_scope"');
  });

  test("acts as a service of its owner, whose quota it uses", async () => {
    const client = await createTestClient();
    const token = await tokenOf(client);
    const who = await (await api("/api/v1/test", { key: token })).json();
    expect(who).toMatchObject({ owner_id: client.owner.ownerId, key_id: null, role: "service" });

    const counted = async (): Promise<number> => {
      const { limits } = await (
        await api("/api/v1/test", { key: client.owner.key })
      ).json<{ limits: { policy: string; remaining: number }[] }>();
      return limits.find(({ policy }) => policy === "client")?.remaining ?? NaN;
    };
    const before = await counted();
    await tokenOf(client);
    await (await api("/api/v1/test", { key: token })).text();
    expect(await counted()).toBe(before - 3);
  });

  test("makes no key that outdoes it, whatever its owner may do", async () => {
    const client = await createTestClient({
      scopes: ["keys:manage", "chat"],
      ownerKey: { role: "admin" },
    });
    const token = await tokenOf(client);
    for (const scopes of [["*"], ["admin"], ["code"]]) {
      const json = { name: "x", scopes };
      expect((await api("/api/v1/api-keys", { key: token, json })).status).toBe(403);
    }
    expect((await api("/api/v1/admin/audit", { key: token })).status).toBe(403);
  });

  test("makes no clients that outdo it", async () => {
    const client = await createTestClient({ scopes: ["keys:manage"] });
    const token = await tokenOf(client);
    const json = { name: "x", scopes: ["chat"] };
    expect((await api("/api/v1/oauth-clients", { key: token, json })).status).toBe(403);
  });

  test("gets no more tokens than its owner may make calls, and is told when to come back", async () => {
    const client = await createTestClient({
      ownerKey: { ownerLimits: { burst: { limit: 2, window: 60 } } },
    });
    await tokenOf(client);
    const { status, body, headers } = await ask(GRANT, { as: client });
    expect([status, body["error"]]).toEqual([429, "temporarily_unavailable"]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  });

  test("gets none while its owner is disabled, and those that it has are refused", async () => {
    const client = await createTestClient();
    const token = await tokenOf(client);
    const { ownerId } = client.owner;
    await gateOf(ownerId).holdOwner({
      ownerId,
      role: "user",
      limits: {},
      isDisabled: true,
      version: 2,
    });
    expect(await ask(GRANT, { as: client })).toMatchObject({
      status: 401,
      body: { error: "invalid_client" },
    });
    expect((await api("/api/v1/test", { key: token })).status).toBe(401);
  });
});

describe("a client that cannot authenticate", () => {
  let client: TestClient;
  const wrong = async (): Promise<[string, object, object][]> => {
    client = await createTestClient();
    const other = await createTestClient();
    const { clientId, secret } = client;
    const madeUp = `${secret.slice(0, -1)}${secret.endsWith("0") ? "1" : "0"}`;
    return [
      ["shows nothing", GRANT, {}],
      ["shows an id only", { ...GRANT, client_id: clientId }, {}],
      ["shows a made-up secret", GRANT, { as: { clientId, secret: madeUp } }],
      ["shows another's secret", GRANT, { as: { clientId, secret: other.secret } }],
      ["shows an empty secret", GRANT, { as: { clientId, secret: "" } }],
      ["has a made-up id", GRANT, { as: { clientId: `${clientId.slice(0, -1)}~`, secret } }],
      ["has an unknown id", GRANT, { as: { clientId: "me", secret } }],
      ["sends a bearer token", GRANT, { headers: { Authorization: `Bearer ${client.owner.key}` } }],
      ["sends Basic that is none", GRANT, { headers: { Authorization: "Basic !" } }],
    ];
  };

  test("is told the same, whatever is wrong, and how to authenticate", async () => {
    for (const [what, form, options] of await wrong()) {
      const { status, body, headers } = await ask(form as Record<string, string>, options);
      expect([what, status, body["error"]]).toEqual([what, 401, "invalid_client"]);
      expect(headers.get("www-authenticate")).toMatch(/^Basic realm="naru"/);
      expect(headers.get("content-type")).toBe("application/json");
      expect(Object.keys(body)).toEqual(["error", "error_description"]);
    }
  });

  test("uses up what its address may try", async () => {
    const address = uniqueAddress();
    const attempts = Array.from({ length: 101 }, () => ask(GRANT, { address }));
    const statuses = (await Promise.all(attempts)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(100);
    const refused = await ask(GRANT, { address });
    expect([refused.status, refused.body["error"]]).toEqual([429, "temporarily_unavailable"]);
    expect(refused.headers.get("retry-after")).toBeTruthy();
  });

  test("learns nothing of a secret in a made-up database row either", async () => {
    const { clientId, secret } = await createTestClient();
    await env.DB.prepare("UPDATE oauth_clients SET secret_hash = 'x' WHERE id = ?")
      .bind(clientId)
      .run();
    expect(await ask(GRANT, { as: { clientId, secret } })).toMatchObject({ status: 401 });
  });
});

test("two ways to authenticate at once are refused, even if both are right", async () => {
  const client = await createTestClient();
  const form = { ...GRANT, client_id: client.clientId, client_secret: client.secret };
  const { status, body } = await ask(form, { as: client });
  expect([status, body["error"]]).toEqual([400, "invalid_request"]);
});

describe("refused is", () => {
  test.each([
    ["no grant type", {}, "invalid_request"],
    ["an empty grant type", { grant_type: "" }, "invalid_request"],
    ["another grant type", { grant_type: "password" }, "unsupported_grant_type"],
    ["the grant of codes", { grant_type: "authorization_code" }, "unsupported_grant_type"],
    ["a wider scope", { ...GRANT, scope: "tasks:read admin" }, "invalid_scope"],
    ["everything", { ...GRANT, scope: "*" }, "invalid_scope"],
    ["a scope that is none", { ...GRANT, scope: 'tasks:read"' }, "invalid_scope"],
    ["no refresh token", { grant_type: "refresh_token" }, "invalid_request"],
    [
      "a refresh token that is none",
      { grant_type: "refresh_token", refresh_token: "x" },
      "invalid_grant",
    ],
    ["a grant type twice", "grant_type=client_credentials&grant_type=password", "invalid_request"],
    ["a field that is no form", "grant_type=%", "invalid_request"],
    ["no body", "", "invalid_request"],
  ])("%s", async (_what, form, error) => {
    const client = await createTestClient({ scopes: ["tasks:read"] });
    const { status, body, headers } = await ask(form, { as: client });
    expect([status, body["error"]]).toEqual([400, error]);
    expect(body["error_description"]).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
    expect(headers.get("cache-control")).toBe("no-store");
  });

  test("a body that is no form, in OAuth's shape too", async () => {
    const client = await createTestClient();
    const { status, body } = await ask(JSON.stringify(GRANT), {
      as: client,
      headers: { "Content-Type": "application/json" },
    });
    expect([status, body["error"]]).toEqual([415, "invalid_request"]);
  });

  test("a body that is too large", async () => {
    const { status, body } = await ask(`grant_type=${"x".repeat(1_048_577)}`);
    expect([status, body["error"]]).toEqual([413, "invalid_request"]);
  });
});

test("fields that nobody knows are ignored", async () => {
  const client = await createTestClient();
  expect(await ask({ ...GRANT, audience: "x", resource: "" }, { as: client })).toMatchObject({
    status: 200,
  });
});

test("a credential in the URL is refused before anything is read", async () => {
  const client = await createTestClient();
  const response = await postForm(`/oauth/token?client_secret=${client.secret}`, GRANT);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: "CREDENTIAL_IN_URL" });
});

test("a refresh token of no session is not given to a client", async () => {
  const { body } = await ask(GRANT, { as: await createTestClient() });
  expect(body).not.toHaveProperty("refresh_token");
});

test("an access token is no refresh token, and a secret is no token", async () => {
  const client = await createTestClient();
  const token = await tokenOf(client);
  const form = { grant_type: "refresh_token", refresh_token: token };
  expect(await ask(form)).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  expect((await api("/api/v1/test", { key: client.secret })).status).toBe(401);
  const basic = await api("/api/v1/test", { headers: { Authorization: basicOf(client) } });
  expect(basic.status).toBe(401);
});
