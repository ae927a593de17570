import { expect, test } from "vitest";
import { boundsFault, readableText, unreadableCharacters } from "#code/core/bounds";

const indented = (levels: number, by = "  "): string =>
  Array.from({ length: levels + 1 }, (_, level) => `${by.repeat(level)}if x:`).join("\n");

test.each([
  ["the most brackets", `${"(".repeat(200)}${")".repeat(200)}`, null],
  ["one bracket more", "(".repeat(201), "too_many_brackets"],
  ["20,000 brackets", "[".repeat(20_000), "too_many_brackets"],
  ["brackets of all kinds", "([{".repeat(67), "too_many_brackets"],
  ["many brackets one after the other", "()".repeat(20_000), null],
  ["more closed than opened", `${")".repeat(300)}${"(".repeat(200)}`, null],
  ["the most levels", indented(100), null],
  ["one level more", indented(101), "too_many_indents"],
  ["levels of tabs", indented(101, "\t"), "too_many_indents"],
  ["levels that end again", Array.from({ length: 300 }, () => indented(3)).join("\n"), null],
  ["blank lines deep to the right", `x\n${" \n".repeat(300)}${" ".repeat(300)}\ny`, null],
  ["the longest", "x".repeat(100_000), null],
  ["one character more", "x".repeat(100_001), "too_long"],
  ["a line of a megabyte", "x = 1; ".repeat(150_000), "too_long"],
])("%s: %#", (_name, code, fault) => {
  expect(boundsFault(code)).toBe(fault);
});

test("a NUL and each half of a surrogate pair are told where they stand, a whole pair is not", () => {
  const code = "a\0\r\n😀\ud800b\n\udc00";
  expect(
    unreadableCharacters(code).map(({ line, column, message }) => [line, column, message]),
  ).toEqual([
    [1, 2, "A NUL character cannot stand in source code"],
    [2, 3, "Half of a surrogate pair cannot be written in UTF-8"],
    [3, 1, "Half of a surrogate pair cannot be written in UTF-8"],
  ]);
  expect(readableText(code)).toBe("a\ufffd\r\n😀\ufffdb\n\ufffd");
});

test("a text of NULs does not earn an issue for each", () => {
  expect(unreadableCharacters("\0".repeat(100_000))).toHaveLength(20);
});
