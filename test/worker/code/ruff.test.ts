import { expect, test } from "vitest";
import { ruffOptions } from "#code/core/python-rules";
import { runRuff } from "#code/ruff-client";

const OPTIONS = ruffOptions("all");
const indented = (levels: number): string =>
  Array.from({ length: levels }, (_, level) => `${" ".repeat(level)}if x:\n`).join("") +
  `${" ".repeat(levels)}pass\n`;

/** How a call ends: the number of findings, or the kind of failure. */
function outcomeOf(code: string): number | string {
  try {
    return runRuff(code, OPTIONS).length;
  } catch (error) {
    return error instanceof Error ? error.name : "?";
  }
}

// Code that the bounds keep away from it: here it is what the instance itself cannot bear that is wanted.
test("an instance that trapped is not used again: the next call is answered by another", () => {
  const before = runRuff("import os\nprint(nope)\n", OPTIONS);
  const outcomes = new Set<number | string>();
  for (const levels of [700, 1000, 1500, 2500, 1000, 1000]) {
    outcomes.add(outcomeOf(indented(levels)));
    expect(runRuff("import os\nprint(nope)\n", OPTIONS)).toEqual(before);
  }
  expect([...outcomes]).toContain("RuntimeError");
});

test("options that it refuses harm no later call", () => {
  expect(() => runRuff("x = 1\n", { lint: { select: ["NO-SUCH-RULE"] } })).toThrow();
  expect(runRuff("x = 1\n", OPTIONS)).toEqual([]);
});
