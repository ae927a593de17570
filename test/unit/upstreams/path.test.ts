import { array, assert, constantFrom, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { readTarget, urlAt } from "#upstreams/core/path";

const at = (target: string): ReturnType<typeof readTarget> =>
  readTarget(`http://naru.test${target}`);
const below = (path: string): string => {
  const read = at(`/api/v1/gw/svc${path}`);
  return read.ok ? "passed" : read.error;
};

test.each([
  ["/api/v1/gw/svc", { name: "svc", path: "/", query: "" }],
  ["/api/v1/gw/svc/", { name: "svc", path: "/", query: "" }],
  ["/api/v1/gw/svc?a=1", { name: "svc", path: "/", query: "?a=1" }],
  ["/api/v1/gw/svc/a/b/", { name: "svc", path: "/a/b/", query: "" }],
  ["/api/v1/gw/svc/a?", { name: "svc", path: "/a", query: "?" }],
  // A query is the upstream's own: nothing in it leads anywhere.
  [
    "/api/v1/gw/svc/a?x=../..&y=%2f//\\?z",
    { name: "svc", path: "/a", query: "?x=../..&y=%2f//\\?z" },
  ],
  [
    "/api/v1/gw/svc/%C3%A9%20;v=1,2/@:!$&'()*+=~",
    { name: "svc", path: "/%C3%A9%20;v=1,2/@:!$&'()*+=~", query: "" },
  ],
  // Encoded twice, and a percent sign both times.
  ["/api/v1/gw/svc/100%25/100%2525", { name: "svc", path: "/100%25/100%2525", query: "" }],
  ["/api/v1/gw/svc/...", { name: "svc", path: "/...", query: "" }],
  ["/api/v1/gw/svc/.well-known/x..y", { name: "svc", path: "/.well-known/x..y", query: "" }],
])("%s is read as it is written", (target, expected) => {
  expect(at(target)).toEqual({ ok: true, value: expected });
});

test.each(["/api/v1/%67w/svc/a", "/api/v1/gW/svc/a", "//api/v1/gw/svc/a", "/api/v1/tasks", "/"])(
  "%s is no call to an upstream",
  (target) => {
    expect(at(target)).toEqual({ ok: false, error: "not_gateway" });
  },
);

describe("a path is refused", () => {
  test.each([
    ["/..", "dot_segment"],
    ["/../", "dot_segment"],
    ["/.", "dot_segment"],
    ["/a/./b", "dot_segment"],
    ["/a/../../tasks", "dot_segment"],
    ["/%2e%2e/b", "dot_segment"],
    ["/%2E./b", "dot_segment"],
    ["/.%2e", "dot_segment"],
    ["/%2e", "dot_segment"],
    ["/%252e%252e/b", "dot_segment"],
    ["/%25252e%25252e/b", "dot_segment"],
    ["/%2525252525252e/b", "malformed"],
    ["/..;/b", "dot_segment"],
    ["/.;x=1/b", "dot_segment"],
    ["/%2e%2e%3bx/b", "dot_segment"],
    ["/a%2fb", "hidden_slash"],
    ["/a%2Fb", "hidden_slash"],
    ["/a%252fb", "hidden_slash"],
    ["/a%5cb", "hidden_slash"],
    ["/a%255cb", "hidden_slash"],
    ["/a\\b", "hidden_slash"],
    ["/..\\b", "hidden_slash"],
    ["//a", "empty_segment"],
    ["/a//b", "empty_segment"],
    ["/a//", "empty_segment"],
    ["/a%00b", "control_character"],
    ["/a%0d%0ab", "control_character"],
    ["/a%7fb", "control_character"],
    ["/a%2500b", "control_character"],
    ["/a%c2%85b", "control_character"],
    ["/a\u0001b", "control_character"],
    ["/a\tb", "control_character"],
    ["/a%", "malformed"],
    ["/a%2", "malformed"],
    ["/a%zz", "malformed"],
    ["/a%c0%ae", "malformed"],
    ["/a%c0%af", "malformed"],
    ["/a%e0%80%af", "malformed"],
    ["/a%ff", "malformed"],
    ["/a b", "malformed"],
    ["/é", "malformed"],
  ])("%j: %s", (path, refusal) => {
    expect(below(path)).toBe(refusal);
  });

  test("for the same in place of the upstream's name", () => {
    for (const target of [
      "/api/v1/gw/../x",
      "/api/v1/gw/%2e%2e/x",
      "/api/v1/gw/a%2fb/x",
      "/api/v1/gw/a\\b/x",
    ])
      expect([target, at(target).ok]).toEqual([target, false]);
  });
});

const PIECES = [
  "a",
  ".",
  "..",
  "/",
  "%2e",
  "%2E",
  "%252e",
  "%2f",
  "%5c",
  "\\",
  "%00",
  ";",
  "%25",
  "é",
  "%c3%a9",
  " ",
  "@",
];

test("no path that passes leads anywhere else, however often it is decoded", () => {
  assert(
    property(array(constantFrom(...PIECES), { maxLength: 12 }), (pieces) => {
      const read = at(`/api/v1/gw/svc/${pieces.join("")}`);
      if (!read.ok) return;
      const url = urlAt("http://10.0.0.1:8080/base", read.value);
      expect(url).toBe(`http://10.0.0.1:8080/base${read.value.path}`);
      let path = read.value.path;
      for (let layer = 0; layer < 6; layer++) {
        const parsed = new URL(`http://10.0.0.1:8080/base${path}`);
        expect(parsed.origin).toBe("http://10.0.0.1:8080");
        expect(parsed.pathname.startsWith("/base/")).toBe(true);
        expect(path.split("/").length).toBe(read.value.path.split("/").length);
        path = path.replaceAll(/%(?![\da-f]{2})/gi, "%25");
        path = decodeURIComponent(path);
      }
    }),
  );
});

test.each([
  ["http://h:1", "/a?b", "http://h:1/a?b"],
  ["http://h:1/base", "/a", "http://h:1/base/a"],
  ["http://h:1/base", "/", "http://h:1/base/"],
  ["http://h:1/base", "/a%20b/{x}", "http://h:1/base/a%20b/{x}"],
  ["http://h:1/base", "/../x", null],
  ["http://h:1/base", "/%2e%2e/x", null],
  ["http://h:1", "@evil/x", null],
  ["http://h:1/base", "\\x", null],
])("below %s, %s is %s", (base, written, expected) => {
  const [path = "", query] = written.split("?");
  expect(urlAt(base, { path, query: query === undefined ? "" : `?${query}` })).toBe(expected);
});
