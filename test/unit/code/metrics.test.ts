import { expect, test } from "vitest";
import { metricsOf } from "#code/core/metrics";
import { scoreOf } from "#code/core/score";

const PYTHON = `import os
# note

class A:
    def f(self, a, b=(1, 2), *args, c: int = 3, **kw):
        if a and b:
            for i in range(3):
                while i:
                    pass
        elif b:
            return 1 if a else 2
        else:
            try:
                x = 1
            except ValueError:
                pass
            except KeyError:
                pass

async def g(): return [x for x in y if x]  # code beside a comment is code
`;

const TYPESCRIPT = `/* one
two */
export class A<T> extends B {
  #p = 1;
  constructor(private readonly a: string, b?: number) { super(); }
  async m(a: { b: number, c: string }, [d, e]: number[]) {
    if (a) { for (const x of y) { if (x && a?.b) {} } } else if (d) { switch (e) { case 1: break; default: } }
  }
}
const arrow = async (a: string) => a ? 1 : 2;
const o = { k: () => 1, m(x) {} };
export default function () {}
`;

test("Python is counted as mccabe counts it", () => {
  expect(metricsOf(PYTHON, "python")).toMatchObject({
    lines: 20,
    code_lines: 17,
    comment_lines: 1,
    blank_lines: 2,
    functions: 2,
    classes: 1,
    max_nesting: 3,
    max_function_lines: 14,
    function_metrics: [
      // if, for, while, elif and two excepts
      { name: "f", line: 5, lines: 14, cyclomatic_complexity: 7, nesting: 3, parameters: 6 },
      { name: "g", line: 20, lines: 1, cyclomatic_complexity: 1, nesting: 0, parameters: 0 },
    ],
  });
});

test("functions of scripts are found in all their forms, by the names that they are called by", () => {
  const metrics = metricsOf(TYPESCRIPT, "typescript");
  expect(metrics).toMatchObject({ lines: 12, comment_lines: 2, blank_lines: 0, classes: 1 });
  const of = Object.fromEntries(metrics.function_metrics.map((one) => [one.name, one]));
  expect(Object.keys(of).sort()).toEqual(["(anonymous)", "arrow", "constructor", "k", "m"].sort());
  expect(metrics.functions).toBe(6);
  expect(of["arrow"]).toMatchObject({ cyclomatic_complexity: 2, parameters: 1 });
  // if, for, if, &&, ?., else if, case
  expect(metrics.function_metrics[0]).toMatchObject({
    name: "m",
    cyclomatic_complexity: 8,
    nesting: 3,
    parameters: 2,
  });
});

test.each([
  ["nothing but a newline", "\n", 1],
  ["one line without an end", "x = 1", 1],
  ["one line", "x = 1\n", 1],
  ["lines of Windows", "a\r\nb\r\nc", 3],
])("%s is counted as an editor counts", (_name, code, lines) => {
  expect(metricsOf(code, "python").lines).toBe(lines);
});

test("code that is cut off is measured as far as it goes", () => {
  expect(metricsOf("def f(a):\n    if a:\n        return (", "python")).toMatchObject({
    functions: 1,
    max_cyclomatic_complexity: 2,
  });
});

test("a score falls with what is found and with complexity, and is 0 for what is no code", () => {
  const metrics = metricsOf(PYTHON, "python");
  const found = (rule: string, severity: "error" | "warning") => [{ rule, severity }];
  expect(scoreOf("quality", [], metrics)).toBe(100);
  const warned = scoreOf("quality", found("F401", "warning"), metrics);
  const wrong = scoreOf("quality", found("F821", "error"), metrics);
  expect(100 > warned && warned > wrong && wrong > 0).toBe(true);
  expect(scoreOf("quality", found("invalid-syntax", "error"), metrics)).toBe(0);
  expect(scoreOf("complexity", [], { ...metrics, max_cyclomatic_complexity: 20 })).toBe(80);
  expect(scoreOf("security", [], { ...metrics, max_cyclomatic_complexity: 20 })).toBe(100);
});
