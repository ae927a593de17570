import { expect, test } from "vitest";
import { hasCredential, holdsCredential } from "#http/url-guard";

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

const OF_OURS = [
  "nr_dev_01h2xcejqtf2nbrexx3vqjhp41",
  "nrr_01h2xcejqtf2nbrexx3vqjhp41_1_secret",
  "nrc_785z3e5kqhd3ypcwveytwz9h38awqxf8_agpxr5qr1s8v",
  "4.785z3e5kqhd3ypcwveytwz9h38awqxf8.agpxr5qr1s8v",
  "naru.ticket.4.785z3e5kqhd3ypcwveytwz9h38awqxf8.agpxr5qr1s8v",
];

test.each(OF_OURS)("%s is found in a query and in the path to an upstream", (credential) => {
  expect(hasCredential(`page=${credential}`, false)).toBe(true);
  expect(hasCredential(`code=${credential}`)).toBe(true);
  for (const target of [`/api/v1/gw/svc/a/${credential}`, `/api/v1/gw/svc/${credential}/b?x=1`])
    expect(holdsCredential(target)).toBe(true);
});

test.each([
  "/api/v1/gw/svc/nr_1",
  "/api/v1/gw/svc/nrw_station",
  "/api/v1/gw/svc/1.2.3/4.5",
  "/api/v1/gw/svc/release-4.785z3e5k.agpx",
  "/api/v1/gw/svc/x?code=eyJhbGciOiJub25l.eyJzdWIi.abc",
  "/api/v1/modes",
])("%s holds none", (target) => {
  expect(holdsCredential(target)).toBe(false);
});
