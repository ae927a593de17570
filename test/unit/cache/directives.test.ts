import { expect, test } from "vitest";
import { readDirectives } from "#cache/core/directives";

const NOTHING = {
  isNoCache: false,
  isNoStore: false,
  isOnlyIfCached: false,
  maxAgeMs: null,
  minFreshMs: null,
};

test.each([
  [undefined, {}],
  ["", {}],
  ["no-cache", { isNoCache: true }],
  ["No-Store", { isNoStore: true }],
  ["only-if-cached, max-age=60", { isOnlyIfCached: true, maxAgeMs: 60_000 }],
  [" max-age = 5 ,min-fresh=7", { maxAgeMs: 5_000, minFreshMs: 7_000 }],
  ['max-age="5"', { maxAgeMs: 5_000 }],
  ["max-age=0", { maxAgeMs: 0 }],
  ["max-age=5, max-age=9", { maxAgeMs: 5_000 }],
  ["max-age=99999999999999999999", { maxAgeMs: 2_147_483_648_000 }],
  ["max-age", {}],
  ["max-age=-1", {}],
  ["max-age=soon", {}],
  ["no-transform, private=x, stale-if-error=3", {}],
  [`${"x,".repeat(1000)}no-store`, {}],
])("%j is read as RFC 9111 says", (header, expected) => {
  expect(readDirectives(header)).toEqual({ ...NOTHING, ...expected });
});
