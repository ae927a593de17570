import { array, assert, double, integer, property } from "fast-check";
import { expect, test } from "vitest";
import { chooseTarget } from "#upstreams/core/selection";
import type { Target } from "#upstreams/core/upstream";

const targetsOf = (weights: readonly number[]): Target[] =>
  weights.map((weight, at) => ({ url: `http://t${at}.example`, weight }));
const weights = array(integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 8 });

test("over all random numbers each target gets exactly its share", () => {
  assert(
    property(weights, (list) => {
      const targets = targetsOf(list);
      const total = list.reduce((sum, weight) => sum + weight, 0);
      const counts = new Map<string, number>();
      // The middle of each of `total` equal parts of [0, 1).
      for (let i = 0; i < total; i++) {
        const url = chooseTarget(targets, (i + 0.5) / total)?.url ?? "";
        counts.set(url, (counts.get(url) ?? 0) + 1);
      }
      expect(targets.map(({ url }) => counts.get(url))).toEqual(list);
    }),
    { numRuns: 50 },
  );
});

test("there is always a target where there is one, whatever the random number", () => {
  const random = double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  assert(
    property(weights, random, (list, number) => {
      const targets = targetsOf(list);
      expect(targets).toContain(chooseTarget(targets, number));
    }),
  );
});

test("a retry goes elsewhere while there is an elsewhere", () => {
  const random = double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  assert(
    property(weights, array(random, { minLength: 8, maxLength: 8 }), (list, numbers) => {
      const targets = targetsOf(list);
      const tried = new Set<string>();
      for (const number of numbers.slice(0, list.length)) {
        const target = chooseTarget(targets, number, tried);
        expect(tried.has(target?.url ?? "")).toBe(false);
        tried.add(target?.url ?? "");
      }
      expect(tried.size).toBe(list.length);
      expect(targets).toContain(chooseTarget(targets, 0, tried));
    }),
  );
});

test("of no targets none is chosen", () => {
  expect(chooseTarget([], 0)).toBeNull();
});
