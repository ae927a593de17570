import { expect, test } from "vitest";
import { readConfig } from "#platform/config";
import { csrfTokenOf } from "#auth/cookies";
import { env } from "cloudflare:workers";
import { api } from "../../support/api";
import { probe } from "../../support/http-app";
import { GOOD, login, signIn, signUp, standing } from "../../support/people";

const codeOf = async (response: Response): Promise<string> =>
  `${response.status} ${(await response.json<{ code?: string }>()).code ?? ""}`.trim();

interface Browser {
  readonly cookie: string;
  readonly csrf: string;
  readonly sessionId: string;
  readonly access: string;
}

const OWN = { Origin: "http://naru.test", "Sec-Fetch-Site": "same-origin" };

/** A browser that signed in: what it holds as cookies, and what its page knows. */
async function browser(): Promise<Browser> {
  const { email } = await signUp();
  const response = await login(email, { query: "?cookie=1", headers: OWN });
  const cookies = response.headers.getSetCookie();
  const body = await response.json<Record<string, string>>();
  return {
    cookie: cookies.map((text) => text.split(";")[0]).join("; "),
    csrf: body["csrf_token"] ?? "",
    sessionId: body["session_id"] ?? "",
    access: body["access_token"] ?? "",
  };
}

const refresh = (
  { cookie }: { readonly cookie: string },
  headers: Record<string, string>,
): Promise<Response> =>
  api("/api/v1/auth/refresh", {
    method: "POST",
    headers: { Cookie: cookie, "User-Agent": "test", ...headers },
  });

test("with cookie=1 the refresh token is where no script can read it, and nowhere else", async () => {
  const { email } = await signUp();
  const response = await login(email, { query: "?cookie=1", headers: OWN });
  const [token, csrf, ...rest] = response.headers.getSetCookie();
  expect(rest).toEqual([]);
  expect(token).toMatch(
    /^__Host-refresh=nrr_\w+; Path=\/; Secure; SameSite=Strict; HttpOnly; Max-Age=604800$/,
  );
  expect(csrf).toMatch(/^__Host-csrf=[\w-]{43}; Path=\/; Secure; SameSite=Strict; Max-Age=604800$/);
  const body = await response.json<Record<string, unknown>>();
  expect(body).not.toHaveProperty("refresh_token");
  expect(csrf).toContain(String(body["csrf_token"]));
});

test("a page of this server refreshes by cookie, again and again", async () => {
  let { cookie, csrf } = await browser();
  for (let i = 0; i < 3; i++) {
    const response = await refresh({ cookie }, { ...OWN, "X-CSRF-Token": csrf });
    expect(response.status).toBe(200);
    cookie = response.headers
      .getSetCookie()
      .map((text) => text.split(";")[0])
      .join("; ");
    const body = await response.json<Record<string, string>>();
    expect(body).not.toHaveProperty("refresh_token");
    expect(await standing(body["access_token"] ?? "")).toBe(GOOD);
    csrf = body["csrf_token"] ?? "";
  }
});

const EVIL = "https://evil.test";

test.each<[string, Record<string, string>, boolean]>([
  ["from its own page", OWN, true],
  ["from its own page in a browser without Fetch Metadata", { Origin: OWN.Origin }, true],
  ["from a client that is no browser", {}, true],
  ["from another site", { Origin: EVIL, "Sec-Fetch-Site": "cross-site" }, false],
  ["from another site in an old browser", { Origin: EVIL }, false],
  ["from a subdomain", { Origin: "http://a.naru.test", "Sec-Fetch-Site": "same-site" }, false],
  ["from a page without an origin", { Origin: "null", "Sec-Fetch-Site": "cross-site" }, false],
  ["from another port", { Origin: "http://naru.test:81", "Sec-Fetch-Site": "same-site" }, false],
  ["from elsewhere by Fetch Metadata alone", { "Sec-Fetch-Site": "cross-site" }, false],
  ["whose headers contradict each other", { ...OWN, "Sec-Fetch-Site": "cross-site" }, false],
])("a refresh by cookie %s", async (_what, headers, isServed) => {
  const { cookie, csrf, access } = await browser();
  const response = await refresh({ cookie }, { ...headers, "X-CSRF-Token": csrf });
  if (isServed) expect(response.status).toBe(200);
  else expect(await codeOf(response)).toBe("403 CSRF_REJECTED");
  // A refused one is no reuse: the session stands.
  expect(await standing(access)).toBe(GOOD);
});

test("a refresh by cookie without the session's own CSRF token is refused", async () => {
  const [mine, other] = [await browser(), await browser()];
  const wrong = [undefined, "", "x", other.csrf, `${mine.csrf}x`];
  for (const token of wrong) {
    const headers = { ...OWN, ...(token === undefined ? {} : { "X-CSRF-Token": token }) };
    expect(await codeOf(await refresh(mine, headers))).toBe("403 CSRF_REJECTED");
  }
  expect(mine.csrf).toBe(await csrfTokenOf(readConfig(env), mine.sessionId));
  const good = await refresh(mine, { ...OWN, "X-CSRF-Token": mine.csrf });
  expect(good.status).toBe(200);
});

test("a listed origin may use the cookie, where the browser sends it", async () => {
  const { cookie, csrf } = await browser();
  const send = (origin: string, settings: object): Promise<Response> =>
    probe({ settings: { CORS_ORIGINS: "https://app.naru.test", ...settings } }).fetch(
      "/api/v1/auth/refresh",
      {
        method: "POST",
        headers: {
          Cookie: cookie,
          Origin: origin,
          "Sec-Fetch-Site": "same-site",
          "X-CSRF-Token": csrf,
        },
      },
    );
  expect((await send("https://app.naru.test", { CORS_ORIGINS: "*" })).status).toBe(403);
  expect((await send("https://other.naru.test", {})).status).toBe(403);
  expect((await send("https://app.naru.test", {})).status).toBe(200);
});

test("another site can sign nobody in to an account of its own by cookie", async () => {
  const { email } = await signUp();
  const headers = { Origin: EVIL, "Sec-Fetch-Site": "cross-site" };
  const response = await login(email, { query: "?cookie=1", headers });
  expect(response.headers.getSetCookie()).toEqual([]);
  expect(await codeOf(response)).toBe("403 CSRF_REJECTED");
});

test("two cookies of the name are none", async () => {
  const [mine, other] = [await browser(), await browser()];
  const both = { cookie: `${mine.cookie}; ${other.cookie}` };
  const response = await refresh(both, { ...OWN, "X-CSRF-Token": mine.csrf });
  expect(await codeOf(response)).toBe("401 AUTHENTICATION_REQUIRED");
});

test("a made-up cookie is refused as a made-up token", async () => {
  const response = await refresh({ cookie: "__Host-refresh=nrr_x" }, OWN);
  expect(await codeOf(response)).toBe("401 INVALID_REFRESH_TOKEN");
});

test("a token in the body needs no cookie and takes none", async () => {
  const tokens = await signIn(await signUp());
  const { cookie } = await browser();
  const response = await api("/api/v1/auth/refresh", {
    json: { refresh_token: tokens.refresh_token },
    headers: { Cookie: cookie, "User-Agent": "test" },
  });
  expect(response.headers.getSetCookie()).toEqual([]);
  expect(await response.json()).toMatchObject({ session_id: tokens.session_id });
});

test.each(["GET", "POST"])("a cookie alone signs nobody out by %s", async (method) => {
  const { cookie, csrf, access } = await browser();
  const headers = { Cookie: cookie, ...OWN, "X-CSRF-Token": csrf };
  const response = await api("/api/v1/auth/logout", { method, headers });
  expect(await codeOf(response)).toBe("401 AUTHENTICATION_REQUIRED");
  expect(await standing(access)).toBe(GOOD);
});

test("signing out takes the cookies back", async () => {
  const { cookie, access } = await browser();
  const response = await api("/api/v1/auth/logout", {
    method: "POST",
    key: access,
    headers: { Cookie: cookie },
  });
  const taken = response.headers.getSetCookie();
  expect(taken).toHaveLength(2);
  for (const text of taken) expect(text).toMatch(/^__Host-\w+=; .*Max-Age=0$/);
});
