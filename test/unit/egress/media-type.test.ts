import { expect, test } from "vitest";
import { acceptsType, essenceOf } from "#egress/core/media-type";

test.each([
  ["text/html; charset=EUC-KR", "text/html"],
  [" TEXT/HTML ", "text/html"],
  ["application/xhtml+xml", "application/xhtml+xml"],
  ["html", null],
  ["", null],
  [null, null],
])("the essence of %s is %s", (header, expected) => {
  expect(essenceOf(header)).toBe(expected);
});

test.each([
  [["text/html"], "text/html; charset=utf-8", true],
  [["text/html"], "text/plain", false],
  [["text/*"], "text/csv", true],
  [["*+xml"], "application/rss+xml", true],
  [["*+xml"], "text/xml", false],
  [["*/*"], "image/png", true],
  [["text/html"], "text/htmlx", false],
  [["text/html"], null, true],
])("%j accepts %s: %s", (list, header, expected) => {
  expect(acceptsType(list, header)).toBe(expected);
});
