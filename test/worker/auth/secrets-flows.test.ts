/** The flows beside passwords and sessions, of which nothing that opens anything may be kept or told. */
import { createLogger } from "#platform/log";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api, createTestKey } from "../../support/api";
import { createPerson } from "../../support/accounts";
import { probe } from "../../support/http-app";
import { basicOf, postForm } from "../../support/oauth";
import { PASSWORD, signIn, signUp } from "../../support/people";
import {
  databaseText,
  expectNowhere,
  listenToLog,
  noteObjects,
  objectsText,
} from "../../support/secrets";
import { openBrowser } from "../../support/signin-app";
import { PROVIDER } from "../../support/hostile-provider";

beforeEach(noteObjects);
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** What has been answered to callers who are refused. */
function refusals() {
  const texts: string[] = [];
  const refused = async (call: Promise<Response>): Promise<void> => {
    const response = await call;
    expect(response.status).toBeGreaterThanOrEqual(400);
    texts.push(await response.text(), JSON.stringify([...response.headers]));
  };
  return { texts, refused };
}

async function everywhere(log: readonly string[], errors: readonly string[]) {
  return {
    "a log line": log.join("\n"),
    "an error": errors.join("\n"),
    "a row": await databaseText(),
    "an object": await objectsText(),
  };
}

const jsonOf = async <T>(call: Promise<Response>): Promise<T> => {
  const response = await call;
  if (!response.ok) throw new Error(await response.text());
  return response.json();
};

test("no API key is in any log line, error, row or object", async () => {
  const log = listenToLog();
  const { texts, refused } = refusals();
  const { access_token: token } = await signIn(await signUp());
  const json = { name: "one", scopes: ["keys:manage", "tasks:read"] };
  const made = await jsonOf<{ id: string; key: string }>(
    api("/api/v1/api-keys", { key: token, json, headers: { "Idempotency-Key": "k1" } }),
  );
  // What is shown once is not kept to be shown again.
  await refused(
    api("/api/v1/api-keys", { key: token, json, headers: { "Idempotency-Key": "k1" } }),
  );
  await (await api("/api/v1/test", { key: made.key })).text();
  const path = `/api/v1/api-keys/${made.id}`;
  const next = await jsonOf<{ key: string }>(
    api(`${path}/rotate`, { key: made.key, json: { grace_seconds: 0 } }),
  );
  await refused(api("/api/v1/test", { key: made.key }));
  await refused(api("/api/v1/test", { key: `${next.key}0` }));
  await refused(api(`/api/v1/test?api_key=${next.key}`));
  await refused(api("/api/v1/test", { key: token, headers: { "X-API-Key": next.key } }));
  await refused(api("/api/v1/admin/users", { key: next.key }));
  await api(path, { key: next.key, method: "DELETE" });
  await refused(api("/api/v1/test", { key: next.key }));

  const secretOf = (key: string): string => key.split("_")[3] ?? "";
  const found = await everywhere(log, texts);
  expect(found["a log line"]).toContain("/api/v1/api-keys");
  expect(found["an object"]).toContain(made.id);
  expectNowhere([made.key, next.key, secretOf(made.key), secretOf(next.key), token], found);
});

test("no secret or token of a client is in any log line, error, row or object", async () => {
  const log = listenToLog();
  const { texts, refused } = refusals();
  const owner = await createTestKey();
  const made = await jsonOf<{ client_id: string; client_secret: string }>(
    api("/api/v1/oauth-clients", { key: owner.key, json: { name: "x", scopes: ["tasks:read"] } }),
  );
  const client = { clientId: made.client_id, secret: made.client_secret };
  const form = { grant_type: "client_credentials" };
  const { access_token: token } = await jsonOf<{ access_token: string }>(
    postForm("/oauth/token", form, { as: client }),
  );
  const inForm = { ...form, client_id: client.clientId, client_secret: client.secret };
  const { access_token: second } = await jsonOf<{ access_token: string }>(
    postForm("/oauth/token", inForm),
  );
  await refused(postForm("/oauth/token", inForm, { as: client }));
  await refused(postForm("/oauth/token", form, { as: { ...client, secret: `${client.secret}x` } }));
  await refused(postForm("/oauth/token", { ...inForm, scope: second }));
  await refused(postForm("/oauth/token", { grant_type: "refresh_token", refresh_token: token }));
  await refused(postForm(`/oauth/token?client_secret=${client.secret}`, form));
  await (await postForm("/oauth/introspect", { token }, { as: client })).text();
  await (await postForm("/oauth/revoke", { token }, { as: client })).text();
  await refused(api("/api/v1/tasks", { key: token }));
  const path = `/api/v1/oauth-clients/${client.clientId}`;
  await api(path, { key: owner.key, method: "DELETE" });
  await refused(api("/api/v1/tasks", { key: second }));

  const found = await everywhere(log, texts);
  expect(found["a log line"]).toContain("/oauth/token");
  expect(found["a row"]).toContain(client.clientId);
  const basic = basicOf(client).slice("Basic ".length);
  expectNowhere(
    [client.secret, client.secret.split("_").at(-1) ?? "", basic, token, second],
    found,
  );
});

test("no link and no password set by it is in any log line, error, row or object", async () => {
  const log = listenToLog();
  const { texts, refused } = refusals();
  const person = await createPerson();
  const next = "lantern under the pier";
  const { key } = await createTestKey({ role: "admin" });
  const issued = await jsonOf<{ token: string }>(
    api(`/api/v1/admin/users/${person.id}/reset-link`, { key, method: "POST" }),
  );
  const mails: string[] = [];
  let isTaken = true;
  const EMAIL = {
    send: async ({ text }: { text: string }): Promise<void> => {
      mails.push(text);
      if (!isTaken) throw new Error(`the relay refuses ${text}`.slice(0, 20));
    },
  };
  const settings = {
    EMAIL,
    EMAIL_FROM: "naru@example.com",
    RESET_PAGE_URL: "https://example.com/reset",
    LOG_LEVEL: "debug",
  };
  for (const isGood of [true, false]) {
    isTaken = isGood;
    const answer = await probe({ settings }).fetch("/api/v1/auth/password/reset-request", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ email: person.email }),
    });
    expect(answer.status).toBe(202);
  }
  const mailed = mails.map((text) => /#token=([\w-]+)/.exec(text)?.[1] ?? "");
  expect(mailed).toHaveLength(2);
  const redeem = (token: string, password: string): Promise<Response> =>
    api("/api/v1/auth/password/reset", { json: { token, password } });
  await refused(redeem(mailed[0] ?? "", next));
  await refused(redeem(mailed[1] ?? "", "short"));
  expect((await redeem(mailed[1] ?? "", next)).status).toBe(204);
  await refused(redeem(mailed[1] ?? "", next));

  const found = await everywhere(log, texts);
  expect(found["a log line"]).toContain("mail.not_sent");
  expect(found["a row"]).toContain("password.reset_request");
  expectNowhere([issued.token, ...mailed, next], found);
});

test("nothing of a sign-in with a provider is in any log line, error, row or object", async () => {
  const log = listenToLog();
  const { texts, refused } = refusals();
  const settings = { LOG_LEVEL: "debug" };
  const browser = openBrowser(settings);
  const tokens = {
    access_token: "provider-access-0123456789",
    refresh_token: "provider-refresh-012",
  };
  const good = await browser.start();
  const hostile = await browser.start();
  const refusing = await browser.start();
  const session = await jsonOf<{ access_token: string; refresh_token: string }>(
    browser.comeBack(good, "alice", { tokens }),
  );
  await refused(browser.comeBack(good, "alice", { tokens }));
  await refused(browser.comeBack(hostile, "alice", { tokens, claims: { aud: "them" } }));
  await refused(
    browser.comeBack(refusing, "alice", {
      answers: {
        "https://hostile.example/token": () =>
          new Response(
            JSON.stringify({ error: "invalid_grant", error_description: PROVIDER.clientSecret }),
            {
              status: 400,
              headers: { "content-type": "application/json" },
            },
          ),
      },
    }),
  );
  const landed = await browser.comeBack(await browser.start("hostile", "?return_to=/"), "alice");
  const cookie = /__Host-refresh=([^;]+)/.exec(landed.headers.getSetCookie().join("\n"))?.[1] ?? "";

  const found = await everywhere(log, texts);
  expect(found["a log line"]).toContain("/api/v1/auth/oauth/:provider/callback");
  expect(found["a row"]).toContain("user.register");
  const secretOf = (token: string): string => token.split("_")[3] ?? "";
  expectNowhere(
    [
      PROVIDER.clientSecret,
      tokens.access_token,
      tokens.refresh_token,
      session.access_token,
      session.refresh_token,
      secretOf(session.refresh_token),
      cookie,
      secretOf(cookie),
      ...[good, hostile, refusing].flatMap(({ state, url, cookie: attempt }) => [
        state,
        url.searchParams.get("nonce") ?? "",
        attempt.split(/=(.*)/s)[1] ?? "",
      ]),
    ],
    found,
  );
});

test("the password of a repeated registration is in no log line, error, row or object", async () => {
  const log = listenToLog();
  const { texts, refused } = refusals();
  const address = "2001:db8:1:1::1";
  const send = (password: string): Promise<Response> =>
    api("/api/v1/auth/register", {
      json: { email: "a@naru.test", password, name: "A" },
      address,
      headers: { "Idempotency-Key": "a-key-of-some-length" },
    });
  const other = "another ferry at dusk";
  for (let i = 0; i < 2; i++) expect((await send(PASSWORD)).status).toBe(201);
  await refused(send(other));
  const found = await everywhere(log, texts);
  expect(found["an object"]).toContain("a@naru.test");
  expectNowhere([PASSWORD, other, "a-key-of-some-length"], found);
});

test("the search finds what is there", async () => {
  const log = listenToLog();
  const { access_token: token } = await signIn(await signUp());
  createLogger("info").info("slip", { note: `of a token: ${token}` });
  // The logger is listened to, and lets no token out; so it is put there past it.
  expect(log.join("\n")).toContain("of a token");
  expectNowhere([token], await everywhere(log, []));
  log.push(token);
  const found = await everywhere(log, []);
  expect(() => expectNowhere([token], found)).toThrow("a log line");
});
