import { describe, expect, test } from "vitest";
import { DEFAULT_MODE, MODE_IDS, MODES, promptOf } from "#chat/core/modes";
import { LOST_AFTER_MS, stateOf } from "#chat/core/settling";
import { titleOf } from "#chat/core/title";

describe("a title", () => {
  test.each([
    ["a short message as it is", "대한민국의 수도는?", "대한민국의 수도는?"],
    ["the first line that says something", "\n \n# Sort a list\nin Python", "Sort a list"],
    ["without marks of Markdown", "> - `list.sort` or sorted?", "list.sort` or sorted?"],
    ["on one line", "a\t b", "a b"],
    ["of marks alone, where there is nothing else", "###", "###"],
  ])("is %s", (_what, message, title) => {
    expect(titleOf(message)).toBe(title);
  });

  test("is cut at a word, and says that it is", () => {
    const title = titleOf(`How do I ${"very ".repeat(30)}long`);
    expect(title).toMatch(/^How do I( very)+…$/);
    expect(title.length).toBeLessThanOrEqual(60);
  });

  test("is cut between what a reader sees as characters", () => {
    const family = "👨‍👩‍👧";
    const title = titleOf(family.repeat(100));
    expect(title).toBe(`${family.repeat(59)}…`);
    expect(titleOf("가".normalize("NFD").repeat(100))).toBe(`${"가".normalize("NFD").repeat(59)}…`);
  });

  test("is text, whatever the message is", () => {
    expect(titleOf("\ud800 broken").isWellFormed()).toBe(true);
  });
});

describe("modes", () => {
  test("those that the contract names are there, and the default is one of them", () => {
    for (const id of ["assistant", "coder", "translator", "summarizer", "tutor"])
      expect(MODE_IDS).toContain(id);
    expect(MODE_IDS).toContain(DEFAULT_MODE);
    expect(new Set(MODE_IDS).size).toBe(MODES.length);
  });

  test.each(MODES)("$id speaks Korean and English", ({ title, description, prompt }) => {
    for (const text of [title, description, prompt]) {
      expect(text.ko).toMatch(/[가-힣]/);
      expect(text.en).not.toMatch(/[가-힣]/);
    }
  });

  test("a mode that is not known any more is the default one", () => {
    expect(promptOf("pirate", "en")).toBe(promptOf(DEFAULT_MODE, "en"));
  });
});

test("an answer that is pending for longer than any run lasts has failed", () => {
  const pending = { status: "pending", errorCode: null } as const;
  expect(stateOf(pending, 0, LOST_AFTER_MS - 1)).toEqual(pending);
  expect(stateOf(pending, 0, LOST_AFTER_MS)).toEqual({
    status: "failed",
    errorCode: "STREAM_INTERRUPTED",
  });
  const complete = { status: "complete", errorCode: null } as const;
  expect(stateOf(complete, 0, LOST_AFTER_MS * 2)).toEqual(complete);
});
