/** What a browser that signed in with a provider is left with: cookies, and the page that it wanted. */
import { afterEach, expect, test, vi } from "vitest";
import { GOOD, signIn, signUp, standing } from "../../support/people";
import { codeOf, openBrowser, PUBLIC_URL } from "../../support/signin-app";

afterEach(() => {
  vi.unstubAllGlobals();
});

const APP = "https://app.example.com";

/** The session's cookies in an answer, by name; the attempt's own is taken away by every answer. */
const cookiesOf = (answer: Response): Map<string, string> =>
  new Map(
    answer.headers
      .getSetCookie()
      .filter((text) => !text.startsWith("__Host-naru-signin"))
      .map((text) => [text.split("=", 1)[0] ?? "", text.split(/[=;]/)[1] ?? ""]),
  );

test("with cookie=1 the refresh token is in its cookie, and the page has what it needs to use it", async () => {
  const browser = openBrowser();
  const answer = await browser.comeBack(await browser.start("hostile", "?cookie=1"), "alice");
  expect(answer.status).toBe(200);
  const cookies = cookiesOf(answer);
  expect([...cookies.keys()]).toEqual(["__Host-refresh", "__Host-csrf"]);
  expect(answer.headers.getSetCookie().join("\n")).toMatch(
    /__Host-refresh=nrr_\w+; Path=\/; Secure; SameSite=Strict; HttpOnly/,
  );
  const body = await answer.json<Record<string, string>>();
  expect(body).not.toHaveProperty("refresh_token");
  expect(body["csrf_token"]).toBe(cookies.get("__Host-csrf"));
  expect(await standing(body["access_token"] ?? "")).toBe(GOOD);
});

test("with a page to return to the browser lands there, and refreshes by its cookie", async () => {
  const browser = openBrowser();
  const errand = await browser.start("hostile", "?return_to=/console%3Ftab%3D1");
  const answer = await browser.comeBack(errand, "alice");
  expect([answer.status, answer.headers.get("location")]).toEqual([
    303,
    `${PUBLIC_URL}/console?tab=1`,
  ]);
  expect(await answer.text()).toBe("");
  const cookies = cookiesOf(answer);
  const refreshed = await browser.call("/api/v1/auth/refresh", {
    method: "POST",
    headers: {
      Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
      Origin: PUBLIC_URL,
      "Sec-Fetch-Site": "same-origin",
      "X-CSRF-Token": cookies.get("__Host-csrf") ?? "",
    },
  });
  expect(refreshed.status).toBe(200);
  const { access_token } = await refreshed.json<{ access_token: string }>();
  expect(await standing(access_token)).toBe(GOOD);
});

test("a page of an allowed origin is told the CSRF token, and no address holds another", async () => {
  const browser = openBrowser({ CORS_ORIGINS: APP });
  const errand = await browser.start("hostile", `?return_to=${encodeURIComponent(`${APP}/after`)}`);
  const answer = await browser.comeBack(errand, "alice");
  const cookies = cookiesOf(answer);
  expect(answer.headers.get("location")).toBe(
    `${APP}/after#csrf_token=${cookies.get("__Host-csrf")}`,
  );
  expect(answer.headers.get("location")).not.toContain(cookies.get("__Host-refresh"));
});

test.each([
  "https://evil.test/",
  "//evil.test/",
  "/\\evil.test",
  "https://app.example.com.evil.test/",
  "javascript:alert(1)",
])("nobody is sent to %s, at the start or by a provider's answer", async (page) => {
  const browser = openBrowser({ CORS_ORIGINS: `${APP},*` });
  const path = `/api/v1/auth/oauth/hostile/start?return_to=${encodeURIComponent(page)}`;
  const answer = await browser.call(path);
  expect(answer.headers.get("location")).toBeNull();
  expect(answer.headers.getSetCookie()).toEqual([]);
  expect(answer.status).toBe(422);
  expect(await answer.json()).toMatchObject({
    errors: [{ pointer: "/query/return_to", code: "not_allowed" }],
  });
  // What stands in the callback's own address counts for nothing.
  const errand = await browser.start();
  const state = `${errand.state}&return_to=${encodeURIComponent(page)}`;
  const back = await browser.call(
    `/api/v1/auth/oauth/hostile/callback?error=access_denied&state=${state}`,
    { headers: { Cookie: errand.cookie } },
  );
  expect(back.headers.get("location")).toBeNull();
});

test("a refusal brings the browser back to its page with the code, and signs nobody in", async () => {
  const browser = openBrowser();
  await signUp("alice@people.test");
  const errand = await browser.start("hostile", "?return_to=/console");
  const answer = await browser.comeBack(errand, "alice");
  expect([answer.status, answer.headers.get("location")]).toEqual([
    303,
    `${PUBLIC_URL}/console?error=OAUTH_ACCOUNT_EXISTS`,
  ]);
  expect(cookiesOf(answer).size).toBe(0);
  // Without an attempt of its own there is no page that could be trusted.
  expect(await codeOf(await browser.comeBack(errand, "alice"))).toBe("400 OAUTH_STATE_INVALID");
});

test("who links goes back to the page too, and sees what is linked", async () => {
  const browser = openBrowser();
  const { access_token: key } = await signIn(await signUp());
  const list = async (): Promise<unknown> =>
    (await browser.call("/api/v1/auth/oauth/identities", { key })).json();
  expect(await list()).toEqual({ items: [] });
  const errand = await browser.link(key, "hostile", "?return_to=/settings");
  const answer = await browser.comeBack(errand, "alice");
  expect([answer.status, answer.headers.get("location")]).toEqual([303, `${PUBLIC_URL}/settings`]);
  expect(cookiesOf(answer).size).toBe(0);
  expect(await list()).toEqual({
    items: [
      {
        provider: "hostile",
        name: "hostile",
        email: "alice@people.test",
        linked_at: expect.stringMatching(/\.\d{3}Z$/),
      },
    ],
  });
  const { access_token: other } = await signIn(await signUp());
  const theirs = await browser.call("/api/v1/auth/oauth/identities", { key: other });
  expect(await theirs.json()).toEqual({ items: [] });
});
