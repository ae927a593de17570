import { expect, test } from "vitest";
import { firstAlarmMs, giveProbe, NO_POOL, onAlarm } from "#upstreams/core/pool";
import {
  standingsOf,
  takeCalls,
  takeCheck,
  takeDefinition,
  turnedTargets,
} from "#upstreams/core/pool";
import type { PoolState, StoredUpstream } from "#upstreams/core/pool";
import { UPSTREAM_DEFAULTS } from "#upstreams/core/upstream";
import type { Upstream } from "#upstreams/core/upstream";

const [A, B, C] = ["http://a.example", "http://b.example", "http://c.example"] as const;
const CHECK = {
  path: "/",
  intervalSeconds: 5,
  timeoutMs: 1000,
  healthyAfter: 1,
  unhealthyAfter: 1,
  expectedStatus: null,
};

const stored = (more: Partial<Upstream> = {}): StoredUpstream => ({
  upstream: {
    ...UPSTREAM_DEFAULTS,
    id: "ups_1",
    name: "billing",
    targets: [A, B].map((url) => ({ url, weight: 1 })),
    addHeaders: [],
    secretHeaders: [],
    healthCheck: null,
    scope: null,
    version: 1,
    isEnabled: true,
    createdAtMs: 0,
    updatedAtMs: 0,
    ...more,
  },
  sealed: {},
});
const poolOf = (more: Partial<Upstream> = {}): PoolState => ({
  ...takeDefinition(NO_POOL, stored(more), 0),
  seenMs: 1_000,
});
const fail = (state: PoolState, url: string, count = 3): PoolState =>
  takeCalls(state, url, { asker: "a", outcome: "failure", count }, 1_000);
const wellIn = (state: PoolState): boolean[] =>
  standingsOf(state).map(({ isHealthy }) => isHealthy);

test("what is not new is the same object, so that it is not saved", () => {
  const state = poolOf();
  expect(takeDefinition(state, stored(), 9_000)).toBe(state);
  expect(takeCalls(state, A, { asker: "a", outcome: "success", count: 1 }, 9_000)).toBe(state);
  expect(fail(state, C)).toBe(state);
  expect(giveProbe(state, "a", 9_000).state).toBe(state);
});

test("a new definition keeps the health of the targets that stay, and another upstream's name keeps none", () => {
  const out = fail(poolOf(), A);
  const targets = [A, C].map((url) => ({ url, weight: 1 }));
  expect(wellIn(takeDefinition(out, stored({ version: 2, targets }), 2_000))).toEqual([
    false,
    true,
  ]);
  expect(wellIn(takeDefinition(out, stored({ id: "ups_2" }), 2_000))).toEqual([true, true]);
  expect(takeDefinition(out, null, 2_000)).toBe(NO_POOL);
});

test("the targets that turned are told, and no others", () => {
  const before = poolOf();
  const after = fail(before, A);
  expect(turnedTargets(before, after).map(({ url }) => url)).toEqual([A]);
  expect(turnedTargets(after, fail(after, B, 1))).toEqual([]);
  expect(turnedTargets(NO_POOL, before)).toEqual([]);
});

test("of several targets that wait for a probe one asker is given one", () => {
  const out = fail(fail(poolOf(), A), B);
  const first = giveProbe(out, "a", 3_000);
  const second = giveProbe(first.state, "b", 3_000);
  expect([first.probe, second.probe, giveProbe(second.state, "c", 3_000).probe]).toEqual([
    A,
    B,
    null,
  ]);
});

test("checks run every interval while there is traffic, and end ten minutes after it", () => {
  const checked = poolOf({ healthCheck: CHECK });
  expect(firstAlarmMs(checked, 1_000)).toBe(1_000);
  expect(onAlarm(checked, 1_000)).toEqual({ checks: true, nextMs: 6_000 });
  expect(onAlarm(checked, 600_999)).toEqual({ checks: true, nextMs: 605_999 });
  expect(onAlarm(checked, 601_000)).toBeNull();
});

test("without checks, or switched off, the alarm does nothing but forget", () => {
  const plain = poolOf();
  expect(firstAlarmMs(plain, 1_000)).toBe(601_000);
  expect(onAlarm(plain, 2_000)).toEqual({ checks: false, nextMs: 601_000 });
  const off = poolOf({ healthCheck: CHECK, isEnabled: false });
  expect(onAlarm(off, 2_000)).toEqual({ checks: false, nextMs: 601_000 });
  expect(onAlarm(NO_POOL, 2_000)).toBeNull();
});

test("a check that fails takes a target out as a call does", () => {
  const state = poolOf({ healthCheck: CHECK });
  const bad = { atMs: 2_000, isGood: false, status: 500 };
  expect(wellIn(takeCheck(state, B, bad))).toEqual([true, false]);
  expect(wellIn(takeCheck(takeCheck(state, B, bad), B, { ...bad, isGood: true }))).toEqual([
    true,
    true,
  ]);
});
