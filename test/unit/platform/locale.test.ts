import { expect, test } from "vitest";
import { chooseLocale } from "#platform/locale";

test.each([
  [null, "ko"],
  ["en-US,en;q=0.9", "en"],
  ["fr, ko-KR;q=0.5, en;q=0.4", "ko"],
  ["en;q=0, ko", "ko"],
  ["en;q=0.2, ko;q=0.1", "en"],
  ["*", "ko"],
  [";;;,,q=1", "ko"],
] as const)("Accept-Language %j is answered in %s", (header, locale) => {
  expect(chooseLocale(header, "ko")).toBe(locale);
});
