import { describe, expect, test } from "vitest";
import { ERRORS, errorText } from "#platform/errors";
import type { ErrorCode } from "#platform/errors";
import { LOCALES } from "#platform/locale";

const CODES = Object.keys(ERRORS) as ErrorCode[];

describe.each(LOCALES)("in %s", (locale) => {
  test.each(CODES)("%s says what happened and reads well with no parameter", (code) => {
    const text = errorText(code, locale);
    for (const part of [text.title, text.error, text.detail]) {
      expect(part).not.toMatch(/[[\]{}]|undefined|null|\s{2}|^\s|\s$|^$/);
      expect(part === null || /[가-힣]/.test(part)).toBe(locale === "ko" || part === null);
    }
    expect(text.error).toMatch(/\.$/);
    expect(text.error).not.toContain(code);
  });
});

test("no two codes share a title in a language, so that a person can tell them apart", () => {
  for (const locale of LOCALES)
    expect(new Set(CODES.map((code) => errorText(code, locale).title)).size).toBe(CODES.length);
});

test("a parameter is written where it is given, and its part is left out where it is not", () => {
  expect(errorText("TARGET_STATUS", "en", { status: 418 }).error).toBe(
    "The target answered with an error: HTTP 418.",
  );
  expect(errorText("TARGET_STATUS", "en").error).toBe("The target answered with an error.");
});

test("a parameter's own braces and brackets stay as they are", () => {
  const { error } = errorText("INVALID_SELECTOR", "en", { selector: "a[href] {selector}" });
  expect(error).toBe("A CSS selector is not valid: a[href] {selector}.");
});
