import { expect, test } from "vitest";
import { hitRatio, NO_COUNTS } from "#cache/core/counts";
import { readDirectives } from "#cache/core/directives";
import { isFresh, isWhole, joinEndedMs, planOf } from "#cache/core/plan";
import { worse } from "#cache/core/verdict";

const LIMITS = { ttlMs: 1_800_000, maxSize: 1000 };
const TOOLS = { temperature: null, extra: { tools: [] } };

test.each([
  ["", { temperature: null }, LIMITS, "use"],
  ["", { temperature: 1 }, LIMITS, "use"],
  ["", { temperature: 1.1 }, LIMITS, "bypass"],
  ["max-age=60", { temperature: 1.1 }, LIMITS, "use"],
  ["", TOOLS, LIMITS, "bypass"],
  ["max-age=60", TOOLS, LIMITS, "use"],
  ["", { temperature: null, extra: { functions: [] } }, LIMITS, "bypass"],
  ["no-cache", { temperature: null }, LIMITS, "renew"],
  ["no-cache", TOOLS, LIMITS, "bypass"],
  ["no-store", { temperature: null }, LIMITS, "bypass"],
  ["no-store, max-age=60", TOOLS, LIMITS, "bypass"],
  ["", { temperature: null }, { ...LIMITS, ttlMs: 0 }, "bypass"],
  ["max-age=60", { temperature: null }, { ...LIMITS, maxSize: 0 }, "bypass"],
])(
  "with Cache-Control %j and %j of limits %j the cache is for: %s",
  (header, request, limits, plan) => {
    expect(planOf(readDirectives(header), limits, request)).toBe(plan);
  },
);

test.each([
  ["", 1_799_999, true],
  ["", 1_800_000, false],
  ["max-age=10", 10_000, true],
  ["max-age=10", 10_001, false],
  ["max-age=0", 0, false],
  ["min-fresh=600", 1_199_999, true],
  ["min-fresh=600", 1_200_000, false],
  ["max-age=99999", 1_800_000, false],
])("with %j an answer of %i ms is told: %s", (header, ageMs, expected) => {
  expect(isFresh(ageMs, 1_800_000, readDirectives(header))).toBe(expected);
});

test.each([
  ["", 1_800_000, 300_000],
  ["", 2_000, 2_000],
  ["max-age=10", 1_800_000, 10_000],
  ["max-age=0", 1_800_000, 0],
  ["min-fresh=1790", 1_800_000, 10_000],
  ["min-fresh=99999", 1_800_000, 0],
])(
  "with %j and %i ms to live a run is joined for %i ms after its end",
  (header, ttlMs, expected) => {
    expect(joinEndedMs(ttlMs, readDirectives(header))).toBe(expected);
  },
);

test("what was cut off by a bound or a filter is not whole", () => {
  expect(["stop", "tool_calls", "length", "content_filter", ""].filter(isWhole)).toEqual([
    "stop",
    "tool_calls",
  ]);
});

test("an answer made of several is a hit only where all of them were", () => {
  expect(worse(null, "hit")).toBe("hit");
  expect(worse("hit", "miss")).toBe("miss");
  expect(worse("miss", "hit")).toBe("miss");
  expect(worse("bypass", "miss")).toBe("bypass");
});

test("the ratio counts what was looked up, and is unknown where nothing was", () => {
  expect(hitRatio({ ...NO_COUNTS, bypassed: 5 })).toBeNull();
  expect(hitRatio({ ...NO_COUNTS, hits: 2, misses: 1, joined: 1 })).toBe(0.6667);
});
