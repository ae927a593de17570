/** Signing in with a provider that somebody else wrote, and a client's tokens, at the server as a person starts it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { signInAt, startProvider } from "../support/oidc";
import type { RunningProvider } from "../support/oidc";
import { startServer } from "../support/server";
import type { RunningServer } from "../support/server";

const PORT = 18_833;
const ORIGIN = `http://localhost:${PORT}`;
let provider: RunningProvider;
let server: RunningServer;

beforeAll(async () => {
  provider = await startProvider([`${ORIGIN}/api/v1/auth/oauth/real/callback`]);
  server = await startServer({
    port: PORT,
    vars: { OAUTH_PROVIDERS: JSON.stringify([provider.settings("real")]) },
  });
});
afterAll(async () => {
  await server.stop();
  await provider.stop();
});

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly response: Response;
}
async function call(path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(path.startsWith("http") ? path : server.origin + path, {
    redirect: "manual",
    ...init,
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") === true;
  return {
    status: response.status,
    body: isJson ? (JSON.parse(text) as object as Answer["body"]) : {},
    response,
  };
}
const bearer = (token: unknown) => ({ Authorization: `Bearer ${String(token)}` });
const cookieOf = ({ response }: Answer): string =>
  response.headers.getSetCookie()[0]?.split(";", 1)[0] ?? "";
const ownerOf = async (token: unknown): Promise<unknown> =>
  (await call("/api/v1/test", { headers: bearer(token) })).body["owner_id"];

/** As a browser: to the provider, through its pages, and back with the cookie. */
async function signIn(login: string): Promise<Answer & { readonly again: () => Promise<Answer> }> {
  const started = await call("/api/v1/auth/oauth/real/start");
  expect(started.status).toBe(302);
  const back = await signInAt(started.response.headers.get("location") ?? "", login);
  const comeBack = () => call(back.href, { headers: { Cookie: cookieOf(started) } });
  return { ...(await comeBack()), again: comeBack };
}

test("a person signs in with the provider, twice to the same account, and no answer works twice", async () => {
  const first = await signIn("alice");
  expect(first.body).toMatchObject({ token_type: "Bearer", expires_in: 900 });
  expect(first.status).toBe(200);
  const owner = await ownerOf(first.body["access_token"]);
  expect(owner).toMatch(/^usr_/);
  expect(await first.again()).toMatchObject({ status: 400, body: { code: "OAUTH_STATE_INVALID" } });

  const second = await signIn("alice");
  expect(await ownerOf(second.body["access_token"])).toBe(owner);
});

test("a registered person is not found by the address, links the provider, uses it and unlinks it", async () => {
  const account = { email: "bob@people.test", password: "a ferry leaves at dawn" };
  const json = (value: object): RequestInit => ({
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(value),
  });
  const registered = await call("/api/v1/auth/register", json({ ...account, name: "Bob" }));
  expect(registered.status).toBe(201);
  expect((await signIn("bob")).body).toMatchObject({ code: "OAUTH_ACCOUNT_EXISTS" });

  const session = await call("/api/v1/auth/login", json(account));
  const headers = bearer(session.body["access_token"]);
  const link = "/api/v1/auth/oauth/real/link";
  const begun = await call(link, { method: "POST", headers });
  const back = await signInAt(String(begun.body["authorization_url"]), "bob");
  const linked = await call(back.href, { headers: { Cookie: cookieOf(begun) } });
  expect(linked.body).toEqual({ linked: true, provider: "real" });

  const signedIn = await signIn("bob");
  expect(await ownerOf(signedIn.body["access_token"])).toBe(registered.body["id"]);
  expect((await call(link, { method: "DELETE", headers })).status).toBe(204);
  expect((await signIn("bob")).body).toMatchObject({ code: "OAUTH_ACCOUNT_EXISTS" });
});

test("the demo key makes a client, whose token works until the client is revoked", async () => {
  const made = await call("/api/v1/oauth-clients", {
    method: "POST",
    headers: { ...bearer(server.demoKey), "Content-Type": "application/json" },
    body: JSON.stringify({ name: "nightly", scopes: ["tasks:read"] }),
  });
  expect(made.status).toBe(201);
  const { client_id: id, client_secret: secret } = made.body;
  const metadata = await call("/.well-known/oauth-authorization-server");
  expect(metadata.body).toMatchObject({ issuer: ORIGIN, token_endpoint: `${ORIGIN}/oauth/token` });
  const token = () =>
    call(String(metadata.body["token_endpoint"]), {
      method: "POST",
      headers: { Authorization: `Basic ${btoa(`${String(id)}:${String(secret)}`)}` },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
  const given = await token();
  expect(given.body).toMatchObject({ token_type: "Bearer", scope: "tasks:read" });
  const headers = bearer(given.body["access_token"]);
  expect((await call("/api/v1/tasks", { headers })).status).toBe(200);

  const path = `/api/v1/oauth-clients/${String(id)}`;
  const revoked = await call(path, { method: "DELETE", headers: bearer(server.demoKey) });
  expect(revoked.status).toBe(204);
  expect((await call("/api/v1/tasks", { headers })).status).toBe(401);
  expect(await token()).toMatchObject({ status: 401, body: { error: "invalid_client" } });
});
