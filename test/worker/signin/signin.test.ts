import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { api } from "../../support/api";
import { GOOD, signUp, standing, userOf } from "../../support/people";
import { addPerson } from "#signin/store";
import { codeOf, openBrowser, PUBLIC_URL } from "../../support/signin-app";

afterEach(() => {
  vi.unstubAllGlobals();
});

interface Tokens {
  readonly access_token: string;
  readonly session_id: string;
}
const tokensOf = async (response: Response): Promise<Tokens> => {
  expect(response.status).toBe(200);
  return response.json();
};
const ownerOf = async (accessToken: string): Promise<string> =>
  (await (await api("/api/v1/test", { key: accessToken })).json<{ owner_id: string }>()).owner_id;
/** Who came from a provider: the development account has an address of its own. */
const countOf = async (table: "users" | "oauth_identities"): Promise<number> =>
  (await env.DB.prepare(
    `SELECT count(*) AS n FROM ${table} WHERE email LIKE '%@people.test'`,
  ).first<number>("n")) ?? NaN;

test("the way there is the provider's, and back to our own address whatever Host says", async () => {
  const { url, cookie, answer } = await openBrowser().start();
  expect(url.origin + url.pathname).toBe("https://hostile.example/authorize");
  expect(url.searchParams.get("redirect_uri")).toBe(
    `${PUBLIC_URL}/api/v1/auth/oauth/hostile/callback`,
  );
  expect(answer.headers.getSetCookie()).toEqual([
    expect.stringMatching(
      /^__Host-naru-signin-.{8}=v\d+\..*; Path=\/; Max-Age=600; Secure; HttpOnly; SameSite=Lax$/,
    ),
  ]);
  for (const name of ["state", "nonce", "code_challenge"])
    expect(cookie).not.toContain(url.searchParams.get(name));
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.headers.get("ratelimit")).toBeTruthy();
});

test("who comes for the first time gets an account, and the same one the next time", async () => {
  const browser = openBrowser();
  const first = await tokensOf(await browser.comeBack(await browser.start(), "alice"));
  expect(await standing(first.access_token)).toBe(GOOD);
  const second = await tokensOf(await browser.comeBack(await browser.start(), "alice"));
  expect(second.session_id).not.toBe(first.session_id);
  expect(await ownerOf(second.access_token)).toBe(await ownerOf(first.access_token));
  expect([await countOf("users"), await countOf("oauth_identities")]).toEqual([1, 1]);

  const sessions = await api("/api/v1/auth/sessions", { key: first.access_token });
  const { items } = await sessions.json<{ items: { method: string }[] }>();
  expect(items.map(({ method }) => method)).toEqual(["hostile", "hostile"]);
});

test("the same subject at two providers is two people", async () => {
  const browser = openBrowser();
  const one = await tokensOf(await browser.comeBack(await browser.start(), "alice"));
  const claims = { email: "else@people.test" };
  const errand = await browser.start("second");
  const two = await tokensOf(await browser.comeBack(errand, "alice", { claims }));
  expect(await ownerOf(two.access_token)).not.toBe(await ownerOf(one.access_token));
});

test("of two who come at once with one identity, or with one address, one is added and nothing is left of the other", async () => {
  const add = (subject: string, email: string) =>
    addPerson(
      env.DB,
      { email, name: "x", passwordHash: null },
      { provider: "hostile", subject, email },
      Date.now(),
      (id) => ({ actorId: id, action: "user.register", subjectId: id, address: null, details: {} }),
    );
  const [one, other] = await Promise.all([
    add("alice", "a@people.test"),
    add("alice", "b@people.test"),
  ]);
  expect([one, other].filter((id) => id !== null)).toHaveLength(1);
  expect([await countOf("users"), await countOf("oauth_identities")]).toEqual([1, 1]);

  const taken = one === null ? "b@people.test" : "a@people.test";
  expect(await add("bob", taken)).toBeNull();
  expect([await countOf("users"), await countOf("oauth_identities")]).toEqual([1, 1]);
  // The log tells of the one that was added, and of no other.
  const { results } = await env.DB.prepare(
    "SELECT actor_id FROM audit WHERE action = 'user.register'",
  ).all();
  expect(results).toEqual([{ actor_id: one ?? other }]);
});

describe("an attempt", () => {
  test("is good once, also where both come at the same moment", async () => {
    const browser = openBrowser();
    const errand = await browser.start();
    const answers = await Promise.all([
      browser.comeBack(errand, "alice"),
      browser.comeBack(errand, "alice"),
    ]);
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 400]);
    expect(await codeOf(await browser.comeBack(errand, "alice"))).toBe("400 OAUTH_STATE_INVALID");
  });

  test("takes its cookie away when it is over, well or not", async () => {
    const browser = openBrowser();
    for (const claims of [{}, { nonce: "another" }]) {
      const errand = await browser.start();
      const answer = await browser.comeBack(errand, "alice", { claims });
      const name = errand.cookie.split("=", 1)[0];
      expect(answer.headers.getSetCookie()).toEqual([
        `${name}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax`,
      ]);
    }
  });

  test("is not good in another browser, with another's cookie, a changed one, or at another provider", async () => {
    const browser = openBrowser();
    const [errand, other] = [await browser.start(), await browser.start()];
    const [name = "", value = ""] = errand.cookie.split(/=(.*)/s);
    const theirs = `${name}=${other.cookie.split(/=(.*)/s)[1]}`;
    const changed = `${name}=${value.slice(0, -2)}${value.endsWith("AA") ? "BB" : "AA"}`;
    for (const cookie of [
      "",
      theirs,
      changed,
      `${errand.cookie}; ${errand.cookie}`,
      `${name}=v1.x.y`,
    ])
      expect(await codeOf(await browser.comeBack({ ...errand, cookie }, "alice"))).toBe(
        "400 OAUTH_STATE_INVALID",
      );
    for (const state of ["", "x", other.state])
      expect(await codeOf(await browser.comeBack({ ...errand, state }, "alice"))).toBe(
        "400 OAUTH_STATE_INVALID",
      );
    const mixedUp = { ...errand, provider: "second" };
    expect(await codeOf(await browser.comeBack(mixedUp, "alice"))).toBe("400 OAUTH_STATE_INVALID");
    expect(await countOf("users")).toBe(0);
    // None of it used the attempt up.
    expect((await browser.comeBack(errand, "alice")).status).toBe(200);
  });

  test("is spent by an answer that fails a check, and nobody is signed in", async () => {
    const browser = openBrowser();
    const errand = await browser.start();
    const hostile = await browser.comeBack(errand, "alice", { claims: { aud: "them" } });
    expect(await codeOf(hostile)).toBe("502 OAUTH_RESPONSE_INVALID");
    expect(await codeOf(await browser.comeBack(errand, "alice"))).toBe("400 OAUTH_STATE_INVALID");
    expect([await countOf("users"), await countOf("oauth_identities")]).toEqual([0, 0]);
  });

  test("leaves nothing behind that could be used, and old marks are swept", async () => {
    await env.DB.prepare(
      "INSERT INTO used_signins (state_hash, expires_at) VALUES ('old', 1)",
    ).run();
    const browser = openBrowser();
    const errand = await browser.start();
    await browser.comeBack(errand, "alice");
    const { results } = await env.DB.prepare("SELECT * FROM used_signins").all();
    expect(results).toHaveLength(1);
    expect(JSON.stringify(results)).not.toContain(errand.state);
  });
});

test("an address that has an account opens it to nobody, and the way in is told", async () => {
  const person = await signUp("alice@people.test");
  const browser = openBrowser();
  const answer = await browser.comeBack(await browser.start(), "alice", {
    claims: { email: "Alice@People.test", email_verified: true },
  });
  expect(await codeOf(answer)).toBe("409 OAUTH_ACCOUNT_EXISTS");
  expect(await countOf("oauth_identities")).toBe(0);
  expect((await userOf(person)).passwordHash).not.toBeNull();
});

test.each([
  ["without an address", { email: undefined }],
  ["with an address that the provider calls unverified", { email_verified: false }],
  ["with an address that is none", { email: "alice" }],
])("nobody new comes in %s", async (_what, claims) => {
  const browser = openBrowser();
  const answer = await browser.comeBack(await browser.start(), "alice", {
    claims,
  });
  expect(await codeOf(answer)).toBe("422 OAUTH_EMAIL_REQUIRED");
  expect(await countOf("users")).toBe(0);
});

test("where registration is closed nobody new comes in, and who is known does", async () => {
  const open = openBrowser();
  await tokensOf(await open.comeBack(await open.start(), "alice"));
  const closed = openBrowser({ REGISTRATION: "closed" });
  expect(await codeOf(await closed.comeBack(await closed.start(), "bob"))).toBe(
    "403 REGISTRATION_CLOSED",
  );
  await tokensOf(await closed.comeBack(await closed.start(), "alice"));
});

test("a disabled account stays closed to its provider too", async () => {
  const browser = openBrowser();
  await tokensOf(await browser.comeBack(await browser.start(), "alice"));
  await env.DB.prepare("UPDATE users SET is_disabled = 1, version = version + 1").run();
  expect(await codeOf(await browser.comeBack(await browser.start(), "alice"))).toBe(
    "403 ACCOUNT_DISABLED",
  );
});

test("the list of providers tells what a button needs, and no secret", async () => {
  const response = await openBrowser().call("/api/v1/auth/oauth/providers");
  expect(await response.json()).toEqual({
    items: [
      { id: "hostile", name: "hostile", kind: "oidc" },
      { id: "second", name: "second", kind: "oidc" },
    ],
  });
});

test("an unknown provider is not found, coming and going", async () => {
  const { call } = openBrowser();
  for (const path of ["start", "callback?state=x&code=y"])
    expect(await codeOf(await call(`/api/v1/auth/oauth/nobody/${path}`))).toBe(
      "404 OAUTH_PROVIDER_NOT_FOUND",
    );
});

test("a provider that cannot be reached is a 503 that says when to try again", async () => {
  vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("connection refused")));
  const answer = await openBrowser().call("/api/v1/auth/oauth/hostile/start");
  expect(answer.headers.get("retry-after")).toBe("5");
  expect(await codeOf(answer)).toBe("503 OAUTH_PROVIDER_UNAVAILABLE");
});
