import { describe, expect, test } from "vitest";
import {
  afterCalls,
  afterCheck,
  claimProbe,
  keepKnown,
  newTarget,
  probeAtMs,
} from "#upstreams/core/health";
import type { CallOutcome, HealthRules, TargetHealth } from "#upstreams/core/health";

const CHECKED: HealthRules = { hasChecks: true, healthyAfter: 2, unhealthyAfter: 3 };
const UNCHECKED: HealthRules = { ...CHECKED, hasChecks: false };
const URL = "http://a.example";

/** What came of a target by a story: `f`, `s` calls that failed and succeeded, `F`, `S` checks; one second between two. */
function story(text: string, rules: HealthRules, from = newTarget(URL, 0)): TargetHealth {
  let target = from;
  for (const [at, event] of text.split("").entries()) {
    const nowMs = (at + 1) * 1000;
    target = /[fs]/.test(event)
      ? call(target, event === "s" ? "success" : "failure", rules, nowMs)
      : afterCheck(target, { atMs: nowMs, isGood: event === "S", status: null }, rules);
  }
  return target;
}

const call = (
  target: TargetHealth,
  outcome: CallOutcome,
  rules: HealthRules,
  nowMs: number,
  asker = "me",
  count = 1,
): TargetHealth => afterCalls(target, { asker, outcome, count }, rules, nowMs);

test.each([
  ["", true, 0],
  ["f", true, 1],
  ["ff", true, 2],
  ["fff", false, 3],
  ["ffsff", true, 2],
  ["FfF", false, 3],
  ["FFSF", true, 1],
  ["ffSff", true, 2],
  ["ffsfff", false, 3],
  // Out: what calls say that began before does not count, and one good check is not enough.
  ["fffss", false, 3],
  ["fffS", false, 3],
  ["fffSFS", false, 4],
  ["fffSS", true, 0],
  ["fffSFSS", true, 0],
  ["fffSSff", true, 2],
])(
  "with checks, after %j it is well: %j, with %d failures on record",
  (text, isHealthy, failures) => {
    expect(story(text, CHECKED)).toMatchObject({ isHealthy, failures });
  },
);

test("failures that come together count each", () => {
  const target = call(newTarget(URL, 0), "failure", CHECKED, 1000, "me", 3);
  expect(target).toMatchObject({ isHealthy: false, sinceMs: 1000 });
});

test("failures that are ten minutes apart are not in a row", () => {
  const twice = story("ff", CHECKED);
  expect(call(twice, "failure", CHECKED, 602_000).isHealthy).toBe(false);
  expect(call(twice, "failure", CHECKED, 602_001)).toMatchObject({ isHealthy: true, failures: 1 });
});

test("a success changes nothing where no failure stands on record", () => {
  const target = newTarget(URL, 0);
  expect(call(target, "success", CHECKED, 1000)).toBe(target);
});

describe("without checks", () => {
  const out = story("fff", UNCHECKED);

  test("a probe is given when its time has come, to one asker", () => {
    expect(probeAtMs(out, UNCHECKED)).toBe(5_000);
    expect(claimProbe(out, "a", UNCHECKED, 4_999)).toBeNull();
    const claimed = claimProbe(out, "a", UNCHECKED, 5_000) ?? out;
    expect(claimed.probe).toEqual({ asker: "a", untilMs: 15_000 });
    expect(claimProbe(claimed, "b", UNCHECKED, 14_999)).toBeNull();
    expect(claimProbe(claimed, "b", UNCHECKED, 15_000)?.probe?.asker).toBe("b");
  });

  test("the word of the probe decides, and no other", () => {
    const claimed = claimProbe(out, "a", UNCHECKED, 5_000) ?? out;
    expect(call(claimed, "success", UNCHECKED, 6_000, "b")).toBe(claimed);
    expect(call(claimed, "failure", UNCHECKED, 6_000, "b")).toBe(claimed);
    expect(call(claimed, "success", UNCHECKED, 15_000, "a")).toBe(claimed);
    expect(call(claimed, "success", UNCHECKED, 6_000, "a")).toMatchObject({
      isHealthy: true,
      sinceMs: 6_000,
      failures: 0,
      openings: 0,
    });
  });

  test("each probe that fails doubles the wait, to a minute", () => {
    let target = out;
    const waits = Array.from({ length: 7 }, () => {
      const atMs = probeAtMs(target, UNCHECKED) ?? 0;
      const wait = atMs - (target.lastFailureMs ?? 0);
      const claimed = claimProbe(target, "a", UNCHECKED, atMs) ?? target;
      target = call(claimed, "failure", UNCHECKED, atMs, "a");
      return wait;
    });
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  test("after a return the first wait is short again", () => {
    const claimed = claimProbe(out, "a", UNCHECKED, 5_000) ?? out;
    const again = story("fff", UNCHECKED, call(claimed, "success", UNCHECKED, 6_000, "a"));
    expect(probeAtMs(again, UNCHECKED)).toBe((again.lastFailureMs ?? 0) + 2_000);
  });
});

test("with checks there is no probe, and neither is there for what is well", () => {
  expect(claimProbe(story("fff", CHECKED), "a", CHECKED, 1e9)).toBeNull();
  expect(claimProbe(newTarget(URL, 0), "a", UNCHECKED, 1e9)).toBeNull();
});

test("targets that stay in a definition keep their health, new ones are taken for well", () => {
  const out = story("fff", CHECKED);
  expect(keepKnown([out], ["http://b.example", URL], 9_000)).toEqual([
    newTarget("http://b.example", 9_000),
    out,
  ]);
  expect(keepKnown([out], [], 9_000)).toEqual([]);
});
