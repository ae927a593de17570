import { expect, test } from "vitest";
import { MAX_SHOWN_ISSUES, presentIssues } from "#code/core/issue";
import type { Issue } from "#code/core/issue";

const issue = (line: number, overrides: Partial<Issue> = {}): Issue => ({
  line,
  column: 1,
  end_line: line,
  end_column: 2,
  severity: "info",
  rule: "X1",
  message: "m",
  fix: null,
  ...overrides,
});

test("issues come in the order of the code", () => {
  const shown = presentIssues([issue(3), issue(1, { column: 9 }), issue(1, { rule: "A1" })]);
  expect(shown.map(({ line, column, rule }) => [line, column, rule])).toEqual([
    [1, 1, "A1"],
    [1, 9, "X1"],
    [3, 1, "X1"],
  ]);
});

test("where there are too many, the gravest are kept", () => {
  const many = Array.from({ length: MAX_SHOWN_ISSUES * 2 }, (_, index) => issue(index + 1));
  const shown = presentIssues([...many, issue(5000, { severity: "error" })]);
  expect(shown).toHaveLength(MAX_SHOWN_ISSUES);
  expect(shown.at(-1)).toMatchObject({ line: 5000, severity: "error" });
});

test("a message that quotes the code is clipped, and never in the middle of a character", () => {
  const [shown] = presentIssues([issue(1, { message: `${"a".repeat(498)}😀${"b".repeat(99)}` })]);
  expect(shown?.message.length).toBeLessThanOrEqual(500);
  expect(shown?.message.isWellFormed()).toBe(true);
});

test("fixes that repeat the code for each issue are left out once they are too much", () => {
  const edit = { line: 1, column: 1, end_line: 1, end_column: 1, text: "x".repeat(90_000) };
  const shown = presentIssues(
    [1, 2, 3].map((line) => issue(line, { fix: { message: null, edits: [edit] } })),
  );
  expect(shown.map(({ fix }) => fix !== null)).toEqual([true, true, false]);
});
