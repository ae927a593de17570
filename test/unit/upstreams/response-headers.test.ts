import { describe, expect, test } from "vitest";
import type { HeaderPair } from "#upstreams/core/hop-by-hop";
import { confineCookie, ownLocation, responseHeaders } from "#upstreams/core/response-headers";

const PLACE = {
  prefix: "/api/v1/gw/svc",
  targets: ["http://10.0.0.1:8080/base", "http://10.0.0.2:8080/base"],
  calledUrl: "http://10.0.0.1:8080/base/a/b?c",
};

const told = (headers: readonly HeaderPair[]): HeaderPair[] => responseHeaders(headers, PLACE);

describe("is not told:", () => {
  test.each([
    "connection",
    "keep-alive",
    "transfer-encoding",
    "upgrade",
    "proxy-authenticate",
    "content-length",
    "ratelimit",
    "ratelimit-policy",
    "x-ratelimit-limit",
    "server-timing",
    "x-request-id",
    "strict-transport-security",
    "clear-site-data",
    "alt-svc",
    "service-worker-allowed",
    "report-to",
    "nel",
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "cf-ray",
  ])("%s of an upstream", (name) => {
    expect(told([[name, "theirs"]])).toEqual([["via", "1.1 naru"]]);
  });
});

test("what an upstream says of its own content is told", () => {
  const own: HeaderPair[] = [
    ["content-type", "text/html"],
    ["content-encoding", "br"],
    ["content-security-policy", "default-src 'self'"],
    ["cache-control", "public, max-age=60"],
    ["etag", 'W/"1"'],
    ["www-authenticate", "Basic"],
    ["retry-after", "3"],
    ["vary", "Accept"],
    ["vary", "Cookie"],
    ["via", "1.1 theirs"],
  ];
  expect(told(own).slice(0, own.length)).toEqual(own);
  expect(told(own)[own.length]).toEqual(["via", "1.1 naru"]);
});

test.each([
  ["cache-control", "public, max-age=60", true],
  ["cache-control", "max-age=60", true],
  ["cache-control", "S-MaxAge=60", true],
  ["expires", "Fri, 20 Nov 2026 12:00:00 GMT", true],
  ["cache-control", "private, max-age=60", false],
  ["cache-control", "no-store", false],
  ["etag", '"1"', false],
])("to caches further on, %s: %s varies by the credential: %s", (name, value, expected) => {
  const varies = told([[name, value]]).some(([header]) => header === "vary");
  expect(varies).toBe(expected);
});

test.each([
  ["a=1", ["a=1; Path=/api/v1/gw/svc/"]],
  ["a=1; Path=/; HttpOnly; Secure", ["a=1; HttpOnly; Secure; Path=/api/v1/gw/svc/"]],
  ["a=1; path=/base/shop; domain=.example", ["a=1; Path=/api/v1/gw/svc/shop"]],
  ["a=1; Path=/base", ["a=1; Path=/api/v1/gw/svc/"]],
  // Beside what the upstream is open under: below its own place all the same.
  ["a=1; Path=/other; DOMAIN", ["a=1; Path=/api/v1/gw/svc/"]],
  ["a=1; Path=/; Path=/base/last", ["a=1; Path=/api/v1/gw/svc/last"]],
  ["a=1; Path=relative", ["a=1; Path=/api/v1/gw/svc/"]],
  ["a=1; SameSite=None; Max-Age=5", ["a=1; SameSite=None; Max-Age=5; Path=/api/v1/gw/svc/"]],
  ["__Host-refresh=x; Path=/; Secure", []],
  [" __HOST-x=1", []],
  ["=__Host-refresh=x", []],
  ["nameless", ["nameless; Path=/api/v1/gw/svc/"]],
  ["__Secure-a=1; Secure", ["__Secure-a=1; Secure; Path=/api/v1/gw/svc/"]],
])("the cookie %j becomes %j", (cookie, expected) => {
  expect(confineCookie(cookie, PLACE)).toEqual(expected);
});

test.each([
  ["http://10.0.0.1:8080/base/x?y=1#z", "/api/v1/gw/svc/x?y=1#z"],
  ["http://10.0.0.2:8080/base/x", "/api/v1/gw/svc/x"],
  ["http://10.0.0.1:8080/base", "/api/v1/gw/svc/"],
  ["/base/x", "/api/v1/gw/svc/x"],
  ["//10.0.0.1:8080/base/x", "/api/v1/gw/svc/x"],
  // What is beside the base cannot be reached through the gateway.
  ["/other", "/other"],
  ["http://10.0.0.1:8080/basement", "http://10.0.0.1:8080/basement"],
  ["http://10.0.0.1:9090/base/x", "http://10.0.0.1:9090/base/x"],
  ["https://elsewhere.example/", "https://elsewhere.example/"],
  // Relative to the path: right on both sides.
  ["../x", "../x"],
  ["?page=2", "?page=2"],
  ["", ""],
  ["http://[", "http://["],
])("Location %j becomes %j", (location, expected) => {
  expect(ownLocation(location, PLACE)).toBe(expected);
});
