import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  acquire,
  holdsAnything,
  idleAtMs,
  MAX_CRAWL_DELAY_MS,
  release,
  renew,
  siteRules,
  SLOT_TTL_MS,
  SPREAD_MS,
  takeTurn,
  UNKNOWN_SITE,
} from "#scrape/core/politeness";
import type { SiteRules, SiteState, SiteVerdict, SlotOutcome } from "#scrape/core/politeness";

const DEFAULTS = siteRules(undefined);
const UNLIMITED = siteRules(null);
const T0 = 1_800_000_000_000;

/** A site with a memory, so that tests read as what happens to it. */
function site(rules: SiteRules = DEFAULTS) {
  let state: SiteState = UNKNOWN_SITE;
  let count = 0;
  return {
    ask: (atMs: number, crawlDelayMs = 0): SiteVerdict => {
      const decided = acquire(state, rules, { slot: `s${count++}`, crawlDelayMs }, atMs);
      state = decided.state;
      return decided.verdict;
    },
    done: (slot: string, outcome: SlotOutcome, atMs: number): void => {
      state = release(state, slot, outcome, atMs);
    },
    renew: (slot: string, atMs: number): boolean => {
      const renewed = renew(state, slot, atMs);
      state = renewed.state;
      return renewed.renewed;
    },
    state: () => state,
  };
}

test.each([
  [undefined, { limit: 60, windowMs: 60_000, concurrent: 4 }],
  [{ concurrent: 10 }, { limit: 60, windowMs: 60_000, concurrent: 10 }],
  [
    { limit: 5, window: 1 },
    { limit: 5, windowMs: 1_000, concurrent: 4 },
  ],
  [null, { limit: null, windowMs: 0, concurrent: null }],
])("the settings %j make the rules %j", (override, expected) => {
  expect(siteRules(override)).toEqual(expected);
});

describe("at once", () => {
  test("four, and the fifth comes back soon", () => {
    const s = site();
    for (let i = 0; i < 4; i++) expect(s.ask(T0).granted).toBe(true);
    expect(s.ask(T0)).toEqual({ granted: false, reason: "concurrency", notBeforeMs: T0 + 1_000 });
  });

  test("a slot that is given back serves the next", () => {
    const s = site();
    for (let i = 0; i < 4; i++) s.ask(T0);
    s.done("s2", { kind: "answered" }, T0);
    expect(s.ask(T0).granted).toBe(true);
    expect(s.ask(T0).granted).toBe(false);
  });

  test("giving a slot back twice frees one place only", () => {
    const s = site();
    for (let i = 0; i < 4; i++) s.ask(T0);
    s.done("s0", { kind: "answered" }, T0);
    s.done("s0", { kind: "answered" }, T0);
    expect([s.ask(T0).granted, s.ask(T0).granted]).toEqual([true, false]);
  });

  test("a holder that died loses its slot when it expires, not before", () => {
    const s = site();
    for (let i = 0; i < 4; i++) s.ask(T0);
    expect(s.ask(T0 + SLOT_TTL_MS - 1)).toMatchObject({ notBeforeMs: T0 + SLOT_TTL_MS });
    expect(s.ask(T0 + SLOT_TTL_MS).granted).toBe(true);
  });

  test("a holder that renews keeps it", () => {
    const s = site();
    for (let i = 0; i < 4; i++) s.ask(T0);
    for (let i = 0; i < 4; i++) expect(s.renew(`s${i}`, T0 + 10_000)).toBe(true);
    expect(s.ask(T0 + SLOT_TTL_MS + 1).granted).toBe(false);
  });

  test("an expired slot cannot be renewed: its place may be taken", () => {
    const s = site();
    s.ask(T0);
    expect(s.renew("s0", T0 + SLOT_TTL_MS)).toBe(false);
    expect(s.renew("never", T0)).toBe(false);
  });
});

describe("in any minute", () => {
  const askAndLeave = (s: ReturnType<typeof site>, atMs: number): SiteVerdict => {
    const verdict = s.ask(atMs);
    if (verdict.granted) s.done(verdict.slot, { kind: "answered" }, atMs);
    return verdict;
  };

  test("sixty, then the time at which the first leaves the window", () => {
    const s = site();
    for (let i = 0; i < 60; i++) expect(askAndLeave(s, T0 + i * 500).granted).toBe(true);
    expect(askAndLeave(s, T0 + 30_000)).toEqual({
      granted: false,
      reason: "rate",
      notBeforeMs: T0 + 60_000,
    });
    expect(askAndLeave(s, T0 + 60_000).granted).toBe(true);
  });

  test("never more than the limit in any window, and a denial's time is kept, at any arrivals", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 150 }),
        (limit, gaps) => {
          const s = site({ limit, windowMs: 2_000, concurrent: null });
          const admitted: number[] = [];
          let now = T0;
          let promisedMs = 0;
          for (const gap of gaps) {
            now += gap;
            const verdict = s.ask(now);
            // Coming back at the named time is never refused.
            if (promisedMs > 0 && now >= promisedMs) expect(verdict.granted).toBe(true);
            promisedMs = verdict.granted ? 0 : verdict.notBeforeMs;
            if (!verdict.granted) continue;
            admitted.push(now);
            expect(admitted.filter((at) => at > now - 2_000).length).toBeLessThanOrEqual(limit);
          }
        },
      ),
    );
  });
});

describe("a site that pushes back", () => {
  test("is left alone for as long as it asks", () => {
    const s = site();
    s.ask(T0);
    s.done("s0", { kind: "pushed_back", retryAfterMs: 30_000 }, T0);
    expect(s.ask(T0 + 29_999)).toEqual({
      granted: false,
      reason: "backoff",
      notBeforeMs: T0 + 30_000,
    });
    expect(s.ask(T0 + 30_000).granted).toBe(true);
  });

  test("without a word for how long: 2 s, doubling to a minute", () => {
    const s = site();
    let now = T0;
    const delays: number[] = [];
    for (let i = 0; i < 8; i++) {
      const verdict = s.ask(now);
      if (!verdict.granted) throw new Error("refused");
      s.done(verdict.slot, { kind: "pushed_back" }, now);
      const again = s.ask(now);
      if (again.granted) throw new Error("granted");
      delays.push(again.notBeforeMs - now);
      now = again.notBeforeMs;
    }
    expect(delays).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  test("an answer in between starts from 2 s again", () => {
    const s = site();
    s.ask(T0);
    s.ask(T0);
    s.ask(T0);
    s.done("s0", { kind: "pushed_back" }, T0);
    s.done("s1", { kind: "answered" }, T0 + 2_000);
    s.done("s2", { kind: "pushed_back" }, T0 + 2_000);
    expect(s.ask(T0 + 2_000)).toMatchObject({ notBeforeMs: T0 + 4_000 });
  });

  test("the longest time that several answers name holds", () => {
    const s = site();
    s.ask(T0);
    s.ask(T0);
    s.done("s0", { kind: "pushed_back", retryAfterMs: 60_000 }, T0);
    s.done("s1", { kind: "pushed_back", retryAfterMs: 1_000 }, T0);
    expect(s.ask(T0)).toMatchObject({ notBeforeMs: T0 + 60_000 });
  });

  test("cannot ask for more than an hour", () => {
    const s = site();
    s.ask(T0);
    s.done("s0", { kind: "pushed_back", retryAfterMs: 1e12 }, T0);
    expect(s.ask(T0)).toMatchObject({ notBeforeMs: T0 + 3_600_000 });
  });

  test("is left alone with all limits off too", () => {
    const s = site(UNLIMITED);
    s.ask(T0);
    s.done("s0", { kind: "pushed_back", retryAfterMs: 5_000 }, T0);
    expect(s.ask(T0)).toMatchObject({ granted: false, reason: "backoff" });
  });

  test("a call that says nothing about load moves no clock", () => {
    const s = site();
    s.ask(T0);
    s.done("s0", { kind: "unknown" }, T0);
    expect(s.ask(T0).granted).toBe(true);
  });
});

describe("a crawl delay", () => {
  test("spaces requests, whoever makes them", () => {
    const s = site();
    expect(s.ask(T0, 5_000).granted).toBe(true);
    expect(s.ask(T0 + 4_999, 5_000)).toEqual({
      granted: false,
      reason: "crawl_delay",
      notBeforeMs: T0 + 5_000,
    });
    expect(s.ask(T0 + 5_000, 5_000).granted).toBe(true);
  });

  test("of a hostile file is cut", () => {
    const s = site();
    s.ask(T0, 1e9);
    expect(s.ask(T0, 1e9)).toMatchObject({ notBeforeMs: T0 + MAX_CRAWL_DELAY_MS });
  });
});

test("of several obstacles the last to clear is named", () => {
  const s = site();
  for (let i = 0; i < 4; i++) s.ask(T0);
  s.done("s0", { kind: "pushed_back", retryAfterMs: 30_000 }, T0);
  s.ask(T0);
  expect(s.ask(T0)).toMatchObject({ reason: "backoff", notBeforeMs: T0 + 30_000 });
});

test("with the policy off any number goes, and nothing is there to save", () => {
  const s = site(UNLIMITED);
  for (let i = 0; i < 1_000; i++) expect(s.ask(T0).granted).toBe(true);
  s.done("s0", { kind: "answered" }, T0);
  expect(holdsAnything(s.state())).toBe(false);
});

test("a state is idle once its last slot, window and clock have ended", () => {
  const s = site();
  s.ask(T0, 5_000);
  expect(idleAtMs(s.state(), DEFAULTS)).toBe(T0 + 60_000);
  s.done("s0", { kind: "pushed_back", retryAfterMs: 90_000 }, T0);
  expect(idleAtMs(s.state(), DEFAULTS)).toBe(T0 + 90_000 + 60_000);
});

describe("those who are refused", () => {
  const refused = (reason: "concurrency" | "rate" | "backoff" | "crawl_delay") =>
    ({ granted: false, reason, notBeforeMs: T0 }) as const;
  /** The turns of so many who are refused for one reason, one after the other. */
  const turnsOf = (count: number, reason: Parameters<typeof refused>[0], crawlDelayMs = 0) => {
    let lastTurnMs = 0;
    return Array.from({ length: count }, () => {
      lastTurnMs = takeTurn(refused(reason), DEFAULTS, crawlDelayMs, lastTurnMs);
      return lastTurnMs - T0;
    });
  };

  test.each([
    ["a slot", "concurrency", 0, [0, 250, 500, 750]],
    ["the window", "rate", 0, [0, 1000, 2000, 3000]],
    ["a site that pushed back", "backoff", 0, [0, 1000, 2000, 3000]],
    ["a crawl delay", "crawl_delay", 5000, [0, 5000, 10_000, 15_000]],
  ] as const)("come back one after the other: %s", (_for, reason, crawlDelayMs, turns) => {
    expect(turnsOf(4, reason, crawlDelayMs)).toEqual(turns);
  });

  test("share the moments where they are too many, and none is sent further than the spread", () => {
    const turns = turnsOf(200, "rate");
    expect(Math.max(...turns)).toBe(SPREAD_MS);
    expect(Math.min(...turns)).toBe(0);
  });

  test("forty for one slow site are all served, four at once, after few refusals each", () => {
    const asked = site();
    const waiting = Array.from({ length: 40 }, () => T0);
    const held: { slot: string; untilMs: number }[] = [];
    let lastTurnMs = 0;
    let refusals = 0;
    for (let nowMs = T0; waiting.length > 0; nowMs += 50) {
      for (const { slot } of held.filter((one) => one.untilMs <= nowMs))
        asked.done(slot, { kind: "answered" }, nowMs);
      held.splice(0, held.length, ...held.filter((one) => one.untilMs > nowMs));
      const due = waiting.filter((atMs) => atMs <= nowMs).length;
      waiting.splice(0, waiting.length, ...waiting.filter((atMs) => atMs > nowMs));
      for (let i = 0; i < due; i++) {
        const verdict = asked.ask(nowMs);
        if (verdict.granted) held.push({ slot: verdict.slot, untilMs: nowMs + 3_000 });
        else {
          refusals += 1;
          lastTurnMs = takeTurn(verdict, DEFAULTS, 0, lastTurnMs);
          waiting.push(lastTurnMs);
        }
      }
      expect(held.length).toBeLessThanOrEqual(4);
    }
    expect(refusals).toBeLessThan(40 * 8);
  });
});
