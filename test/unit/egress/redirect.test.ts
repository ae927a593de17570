import { describe, expect, test } from "vitest";
import { nextHop } from "#egress/core/redirect";
import type { Hop } from "#egress/core/redirect";

const HEADERS = {
  "user-agent": "Naru",
  accept: "text/html",
  authorization: "Bearer secret",
  cookie: "session=1",
  "x-api-key": "secret",
  "content-type": "application/json",
};
const hop = (changes: Partial<Hop> = {}): Hop => ({
  url: new URL("https://a.example.com/dir/page"),
  method: "GET",
  headers: HEADERS,
  hasBody: false,
  ...changes,
});
const follow = (from: Hop, status: number, location: string | null): Hop | null | string => {
  const next = nextHop(from, status, location);
  return next.ok ? next.value : next.error;
};

test.each([200, 204, 300, 304, 305, 404, 500])("%i is final", (status) => {
  expect(follow(hop(), status, "https://b.example.com/")).toBeNull();
});

test("a redirect without a Location is final", () => {
  expect(follow(hop(), 302, null)).toBeNull();
});

test("a Location that is no URL is refused", () => {
  expect(follow(hop(), 302, "http://[")).toBe("malformed");
});

test.each([
  ["next", "https://a.example.com/dir/next"],
  ["/top", "https://a.example.com/top"],
  ["?q=1", "https://a.example.com/dir/page?q=1"],
  ["//b.example.com/x", "https://b.example.com/x"],
  ["http://127.0.0.1/", "http://127.0.0.1/"],
])("Location %s leads to %s", (location, expected) => {
  expect((follow(hop(), 302, location) as Hop).url.href).toBe(expected);
});

describe("methods", () => {
  test.each([
    [301, "POST", "GET", false],
    [302, "POST", "GET", false],
    [303, "POST", "GET", false],
    [303, "PUT", "GET", false],
    [303, "HEAD", "HEAD", true],
    [301, "PUT", "PUT", true],
    [307, "POST", "POST", true],
    [308, "POST", "POST", true],
    [301, "GET", "GET", true],
  ])("%i after %s becomes %s, and the body stays: %s", (status, method, expected, keepsBody) => {
    const next = follow(hop({ method, hasBody: true }), status, "/next") as Hop;
    expect(next).toMatchObject({ method: expected, hasBody: keepsBody });
    expect("content-type" in next.headers).toBe(keepsBody);
  });
});

describe("credentials", () => {
  test("stay within the origin", () => {
    expect((follow(hop(), 302, "/next") as Hop).headers).toEqual(HEADERS);
  });

  test.each([
    "https://b.example.com/",
    "http://a.example.com/",
    "https://a.example.com:8443/",
    "https://example.com/",
  ])("do not follow to %s", (location) => {
    const next = follow(hop(), 302, location) as Hop;
    expect(Object.keys(next.headers).sort()).toEqual(["accept", "content-type", "user-agent"]);
  });

  test("nor does a body", () => {
    expect(follow(hop({ method: "POST", hasBody: true }), 307, "https://b.example.com/")).toBe(
      "body_to_other_origin",
    );
  });
});
