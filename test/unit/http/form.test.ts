import { expect, test } from "vitest";
import { MAX_FIELDS, parseForm } from "#http/form";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test.each([
  ["", {}],
  ["a=1&b=2", { a: "1", b: "2" }],
  ["a", { a: "" }],
  ["a=", { a: "" }],
  ["&&a=1&", { a: "1" }],
  ["a=b=c", { a: "b=c" }],
  ["a=x+y%20z%2B", { a: "x y z+" }],
  ["%EA%B0%80=%ea%b0%81", { 가: "각" }],
  ["a=1&b=2&a=3", { a: ["1", "3"], b: "2" }],
])("%j is %j", (text, value) => {
  expect(parseForm(bytes(text))).toEqual({ ok: true, value });
});

test.each([
  ["a=%", "MALFORMED_FORM"],
  ["a=%4", "MALFORMED_FORM"],
  ["a=%zz", "MALFORMED_FORM"],
  ["%ff=1", "MALFORMED_FORM"],
  ["__proto__=1", "FORBIDDEN_KEY"],
  ["%5f_proto__=1", "FORBIDDEN_KEY"],
  ["a=1&constructor=2", "FORBIDDEN_KEY"],
  ["a=1&".repeat(MAX_FIELDS + 1), "MALFORMED_FORM"],
])("%j is refused", (text, error) => {
  expect(parseForm(bytes(text))).toEqual({ ok: false, error });
});

test("bytes that are no UTF-8 are refused", () => {
  expect(parseForm(new Uint8Array([0x61, 0x3d, 0xff]))).toEqual({
    ok: false,
    error: "INVALID_UTF8",
  });
});

test("as many fields as are allowed are taken", () => {
  const text = Array.from({ length: MAX_FIELDS }, (_, i) => `f${i}=1`).join("&");
  expect(parseForm(bytes(text))).toMatchObject({ ok: true });
});
