import { expect, test } from "vitest";
import { MAX_STORED_CHARS, storableText } from "#history/core/storable";

test.each([
  ["an ordinary text", "한국어 and English 👍\n", "한국어 and English 👍\n"],
  ["a NUL", "a\u0000b", "a\ufffdb"],
  ["half a surrogate pair", "a\ud83d", "a\ufffd"],
])("%s is kept as text", (_what, text, kept) => {
  expect(storableText(text)).toBe(kept);
});

test("a text at the bound is kept whole; of a longer one the beginning, which says that there was more", () => {
  const whole = "가".repeat(MAX_STORED_CHARS);
  expect(storableText(whole)).toBe(whole);
  const kept = storableText(`${whole}!`);
  expect(kept).toBe(`${"가".repeat(MAX_STORED_CHARS - 1)}…`);
  // D1 takes rows of 2 MB.
  expect(new TextEncoder().encode(kept).byteLength).toBeLessThan(2_000_000);
});

test("a text is never cut through a character", () => {
  expect(storableText("👍".repeat(MAX_STORED_CHARS)).isWellFormed()).toBe(true);
});
