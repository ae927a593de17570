import { expect, test } from "vitest";
import { hasCredential } from "#http/url-guard";

const SIGNED = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1c3IifQ.c2lnbmF0dXJl";

test.each([
  ["a token by its name", "access_token=x"],
  ["a name in capitals", "Client_Secret=x"],
  ["a signed token under another name", `state=${SIGNED}`],
  ["a key of ours under another name", "q=nr_dev_01h2xcejqtf2nbrexx3vqjhp41"],
  ["a key of ours as an authorization code", "code=nr_dev_01h2xcejqtf2nbrexx3vqjhp41"],
])("%s is a credential", (_what, query) => {
  expect(hasCredential(query)).toBe(true);
});

test.each([
  ["what anybody may ask", "limit=20&cursor=eyJh"],
  ["a provider's authorization code", `code=${SIGNED}&state=x&iss=https://id.example`],
  ["nothing", ""],
])("%s is none", (_what, query) => {
  expect(hasCredential(query)).toBe(false);
});

test("names of parameters are an upstream's own affair, and credentials of ours are not", () => {
  expect(hasCredential("token=its-own&api_key=abc", false)).toBe(false);
  expect(hasCredential("token=its-own", true)).toBe(true);
  for (const value of ["nr_development_0123456789", "eyJhbGciOiJub25l.eyJzdWIi.abc"])
    expect(hasCredential(`page=${value}`, false)).toBe(true);
});
