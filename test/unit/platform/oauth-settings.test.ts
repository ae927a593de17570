import { describe, expect, test } from "vitest";
import { readConfig } from "#platform/config";
import type { ConfigIssue } from "#platform/config";
import { readOAuthProviders, readPublicUrl } from "#platform/oauth-settings";

const OIDC = {
  id: "corp",
  kind: "oidc",
  issuer: "https://id.example.com/realms/naru",
  client_id: "us",
  client_secret: "hush-hush",
};
const GITHUB = { id: "github", kind: "github", client_id: "us", client_secret: "hush-hush" };

const read = (value: unknown, environment: "development" | "production" = "production") => {
  const issues: ConfigIssue[] = [];
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return { providers: readOAuthProviders(text, environment, issues), issues };
};

test("no setting is no provider", () => {
  expect(read("")).toEqual({ providers: [], issues: [] });
  expect(read([])).toEqual({ providers: [], issues: [] });
});

test("an OpenID Connect provider needs no more than its issuer and what it calls us", () => {
  const { providers, issues } = read([{ ...OIDC, name: "Corp", scopes: "email" }]);
  expect(issues).toEqual([]);
  expect(providers).toMatchObject([
    { id: "corp", name: "Corp", issuer: OIDC.issuer, scopes: ["openid", "email"], endpoints: null },
  ]);
});

test("GitHub has its endpoints by itself, and an enterprise server has its own", () => {
  const own = {
    authorization_endpoint: "https://git.example.com/login/oauth/authorize",
    token_endpoint: "https://git.example.com/login/oauth/access_token",
    userinfo_endpoint: "https://git.example.com/api/v3/user",
  };
  const { providers } = read([GITHUB, { ...GITHUB, id: "ghe", ...own }]);
  expect(providers).toMatchObject([
    { issuer: "https://github.com", endpoints: { userinfo: "https://api.github.com/user" } },
    { issuer: "https://git.example.com", endpoints: { token: own.token_endpoint } },
  ]);
});

describe("one fault, and none is served:", () => {
  test.each([
    ["no JSON", "{", "is not JSON"],
    ["no list", OIDC, "see []"],
    ["an unknown kind", [{ ...OIDC, kind: "saml" }], "see [0.kind]"],
    ["an unknown member", [{ ...OIDC, clientid: "x" }], "see [0]"],
    ["no issuer", [{ ...OIDC, issuer: undefined }], "see [0.issuer]"],
    ["an issuer that is no URL", [GITHUB, { ...OIDC, issuer: "corp" }], "see [1.issuer]"],
    ["an issuer with a query", [{ ...OIDC, issuer: "https://id.example.com/?a=1" }], "[0.issuer]"],
    ["an id that is no path", [{ ...OIDC, id: "a/b" }], "see [0.id]"],
    ["an empty secret", [{ ...OIDC, client_secret: "" }], "see [0.client_secret]"],
    ["a scope with a quote", [{ ...OIDC, scopes: ['"'] }], "scopes"],
    ["one id twice", [OIDC, { ...GITHUB, id: "corp" }], "two providers of one id"],
    ["an issuer without https", [{ ...OIDC, issuer: "http://id.example.com" }], "without https"],
    [
      "an endpoint without https",
      [{ ...GITHUB, token_endpoint: "http://x.example" }],
      "without https",
    ],
  ])("%s", (_what, value, message) => {
    const { providers, issues } = read(value);
    expect(providers).toEqual([]);
    expect(issues).toMatchObject([{ severity: "error", setting: "OAUTH_PROVIDERS" }]);
    expect(issues[0]?.message).toContain(message);
    expect(JSON.stringify(issues)).not.toMatch(/hush|example\.com|saml/);
  });
});

test("an issuer without https is for development", () => {
  const { providers } = read([{ ...OIDC, issuer: "http://127.0.0.1:9000" }], "development");
  expect(providers).toMatchObject([{ issuer: "http://127.0.0.1:9000" }]);
});

describe("the public URL", () => {
  const readUrl = (
    text: string,
    environment: "development" | "production",
    isNeeded = true,
  ): [string, number] => {
    const issues: ConfigIssue[] = [];
    return [readPublicUrl(text, environment, isNeeded, issues), issues.length];
  };

  test.each([
    ["", "development", ["http://localhost:8787", 0]],
    ["", "production", ["", 1]],
    ["https://naru.example.com", "production", ["https://naru.example.com", 0]],
    ["https://naru.example.com/", "production", ["https://naru.example.com", 0]],
    ["http://naru.example.com", "production", ["", 1]],
    ["http://localhost:9000", "development", ["http://localhost:9000", 0]],
    ["https://naru.example.com/api", "production", ["", 1]],
    ["https://me@naru.example.com", "production", ["", 1]],
    ["javascript:alert(1)", "development", ["http://localhost:8787", 1]],
    ["naru", "development", ["http://localhost:8787", 1]],
  ] as const)("%j in %s is %j", (text, environment, expected) => {
    expect(readUrl(text, environment)).toEqual(expected);
  });

  test("is missed only where somebody can sign in with a provider", () => {
    expect(readUrl("", "production", false)).toEqual(["", 0]);
  });
});

test("the settings of a deployment carry both", () => {
  const config = readConfig({
    ENVIRONMENT: "production",
    OAUTH_PROVIDERS: JSON.stringify([OIDC]),
    PUBLIC_URL: "https://naru.example.com",
  });
  expect([config.oauthProviders.map(({ id }) => id), config.publicUrl]).toEqual([
    ["corp"],
    "https://naru.example.com",
  ]);
});
