import { expect, test } from "vitest";
import { ANALYSES, VALIDATIONS } from "#code/core/checks";
import { lintScript } from "#code/script-linter";

const rulesOf = (code: string, language: "javascript" | "typescript" = "javascript"): string[] =>
  lintScript(code, language, "all").map(({ rule }) => rule);

// In Node, where ESLint's own validators run: what stands in for them in the Worker accepts anything.
test.each([...VALIDATIONS, ...ANALYSES])(
  "the rules of %s have options that ESLint accepts",
  (check) => {
    for (const language of ["javascript", "typescript"] as const)
      expect(() => lintScript("export const a = 1;\n", language, check)).not.toThrow();
  },
);

test.each([
  ["eval", "eval(input);", "no-eval"],
  ["code from a text", "setTimeout('go()', 1);", "no-implied-eval"],
  ["a page written from data", "document.body.innerHTML = input;", "no-unsanitized/property"],
  [
    "a command made of data",
    "require('child_process').exec(input);",
    "security/detect-child-process",
  ],
  [
    "a regular expression that never ends",
    "export const r = /(a+)+$/;",
    "security/detect-unsafe-regex",
  ],
  ["text that reads backwards", "export const a = '\u202e';", "security/detect-bidi-characters"],
])("%s is a finding", (_name, code, rule) => {
  expect(rulesOf(code)).toContain(rule);
});

test("comments in the code neither switch rules off nor give them options", () => {
  expect(
    rulesOf("/* eslint-disable */\n/* eslint no-eval: 0 */\neval(x); // eslint-disable-line"),
  ).toContain("no-eval");
});

test("TypeScript's own constructs are no findings", () => {
  const code = `import type { Foo } from "./foo";
import { Bar } from "./bar";
export enum Color { Red, Green = 2 }
export abstract class A<T extends Foo> implements Bar<T> {
  #y = 1;
  constructor(readonly x: string) { this.#y += 1; }
  abstract foo(a: number): void;
  get y(): number { return this.#y; }
}
declare module "x" { export const a: number; }
export function over(a: string): void;
export function over(a: number): void;
export function over(a: unknown): void { console.log(a); }
export const map = <T,>(list: T[], fn: (item: T) => T): T[] => list.map(fn) satisfies T[];
export const view = <Bar a={1} />;
`;
  expect(lintScript(code, "typescript", "all")).toEqual([]);
});

test("several faults of syntax are told at once, each where it stands", () => {
  const issues = lintScript(
    "let a = 1;\nlet a = 2;\nreturn a;\nconst 한글 = 😀;\n",
    "javascript",
    "all",
  );
  expect(issues.length).toBeGreaterThan(0);
  expect(
    issues.every(({ rule, severity }) => rule === "invalid-syntax" && severity === "error"),
  ).toBe(true);
  expect(issues[0]).toMatchObject({ line: expect.any(Number), column: expect.any(Number) });
});

test("columns count UTF-16 units, and a fix says what to put where", () => {
  const [issue] = lintScript(
    "/* 😀 */ export function f() { let b = 1; return b; }",
    "javascript",
    "style",
  );
  expect(issue).toMatchObject({
    line: 1,
    column: 36,
    end_column: 37,
    rule: "prefer-const",
    severity: "info",
  });
  expect(issue?.fix?.edits).toEqual([
    { line: 1, column: 32, end_line: 1, end_column: 42, text: "const b = 1;" },
  ]);
});

test("code that nests without a bracket overflows as an error that can be told, and the next is as good as ever", () => {
  for (const code of [
    `x = ${"!".repeat(90_000)}1`,
    `x = ${"a?b:".repeat(20_000)}c`,
    `x = ${"a=>".repeat(30_000)}1`,
  ]) {
    expect(() => lintScript(code, "javascript", "all")).toThrow(RangeError);
    expect(rulesOf("eval(x)")).toContain("no-eval");
  }
});
