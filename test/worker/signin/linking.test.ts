import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import { createTestKey } from "../../support/api";
import { signIn, signUp } from "../../support/people";
import { codeOf, openBrowser } from "../../support/signin-app";
import type { Browser } from "../../support/signin-app";

afterEach(() => {
  vi.unstubAllGlobals();
});

const LINK = "/api/v1/auth/oauth/hostile/link";

async function newPerson(email?: string) {
  const person = await signUp(email);
  return { ...person, token: (await signIn(person)).access_token };
}
const unlink = (browser: Browser, key: string, provider = "hostile"): Promise<Response> =>
  browser.call(`/api/v1/auth/oauth/${provider}/link`, { method: "DELETE", key });
const owners = async (): Promise<string[]> =>
  (
    await env.DB.prepare("SELECT user_id FROM oauth_identities ORDER BY user_id").all<{
      user_id: string;
    }>()
  ).results.map(({ user_id }) => user_id);

test("a signed-in person links a provider, and then signs in with it", async () => {
  const browser = openBrowser();
  const person = await newPerson("alice@people.test");
  const linked = await browser.comeBack(await browser.link(person.token), "alice");
  expect([linked.status, await linked.json()]).toEqual([
    200,
    { linked: true, provider: "hostile" },
  ]);
  expect(await owners()).toEqual([person.id]);

  const answer = await browser.comeBack(await browser.start(), "alice");
  const { access_token: token } = await answer.json<{ access_token: string }>();
  const who = await browser.call("/api/v1/test", { key: token });
  expect(await who.json()).toMatchObject({ owner_id: person.id });
});

test("linking twice is linking once", async () => {
  const browser = openBrowser();
  const { id, token } = await newPerson();
  for (let time = 0; time < 2; time++)
    expect((await browser.comeBack(await browser.link(token), "alice")).status).toBe(200);
  expect(await owners()).toEqual([id]);
});

test("an identity of another account is not taken from it", async () => {
  const browser = openBrowser();
  const [first, second] = [await newPerson(), await newPerson()];
  await browser.comeBack(await browser.link(first.token), "alice");
  const answer = await browser.comeBack(await browser.link(second.token), "alice");
  expect(await codeOf(answer)).toBe("409 OAUTH_IDENTITY_TAKEN");
  expect(await owners()).toEqual([first.id]);
});

test("an account has one identity at a provider", async () => {
  const browser = openBrowser();
  const { id, token } = await newPerson();
  await browser.comeBack(await browser.link(token), "alice");
  const answer = await browser.comeBack(await browser.link(token), "bob");
  expect(await codeOf(answer)).toBe("409 OAUTH_ALREADY_LINKED");
  expect(await owners()).toEqual([id]);
});

test("a link that began in a session that has ended since is not made", async () => {
  const browser = openBrowser();
  const { token } = await newPerson();
  const errand = await browser.link(token);
  expect((await browser.call("/api/v1/auth/logout", { method: "POST", key: token })).status).toBe(
    204,
  );
  expect(await codeOf(await browser.comeBack(errand, "alice"))).toBe("400 OAUTH_STATE_INVALID");
  expect(await owners()).toEqual([]);
});

test.each(["POST", "DELETE"])(
  "%s needs a session: a key is not enough, and nothing is less",
  async (method) => {
    const { call } = openBrowser();
    const { key } = await createTestKey({ role: "admin" });
    expect(await codeOf(await call(LINK, { method, key }))).toBe("403 SESSION_REQUIRED");
    expect(await codeOf(await call(LINK, { method }))).toBe("401 AUTHENTICATION_REQUIRED");
  },
);

test("linking cannot be begun by a link that somebody else made", async () => {
  const { call } = openBrowser();
  const { token } = await newPerson();
  expect((await call(LINK, { key: token })).status).toBe(405);
});

test("an unlinked provider signs nobody in to the account", async () => {
  const browser = openBrowser();
  const person = await newPerson("alice@people.test");
  await browser.comeBack(await browser.link(person.token), "alice");
  expect((await unlink(browser, person.token)).status).toBe(204);
  expect(await owners()).toEqual([]);
  const answer = await browser.comeBack(await browser.start(), "alice");
  expect(await codeOf(answer)).toBe("409 OAUTH_ACCOUNT_EXISTS");
  expect(await codeOf(await unlink(browser, person.token))).toBe("404 OAUTH_LINK_NOT_FOUND");
});

test("nobody unlinks for another", async () => {
  const browser = openBrowser();
  const [first, second] = [await newPerson(), await newPerson()];
  await browser.comeBack(await browser.link(first.token), "alice");
  expect(await codeOf(await unlink(browser, second.token))).toBe("404 OAUTH_LINK_NOT_FOUND");
  expect(await owners()).toEqual([first.id]);
});

test("the last way to sign in stays, also where two are unlinked at once", async () => {
  const browser = openBrowser();
  const answer = await browser.comeBack(await browser.start(), "alice");
  const { access_token: token } = await answer.json<{ access_token: string }>();
  expect(await codeOf(await unlink(browser, token))).toBe("409 OAUTH_LAST_SIGN_IN");

  await browser.comeBack(await browser.link(token, "second"), "alice");
  expect(await owners()).toHaveLength(2);
  const both = await Promise.all([unlink(browser, token), unlink(browser, token, "second")]);
  expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([204, 409]);
  expect(await owners()).toHaveLength(1);
});

test("linking and unlinking are told in the audit log", async () => {
  const browser = openBrowser();
  const { id, token } = await newPerson();
  await browser.comeBack(await browser.link(token), "alice");
  await unlink(browser, token);
  const { results } = await env.DB.prepare(
    "SELECT actor_id, action, details FROM audit WHERE action LIKE 'identity.%' ORDER BY id",
  ).all();
  expect(results).toEqual([
    { actor_id: id, action: "identity.link", details: '{"provider":"hostile"}' },
    { actor_id: id, action: "identity.unlink", details: '{"provider":"hostile"}' },
  ]);
});
