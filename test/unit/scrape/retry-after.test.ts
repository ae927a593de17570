import { expect, test } from "vitest";
import { retryAfterMs } from "#scrape/retry-after";

const NOW = Date.parse("2026-11-21T00:00:00Z");

test.each([
  ["0", 0],
  ["120", 120_000],
  [" 5 ", 5_000],
  ["Sat, 21 Nov 2026 00:01:00 GMT", 60_000],
  ["Saturday, 21-Nov-26 00:01:00 GMT", 60_000],
  ["Fri, 20 Nov 2026 00:00:00 GMT", 0],
  ["-5", undefined],
  ["1.5", undefined],
  ["soon", undefined],
  ["2027", 2_027_000],
  ["", undefined],
  [null, undefined],
])("Retry-After %s is %s", (value, expected) => {
  expect(retryAfterMs(value, NOW)).toBe(expected);
});
