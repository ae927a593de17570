import { describe, expect, test } from "vitest";
import { completeFromCode } from "#code/core/complete";
import type { Completion, CompletionQuestion } from "#code/core/completion";
import type { CodeLanguage } from "#code/core/language";

/** Completions where `|` stands. */
function at(
  marked: string,
  language: CodeLanguage = "python",
  context = "",
): readonly Completion[] {
  const cursor = marked.indexOf("|");
  const prefix = marked.slice(0, cursor) + marked.slice(cursor + 1);
  return completeFromCode({ prefix, cursor, language, context } satisfies CompletionQuestion);
}
const labels = (marked: string, language?: CodeLanguage, context?: string): string[] =>
  at(marked, language, context).map(({ label }) => label);

const SHOP = `import math
from decimal import Decimal as D

TAX = 0.1

class Cart:
    limit = 5
    def __init__(self, owner):
        self.items = []
        self.owner = owner

    def add_item(self, name, price=1, *, gift=False):
        inner = 1
        self.items.append(name)

    def total(self, rate):
        amount = 0
        for item, count in self.items:
            |
`;

describe("names are offered where they can be written, and nowhere else", () => {
  test("Python: parameters, locals and loops of the function, names around it, none of other functions", () => {
    const found = labels(SHOP);
    for (const name of ["rate", "amount", "item", "count", "self"]) expect(found).toContain(name);
    for (const name of ["inner", "gift", "owner", "limit", "Decimal"])
      expect(found).not.toContain(name);
  });

  test("what is nearer and made for the place comes first", () => {
    expect(labels(SHOP.replace("|", "am|"))[0]).toBe("amount");
    expect(labels("def add(first, second):\n    return |").slice(0, 2).sort()).toEqual([
      "first",
      "second",
    ]);
  });

  test("imports, under the names that they are given", () => {
    expect(labels(SHOP.replace("|", "D|"))).toEqual([]);
    expect(labels(SHOP.replace("|", "m|"))).toContain("math");
    expect(labels(SHOP.replace("|", "T|"))).toContain("TAX");
  });

  test("scripts: blocks keep their names to themselves, functions are known before they stand", () => {
    const code = `import { load as read } from "./io";
const base = 2;
function outer(first, { second, third: [fourth] }) {
  if (first) { const hidden = 1; }
  for (const each of second) {
    const sum = |;
  }
}
function later(a, b) {}
`;
    const found = labels(code, "javascript");
    for (const name of ["first", "second", "fourth", "each", "base", "read", "later(a, b)"])
      expect(found).toContain(name);
    for (const name of ["hidden", "third", "load"]) expect(found).not.toContain(name);
  });

  test("names of the further code that was sent along", () => {
    expect(labels("x = pri|", "python", "def price_of(item):\n    return 1\n")).toContain(
      "price_of(item)",
    );
  });
});

describe("members", () => {
  test("self has what the class gives it, with what its methods take", () => {
    const found = labels(SHOP.replace("|", "self.|"));
    expect(found).toEqual(
      expect.arrayContaining(["items", "owner", "add_item(name, price, gift)", "total(rate)"]),
    );
    expect(found).not.toContain("rate");
  });

  test("this, in a class of TypeScript", () => {
    const code = "class A {\n  #x = 1;\n  size: number = 2;\n  grow(by: number) { this.|; }\n}";
    expect(labels(code, "typescript")).toEqual(expect.arrayContaining(["size", "grow(by)", "#x"]));
  });

  test.each([
    ["a module", "import math\nmath.sq|", "python", ["sqrt"]],
    ["an object of the language", "JSON.s|", "javascript", ["stringify"]],
    ["what the code takes of it elsewhere", "config.host\nconfig.|", "python", ["host"]],
    ["nothing that is not known", "unknown.|", "python", []],
  ] as const)("of %s", (_name, code, language, expected) => {
    expect(labels(code, language)).toEqual(expected);
  });
});

describe("words and forms of the language", () => {
  test("a statement begins with one, an expression does not", () => {
    expect(
      at("wh|")
        .map(({ label, category }) => `${category} ${label}`)
        .sort(),
    ).toEqual(["keyword while", "snippet while"]);
    expect(at("    fo|").find(({ category }) => category === "snippet")).toMatchObject({
      code: "r item in items:\n        pass",
      complexity: "moderate",
    });
    expect(labels("x = wh|")).toEqual([]);
    expect(labels("import js|")).toEqual(["json"]);
  });

  test("a body begins with what most of them do, and names follow", () => {
    const found = labels("def add(a, b):\n    |");
    expect(found[0]).toBe("return");
    expect(found).toEqual(expect.arrayContaining(["a", "b", "if", "for"]));
  });

  test("a call that was opened is closed with its parameters", () => {
    expect(at("def add(a, *rest, c=1):\n    pass\n\nadd(|")[0]).toMatchObject({
      label: "add(a, *rest, c)",
      code: "a, *rest, c)",
      category: "call",
    });
    expect(labels("def add(|").filter((label) => label.startsWith("add("))).toEqual([]);
  });

  test.each([
    ["a string", 'x = "pr|"'],
    ["a comment", "# pr|"],
    ["a number", "x = 1|"],
  ])("nothing inside of %s", (_name, code) => {
    expect(labels(code)).toEqual([]);
  });
});

describe("confidence", () => {
  const sum = (list: readonly Completion[]): number =>
    list.reduce((all, { confidence }) => all + confidence, 0);

  test("adds up to 1 at most, falls from the first on, and grows with every letter that fits", () => {
    const code = "def f(amount, other):\n    return ";
    const letters = ["", "a", "am", "amo"].map((typed) => at(`${code}${typed}|`));
    for (const list of letters) {
      expect(sum(list)).toBeLessThanOrEqual(1.05);
      const values = list.map(({ confidence }) => confidence);
      expect(values).toEqual(values.toSorted((a, b) => b - a));
    }
    const of = letters.map((list) => list.find(({ label }) => label === "amount")?.confidence ?? 0);
    expect(of).toEqual(of.toSorted((a, b) => a - b));
    expect(new Set(of).size).toBe(4);
  });
});

test("the prefix up to the cursor and a completion make its label", () => {
  expect(at("def f(한글이름):\n    return 한|")[0]).toMatchObject({
    code: "글이름",
    label: "한글이름",
  });
  // The position counts UTF-16 units: an emoji is two.
  const prefix = 'x = "😀"; value = 1; va';
  expect(
    completeFromCode({ prefix, cursor: prefix.length, language: "python", context: "" })[0],
  ).toMatchObject({
    code: "lue",
    label: "value",
  });
});

test.each([
  ["open brackets", "(".repeat(10_000)],
  ["commas in brackets", "(a,".repeat(1000)],
  ["stars", "* ** ".repeat(400)],
  ["half a megabyte", "x = 1\n".repeat(16_000)],
  ["halves of surrogate pairs", "\ud800".repeat(5000)],
  ["one long word", "a".repeat(50_000)],
])("hostile code is answered too: %s", (_name, prefix) => {
  for (const language of ["python", "javascript", "typescript"] as const)
    expect(() =>
      completeFromCode({ prefix, cursor: prefix.length, language, context: prefix }),
    ).not.toThrow();
});
