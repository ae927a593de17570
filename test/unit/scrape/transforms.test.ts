import type { JsonValue } from "#platform/json-value";
import { describe, expect, test } from "vitest";
import { compilePattern, faultOfTransform, Pipeline, toNumber } from "#scrape/core/transforms";
import { TransformsSchema } from "#scrape/core/transform-spec";

function apply(steps: readonly object[], value: JsonValue, budget = Infinity): JsonValue | string {
  let left = budget;
  const charge = (cost: number): boolean => (left -= cost) >= 0;
  const pipeline = new Pipeline(TransformsSchema.parse(steps));
  const made = pipeline.apply(value, { baseUrl: "https://a.example/b/c", charge });
  return made.ok ? made.value : made.error;
}

describe("a step over a text", () => {
  test.each([
    [{ op: "trim" }, " a\n b ", "a b"],
    [{ op: "lower" }, "ÄB", "äb"],
    [{ op: "upper" }, "äb", "ÄB"],
    [{ op: "url" }, "../d", "https://a.example/d"],
    [{ op: "url" }, "javascript:alert(1)", null],
    [{ op: "before", text: ":" }, "a: b", "a"],
    [{ op: "before", text: ":" }, "a b", null],
    [{ op: "after", text: ": " }, "a: b: c", "b: c"],
    [{ op: "replace", find: "-", with: "" }, "a-b-c", "abc"],
    [{ op: "replace", find: ".*", with: "x" }, "a.*b", "axb"],
    [{ op: "prefix", text: "no. " }, "7", "no. 7"],
    [{ op: "suffix", text: " km" }, "7", "7 km"],
    [{ op: "slice", start: 1, end: 3 }, "abcd", "bc"],
    // Half of a character is none.
    [{ op: "slice", start: 0, end: 1 }, "😀", "\uFFFD"],
    [{ op: "match", pattern: "(\\d+) boats", group: 1 }, "six, or 12 boats", "12"],
    [{ op: "match", pattern: "\\p{Hangul}+" }, "ferry 나루 landing", "나루"],
    [{ op: "match", pattern: "x" }, "abc", null],
    [{ op: "split", by: "," }, "a, b,,c ", ["a", "b", "c"]],
  ])("%j makes of %j %j", (step, value, expected) => {
    expect(apply([step], value)).toEqual(expected);
    expect(apply([step], null)).toBeNull();
  });

  test("goes over every item of a list, and what it makes nothing of is left out", () => {
    expect(apply([{ op: "number" }], ["3,000원", "무료", "1,500원"])).toEqual([3000, 1500]);
    expect(apply([{ op: "split", by: "/" }], ["a/b", "c"])).toEqual(["a", "b", "c"]);
  });
});

describe("a step over a list", () => {
  test.each([
    [{ op: "join", with: "; " }, ["a", 1, true], "a; 1; true"],
    [{ op: "join" }, [], null],
    [{ op: "unique" }, ["a", "b", "a"], ["a", "b"]],
    [{ op: "count" }, ["a", "b"], 2],
    [{ op: "count" }, null, 0],
    [{ op: "at", index: -1 }, ["a", "b"], "b"],
    [{ op: "at", index: 5 }, ["a"], null],
  ])("%j makes of %j %j", (step, value, expected) => {
    expect(apply([step], value)).toEqual(expected);
  });
});

test.each([
  ["어른 3,000원", ".", 3000],
  ["1.234,50 €", ",", 1234.5],
  ["-1.5 °C", ".", -1.5],
  ["−2", ".", -2],
  ["12 345 678", ".", 12345678],
  // Two numbers side by side are not one.
  ["06 30", ".", 6],
  ["1.2.3", ".", 1.2],
  ["No.5", ".", 5],
  ["none", ".", null],
  ["", ".", null],
] as const)("the number in %j with the mark %s is %s", (text, decimal, expected) => {
  expect(toNumber(text, decimal)).toBe(expected);
});

describe("a pattern", () => {
  test.each(["a(?=b)", "(a)\\1", "((((a{100}){100}){100}){100})", "(?:a?){999}a{999}", "("])(
    "%s is refused before it runs",
    (pattern) => {
      expect(compilePattern(pattern).ok).toBe(false);
    },
  );

  test("names a group that it has", () => {
    const step = { op: "match", pattern: "(a)", group: 2 } as const;
    expect(faultOfTransform(step, "en")).toContain("no such group");
    expect(faultOfTransform({ ...step, group: 1 }, "en")).toBeNull();
  });

  test.each(["^(a+)+$", "^(a|aa)+$", "(a*)*b"])(
    "%s, which makes backtracking engines run for ever, ends",
    (pattern) => {
      expect(apply([{ op: "match", pattern }], `${"a".repeat(50_000)}!`, 5_000_000)).toBeNull();
    },
  );

  test("is refused where the page's steps are used up", () => {
    expect(apply([{ op: "match", pattern: "(?:ab?){300}" }], "a".repeat(16_000), 10_000)).toBe(
      "out_of_steps",
    );
  });
});

test("no run of steps makes a text without end", () => {
  const doubling = { op: "replace", find: "a", with: "a".repeat(200) };
  const made = apply([doubling, doubling, doubling, doubling, doubling], "a".repeat(100));
  expect(typeof made === "string" ? made.length : null).toBeLessThanOrEqual(262_144);
});
