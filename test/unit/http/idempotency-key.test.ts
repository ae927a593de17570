import { expect, test } from "vitest";
import { parseIdempotencyKey } from "#http/idempotency-key";

test.each([
  [undefined, null],
  ["abc", "abc"],
  ['"abc"', "abc"],
  [" abc ", "abc"],
  ["8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"],
  ['"a\\"b\\\\c"', 'a"b\\c'],
  ["a,b", "a,b"],
  ["x".repeat(255), "x".repeat(255)],
] as const)("Idempotency-Key %j names the key %j", (header, key) => {
  expect(parseIdempotencyKey(header)).toEqual({ ok: true, value: key });
});

test.each([
  "",
  "   ",
  '""',
  "x".repeat(256),
  "two words",
  '"two words"',
  "first, second",
  '"open',
  '"a"b"',
  '"a";p=1',
  "열쇠",
  '"열쇠"',
  "tab\there",
  '"bad\\escape"',
  "\u007f",
])("Idempotency-Key %j is refused", (header) => {
  expect(parseIdempotencyKey(header)).toEqual({ ok: false, error: "malformed" });
});
