import * as fc from "fast-check";
import { parseList } from "structured-headers";
import { expect, test } from "vitest";
import { limitHeaders, wholeSeconds } from "#limits/core/headers";
import type { QuotaState } from "#limits/core/ledger";

const NOW = 1_700_000_000_000;
const BURST: QuotaState = {
  name: "burst",
  limit: 100,
  windowMs: 60_000,
  remaining: 99,
  resetMs: 60_000,
};
const CLIENT: QuotaState = {
  name: "client",
  limit: 1000,
  windowMs: 3_600_000,
  remaining: 12,
  resetMs: 1001,
};
const STREAMS: QuotaState = {
  name: "streams",
  limit: 10,
  windowMs: null,
  remaining: 3,
  resetMs: null,
};

test("each policy is one item, and the older headers are those of the tightest", () => {
  expect(limitHeaders([BURST, CLIENT], NOW)).toEqual({
    "RateLimit-Policy": '"burst";q=100;w=60, "client";q=1000;w=3600',
    RateLimit: '"burst";r=99;t=60, "client";r=12;t=2',
    "X-RateLimit-Limit": "1000",
    "X-RateLimit-Remaining": "12",
    "X-RateLimit-Reset": "1700000002",
  });
});

test("a limit of what is open at once has its unit and no window", () => {
  expect(limitHeaders([STREAMS], NOW)).toMatchObject({
    "RateLimit-Policy": '"streams";q=10;qu="concurrent-requests"',
    RateLimit: '"streams";r=3',
  });
});

test("where nothing limits, nothing is said", () => {
  expect(limitHeaders([], NOW)).toBeNull();
});

test("between two that are equally used up, the one that takes longer is the tightest", () => {
  const headers = limitHeaders(
    [
      { ...BURST, remaining: 0, resetMs: 5000 },
      { ...CLIENT, remaining: 0, resetMs: 90_000 },
    ],
    NOW,
  );
  expect(headers?.["X-RateLimit-Limit"]).toBe("1000");
});

test.each([
  [0, 1],
  [1, 1],
  [999, 1],
  [1000, 1],
  [1001, 2],
  [59_999.5, 60],
])("%d ms are %i whole seconds: who waits them has waited long enough", (ms, seconds) => {
  expect(wholeSeconds(ms)).toBe(seconds);
});

test("whatever the quotas, the headers are structured fields with whole numbers, and t is at most w", () => {
  const quota = fc
    .record({
      name: fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/),
      limit: fc.integer({ min: 1, max: 10_000_000 }),
      windowMs: fc.integer({ min: 1, max: 31 * 86_400_000 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ name, limit, windowMs, share }) => ({
      name,
      limit,
      windowMs,
      remaining: Math.floor(limit * share),
      resetMs: windowMs * share,
    }));
  fc.assert(
    fc.property(fc.array(quota, { minLength: 1, maxLength: 5 }), (quotas) => {
      const headers = limitHeaders(quotas, NOW);
      const policies = parseList(headers?.["RateLimit-Policy"] ?? "");
      const left = parseList(headers?.RateLimit ?? "");
      expect(policies.map(([name]) => name)).toEqual(quotas.map(({ name }) => name));
      expect(left.map(([name]) => name)).toEqual(quotas.map(({ name }) => name));
      for (const [i, [, parameters]] of left.entries()) {
        const { remaining } = quotas[i] ?? {};
        expect(parameters.get("r")).toBe(remaining);
        const [t, w] = [parameters.get("t"), policies[i]?.[1].get("w")];
        expect(Number.isInteger(t) && Number.isInteger(w) && Number(t) <= Number(w)).toBe(true);
      }
    }),
  );
});
