import { expect, test } from "vitest";
import { siteOf } from "#scrape/core/site";

test.each([
  ["https://www.example.com/a", "example.com"],
  ["http://shop.example.com:8080/", "example.com"],
  ["https://example.com./", "example.com"],
  ["https://news.example.co.kr/", "example.co.kr"],
  ["https://한국.한국/", "xn--3e0b707e.xn--3e0b707e"],
  ["https://alice.github.io/", "alice.github.io"],
  ["https://bob.github.io/", "bob.github.io"],
  ["http://93.184.216.34/", "93.184.216.34:80"],
  ["https://93.184.216.34/", "93.184.216.34:443"],
  ["http://[2606:4700::1111]:8080/", "[2606:4700::1111]:8080"],
  ["http://localhost:8787/x", "localhost:8787"],
  ["http://wiki/", "wiki:80"],
  ["http://github.io/", "github.io:80"],
])("%s belongs to %s", (url, expected) => {
  expect(siteOf(new URL(url))).toBe(expected);
});
