import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { ANALYSES, VALIDATIONS } from "#code/core/checks";
import type { Check } from "#code/core/checks";
import type { CodeLanguage } from "#code/core/language";
import { codeToolsOf } from "#code/service";

const tools = codeToolsOf(env);
const check = (code: string, language: CodeLanguage = "python", type: Check = "all") =>
  tools.inspectCode({ code, language, check: type, isMeasured: true });

/** Rules and places of what is found; the reason where the code is refused. */
async function found(code: string, language?: CodeLanguage, type?: Check) {
  const verdict = await check(code, language, type);
  return verdict.ok
    ? verdict.issues.map(({ rule, line, column }) => `${rule} ${line}:${column}`)
    : verdict.reason;
}

test.each(VALIDATIONS)(
  "def f(: is refused with line and column when asked for %s",
  async (type) => {
    const verdict = await check("def f(:", "python", type);
    expect(verdict).toMatchObject({
      ok: true,
      errorCount: 2,
      issues: [
        {
          rule: "invalid-syntax",
          severity: "error",
          line: 1,
          column: 7,
          end_line: 1,
          end_column: 8,
        },
        { rule: "invalid-syntax" },
      ],
    });
  },
);

test.each([...VALIDATIONS, ...ANALYSES])("Ruff takes the rules of %s", async (type) => {
  expect(await found("VALUE = 1\n", "python", type)).toEqual([]);
});

test.each([
  ["a name that nobody gave", "print(nope)\n", "F821", "error"],
  ["an import for nothing", "import os\n", "F401", "warning"],
  ["code from a text", "eval(input())\n", "S307", "error"],
  [
    "a command of a shell",
    "import subprocess\n\nsubprocess.run(input(), shell=True)\n",
    "S602",
    "error",
  ],
  [
    "SQL made of text",
    'def f(c, n):\n    c.execute(f"SELECT * FROM t WHERE n = {n}")\n',
    "S608",
    "error",
  ],
  ["a line that is too long", `x = "${"a".repeat(100)}"\n`, "E501", "info"],
  ["a return outside of a function", "return 1\n", "F706", "error"],
])("Python: %s is a finding", async (_name, code, rule, severity) => {
  const verdict = await check(code);
  expect(verdict.ok && verdict.issues).toContainEqual(expect.objectContaining({ rule, severity }));
});

test.each([
  [
    "python",
    "def f(a):\n    for b in a:\n        while b:\n            if a and b:\n                pass\n            elif b:\n                pass\n            else:\n                pass\n    try:\n        pass\n    except KeyError:\n        pass\n    except ValueError:\n        pass\n    if a: pass\n    if b: pass\n    if a: pass\n    if b: pass\n    if a: pass\n",
    "C901",
  ],
  [
    "javascript",
    "export function f(a, b) {\n  for (const c of a) { while (c) { if (a && c) { a(); } else if (b) { b(); } } }\n  switch (a) { case 1: case 2: break; default: }\n  do { a?.b(); } while (a || b);\n  return a ? b ?? 1 : 2;\n}\n",
    "complexity",
  ],
] as const)(
  "branches of %s are counted as the linter counts them",
  async (language, code, rule) => {
    const verdict = await check(code, language, "complexity");
    const message = verdict.ok
      ? verdict.issues.find((issue) => issue.rule === rule)?.message
      : undefined;
    const [told] = /\d+/.exec(message ?? "") ?? [];
    expect(verdict.ok && verdict.metrics?.max_cyclomatic_complexity).toBe(Number(told));
  },
);

test("columns of Python count UTF-16 units, and a fix says what to put where", async () => {
  const verdict = await check('x = "😀한글"; import os\n', "python", "style");
  const unused = verdict.ok ? verdict.issues.find(({ rule }) => rule === "F401") : undefined;
  expect(unused).toMatchObject({
    line: 1,
    column: 20,
    end_column: 22,
    fix: { message: "Remove unused import: `os`", edits: [expect.objectContaining({ text: "" })] },
  });
});

describe("hostile code ends in a verdict, and the next call is as good as ever", () => {
  const nested = (open: string, close: string, n: number): string =>
    `x = ${open.repeat(n)}1${close.repeat(n)}\n`;
  const cases: [string, string, string][] = [
    ["20,000 brackets", nested("(", ")", 20_000), "too_many_brackets"],
    ["20,000 brackets that stay open", "[".repeat(20_000), "too_many_brackets"],
    ["a line of a megabyte", `x = "${"a".repeat(1_000_000)}"`, "too_long"],
    ["operators inside of each other", nested("not ", "", 20_000), "too_deep"],
    ["signs inside of each other", nested("-", "", 90_000), "too_deep"],
    ["sums inside of each other", nested("1+", "", 45_000), "too_deep"],
    ["lambdas inside of each other", nested("lambda:", "", 14_000), "too_deep"],
    [
      "levels of indentation",
      Array.from({ length: 200 }, (_, n) => `${" ".repeat(n)}if x:`).join("\n"),
      "too_many_indents",
    ],
  ];
  test.each(cases)("%s", async (_name, code, reason) => {
    expect(await check(code)).toEqual({ ok: false, reason });
    expect(await found("def f(:", "python", "syntax")).toEqual([
      "invalid-syntax 1:7",
      "invalid-syntax 1:8",
    ]);
  });

  test.each(["javascript", "typescript"] as const)("%s", async (language) => {
    for (const code of [nested("!", "", 50_000), nested("a=>", "", 30_000)]) {
      expect(await check(code, language)).toEqual({ ok: false, reason: "too_deep" });
      expect(await found("eval(input)", language, "security")).toContain("no-eval 1:1");
    }
  });

  // What an overflow leaves of an instance, and what a trap does to it: see ruff.test.ts.
  test("each call after an overflow is as good as one before it", async () => {
    const reasons: unknown[] = [];
    // Which depth is too much is for the engine to say: some of these are on either side of it.
    for (const terms of [2500, 3000, 3000, 3000, 3500, 4000, 3000, 3000, 3000, 3000, 20_000]) {
      const verdict = await check(nested("1+", "", terms));
      reasons.push(verdict.ok ? "read" : verdict.reason);
      expect(await found(`a_${terms} = nope\n`)).toEqual([`F821 1:${6 + String(terms).length}`]);
    }
    expect(reasons.at(-1)).toBe("too_deep");
    for (const type of [...VALIDATIONS, ...ANALYSES])
      expect(await found("def f(:", "python", type)).toHaveLength(2);
  });

  test.each(["python", "javascript", "typescript"] as const)(
    "NULs, halves of surrogate pairs and junk in %s",
    async (language) => {
      expect(await found("a = 1\0\n", language, "syntax")).toContain("invalid-syntax 1:6");
      expect(await found('a = "\ud800"\n', language, "syntax")).toEqual(["invalid-syntax 1:6"]);
      for (const junk of [
        "\0".repeat(1000),
        "\udc00".repeat(1000),
        "$?!`".repeat(500),
        "'\"".repeat(500),
        "\\\n".repeat(1000),
        ";".repeat(5_000),
      ]) {
        const verdict = await check(junk, language);
        expect(verdict.ok ? "read" : verdict.reason).toMatch(/^(read|too_deep)$/);
      }
    },
  );

  test("an issue for every other character is told up to a number, and counted to the end", async () => {
    const verdict = await check("a;".repeat(20_000));
    expect(verdict.ok && verdict.issues.length).toBe(500);
    expect(verdict.ok && verdict.issueCount).toBeGreaterThan(20_000);
  });
});
