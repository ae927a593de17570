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

test.each([
  ["en", "It leads to a private, loopback, link-local or reserved address. Only public"],
  ["ko", "사설, 루프백, 링크 로컬 또는 예약 주소로 연결됩니다. 공개된"],
] as const)(
  "in %s a refused address is named, and why it is refused is a sentence",
  (locale, why) => {
    const params = { reason: "private_address", url: "http://[::1]/" };
    const { error, detail } = errorText("URL_NOT_ALLOWED", locale, params);
    expect(error).toContain(": http://[::1]/.");
    expect(detail?.startsWith(why)).toBe(true);
  },
);

test.each(LOCALES)(
  "in %s what a scrape refuses for its content names what its script reads",
  (locale) => {
    const params = { content_type: "text/xml", accepts: "text/html, text/plain" };
    const { error, detail } = errorText("UNSUPPORTED_CONTENT", locale, params);
    expect(error).toContain("text/xml");
    expect(detail).toContain("text/html, text/plain");
    expect(errorText("UNSUPPORTED_CONTENT", locale, { content_encoding: "zstd" }).error).toContain(
      "Content-Encoding zstd",
    );
  },
);

test.each(LOCALES)(
  "in %s no text of a task's own failure speaks of a header that it has not",
  (locale) => {
    const { detail } = errorText("HOST_DOWN", locale, { host: "a.test", retry_after: 5 });
    expect(detail).toMatch(/5/);
    expect(detail).not.toContain("Retry-After");
  },
);

test("a parameter's own braces and brackets stay as they are", () => {
  const { error } = errorText("INVALID_SELECTOR", "en", { selector: "a[href] {selector}" });
  expect(error).toBe("A CSS selector is not valid: a[href] {selector}.");
});
