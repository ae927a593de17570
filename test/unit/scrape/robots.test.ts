import { describe, expect, test } from "vitest";
import { createRobotsReader, robotsRecord, robotsTtlSeconds } from "#scrape/core/robots";
import type { RobotsVerdict } from "#scrape/core/robots";

const ORIGIN = "https://site.example.com";
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const judge = (text: string, path: string): RobotsVerdict =>
  createRobotsReader(ORIGIN, { kind: "rules", text }, "Naru")(new URL(path, ORIGIN));

describe("what an answer for robots.txt means", () => {
  test.each([
    [200, "rules"],
    [204, "rules"],
    [301, "open"],
    [400, "open"],
    [401, "open"],
    [403, "open"],
    [404, "open"],
    [410, "open"],
    [429, "closed for now"],
    [500, "closed for now"],
    [503, "closed for now"],
  ])("%i: %s", (status, expected) => {
    expect(robotsRecord(status, bytes("x"))?.kind ?? "closed for now").toBe(expected);
  });
});

test.each([
  [null, 86_400],
  ["max-age=7200", 7_200],
  ["public, max-age=10", 3_600],
  ["max-age=9999999", 86_400],
  ["s-maxage=10, no-store", 86_400],
])("with Cache-Control %s the rules are kept for %i s", (header, expected) => {
  expect(robotsTtlSeconds(header)).toBe(expected);
});

describe("rules", () => {
  test.each([
    ["", "/a", true],
    ["User-agent: *\nDisallow:", "/a", true],
    ["User-agent: *\nDisallow: /", "/a", false],
    ["User-agent: *\nDisallow: /private", "/private/x", false],
    ["User-agent: *\nDisallow: /private", "/public", true],
    ["User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b", true],
    ["User-agent: *\nAllow: /a\nDisallow: /a", "/a", true],
    ["User-agent: *\nDisallow: /*.pdf$", "/x.pdf", false],
    ["User-agent: *\nDisallow: /*.pdf$", "/x.pdf?y", true],
    ["User-agent: *\nDisallow: /*?id=", "/x?id=1", false],
    // A group that names us wins over the one for everybody, either way.
    ["User-agent: naru\nDisallow: /\n\nUser-agent: *\nAllow: /", "/a", false],
    ["User-agent: *\nDisallow: /\n\nUser-agent: Naru\nAllow: /", "/a", true],
    ["User-agent: otherbot\nDisallow: /", "/a", true],
    ["User-agent: otherbot\nUser-agent: Naru\nDisallow: /x", "/x", false],
    ["USER-AGENT: NARU\r\nDISALLOW: /x\r\n", "/x", false],
    ["User-agent: * # all\nDisallow: /x # not this", "/x", false],
    ["User-agent: *\nDisallow: /%ED%95%9C", "/한국", false],
    // An octet that needs no encoding is the same with it, on either side (RFC 9309 section 2.2.2).
    ["User-agent: *\nDisallow: /private", "/%70rivate/x", false],
    ["User-agent: *\nDisallow: /private", "/%70%72%69vate?x", false],
    ["User-agent: *\nDisallow: /%70rivate", "/private", false],
    ["User-agent: *\nDisallow: /a~b_c-d.e", "/a%7eb%5Fc%2Dd%2ee", false],
    ["User-agent: *\nDisallow: /%ed%95%9c", "/%Ed%95%9C", false],
    ["User-agent: *\nDisallow: /a[b]|c", "/a[b]|c", false],
    ["User-agent: *\nDisallow: /100%25", "/100%25", false],
    // One that is reserved is another path.
    ["User-agent: *\nDisallow: /a/b", "/a%2Fb", true],
    ["User-agent: *\nDisallow: /a%2fb", "/a%2Fb", false],
    ["User-agent: *\nDisallow: /a%2Ab", "/axxb", true],
    ["User-agent: *\nDisallow: /%2570", "/p", true],
    ["<html><body>Not found</body></html>", "/a", true],
  ])("%j on %s: allowed %s", (text, path, expected) => {
    expect(judge(text, path).isAllowed).toBe(expected);
  });

  test("a byte order mark is no part of the first line", () => {
    const record = robotsRecord(200, bytes("\uFEFFUser-agent: *\nDisallow: /"));
    expect(record).toEqual({ kind: "rules", text: "User-agent: *\nDisallow: /" });
  });

  test.each([
    ["User-agent: *\nCrawl-delay: 2", 2_000],
    ["User-agent: *\nCrawl-delay: 0.5", 500],
    ["User-agent: *\nCrawl-delay: 9\n\nUser-agent: Naru\nCrawl-delay: 1", 1_000],
    ["User-agent: *\nCrawl-delay: -3", 0],
    ["User-agent: *\nCrawl-delay: soon", 0],
    ["User-agent: *\nDisallow:", 0],
  ])("%j asks for %i ms between requests", (text, expected) => {
    expect(judge(text, "/a").crawlDelayMs).toBe(expected);
  });

  test("no file, no rules", () => {
    const read = createRobotsReader(ORIGIN, { kind: "open" }, "Naru");
    expect(read(new URL("/a", ORIGIN))).toEqual({ isAllowed: true, crawlDelayMs: 0 });
  });
});
