import { describe, expect, test } from "vitest";
import type { CallOutcome } from "#upstreams/core/health";
import type { Upstream } from "#upstreams/core/upstream";
import { UPSTREAM_DEFAULTS } from "#upstreams/core/upstream";
import type { TargetStanding } from "#upstreams/core/view";
import { UpstreamViews } from "#upstreams/views";
import type { Look } from "#upstreams/views";

const [A, B] = ["http://a.example", "http://b.example"];

const upstream = (version: number, more: Partial<Upstream> = {}): Upstream => ({
  ...UPSTREAM_DEFAULTS,
  id: "ups_1",
  name: "billing",
  targets: [A, B].map((url) => ({ url: url ?? "", weight: 1 })),
  addHeaders: [],
  secretHeaders: [],
  healthCheck: null,
  scope: "gw:billing",
  version,
  isEnabled: true,
  createdAtMs: 0,
  updatedAtMs: 0,
  ...more,
});
const well = (url = ""): TargetStanding => ({
  url,
  isHealthy: true,
  isSuspect: false,
  probeAtMs: null,
});
const out = (url: string | undefined, probeAtMs: number | null): TargetStanding => ({
  ...well(url),
  isHealthy: false,
  isSuspect: true,
  probeAtMs,
});

/** An isolate over a pool that the test plays. */
function isolate(first: Partial<Look> = {}) {
  const time = { nowMs: 0 };
  const timers: (() => void)[] = [];
  const looks: boolean[] = [];
  const told: [string, CallOutcome, number][] = [];
  let beside: Promise<unknown>[] = [];
  const pool = {
    look: {
      upstream: upstream(1),
      secretHeaders: [],
      standings: [well(A), well(B)],
      probe: null,
      ...first,
    } as Look,
    fault: null as Error | null,
    hold: Promise.resolve(),
  };
  const views = new UpstreamViews({
    clock: () => time.nowMs,
    timer: (_ms, callback) => {
      timers.push(callback);
      return () => timers.splice(timers.indexOf(callback), 1);
    },
    look: async (_name, wantsProbe) => {
      looks.push(wantsProbe);
      const answer = pool.look;
      await pool.hold;
      if (pool.fault !== null) throw pool.fault;
      return answer;
    },
    tell: async (_name, url, outcome, count) => {
      told.push([url, outcome, count]);
      await pool.hold;
      return pool.look.standings;
    },
  });
  const waitUntil = (work: Promise<unknown>): void => void beside.push(work);
  return {
    time,
    timers,
    looks,
    told,
    pool,
    views,
    get: () => views.get("billing", waitUntil),
    report: (url: string | undefined, outcome: CallOutcome) =>
      views.report("billing", url ?? "", outcome, waitUntil),
    settle: async () => {
      const running = beside;
      beside = [];
      await Promise.all(running);
    },
  };
}

const hold = () => Promise.withResolvers<void>();

describe("how old what an isolate goes by can be", () => {
  test("for two seconds the pool is not asked", async () => {
    const { get, looks, time } = isolate();
    for (const nowMs of [0, 1, 1_999]) {
      time.nowMs = nowMs;
      expect((await get())?.upstream.version).toBe(1);
    }
    expect(looks).toHaveLength(1);
  });

  test("after two it is asked beside the request, which does not wait", async () => {
    const { get, looks, pool, settle, time } = isolate();
    await get();
    const answer = hold();
    pool.look = { ...pool.look, upstream: upstream(2) };
    pool.hold = answer.promise;
    time.nowMs = 2_000;
    expect((await get())?.upstream.version).toBe(1);
    expect((await get())?.upstream.version).toBe(1);
    expect(looks).toHaveLength(2);
    answer.resolve();
    await settle();
    expect((await get())?.upstream.version).toBe(2);
  });

  test("after five it is asked before: a change is known then at the latest", async () => {
    const { get, pool, time } = isolate();
    await get();
    pool.look = { ...pool.look, upstream: upstream(2), standings: [well(A), out(B, null)] };
    time.nowMs = 4_999;
    expect((await get())?.upstream.version).toBe(1);
    time.nowMs = 10_000;
    const view = await get();
    expect([view?.upstream.version, view?.targets.map(({ url }) => url)]).toEqual([2, [A]]);
  });

  test("its age counts from when the pool was asked, not from when it answered", async () => {
    const { get, looks, pool, time } = isolate();
    const answer = hold();
    pool.hold = answer.promise;
    const first = get();
    time.nowMs = 5_000;
    answer.resolve();
    await first;
    await get();
    expect(looks).toHaveLength(2);
  });

  test("many first requests ask once", async () => {
    const { get, looks } = isolate();
    await Promise.all(Array.from({ length: 20 }, get));
    expect(looks).toHaveLength(1);
  });

  test("what is forgotten is looked up anew, also where an older look was under way", async () => {
    const { get, pool, views } = isolate();
    const answer = hold();
    pool.hold = answer.promise;
    const early = get();
    pool.look = { ...pool.look, upstream: upstream(2) };
    views.forget("billing");
    const late = get();
    answer.resolve();
    await early;
    await late;
    expect((await get())?.upstream.version).toBe(2);
  });
});

describe("a pool that cannot be asked", () => {
  test("leaves what is known serving, and is asked again after a second", async () => {
    const { get, looks, pool, time } = isolate();
    await get();
    pool.fault = new Error("database");
    time.nowMs = 60_000;
    expect((await get())?.upstream.version).toBe(1);
    expect((await get())?.upstream.version).toBe(1);
    expect(looks).toHaveLength(2);
    time.nowMs = 61_000;
    pool.fault = null;
    pool.look = { ...pool.look, upstream: upstream(2) };
    expect((await get())?.upstream.version).toBe(2);
  });

  test("that hangs is waited for a second, once", async () => {
    const { get, looks, pool, time, timers } = isolate();
    await get();
    pool.hold = hold().promise;
    time.nowMs = 60_000;
    const waiting = get();
    await Promise.resolve();
    for (const ring of timers.splice(0)) ring();
    expect((await waiting)?.upstream.version).toBe(1);
    expect((await get())?.upstream.version).toBe(1);
    expect(looks).toHaveLength(2);
  });

  test("is a 503 where nothing is known", async () => {
    const { get, pool } = isolate();
    pool.fault = new Error("database");
    await expect(get()).rejects.toMatchObject({ code: "DEPENDENCY_UNAVAILABLE" });
    pool.fault = null;
    expect(await get()).not.toBeNull();
  });
});

test("one that is not there, or switched off, is null, and asked for as seldom", async () => {
  const { get, looks } = isolate({ upstream: null, standings: [] });
  expect([await get(), await get()]).toEqual([null, null]);
  expect(looks).toHaveLength(1);
});

test("made-up names do not fill the memory", async () => {
  const { looks, views } = isolate({ upstream: null, standings: [] });
  for (let i = 0; i < 1_001; i++) await views.get(`n${i}`, () => {});
  await views.get("n1000", () => {});
  expect(looks).toHaveLength(1_001);
  await views.get("n0", () => {});
  expect(looks).toHaveLength(1_002);
});

test("a secret that does not open fails the call and sends it nowhere without", async () => {
  const { get } = isolate({ secretHeaders: null });
  await expect(get()).rejects.toMatchObject({ code: "MISCONFIGURED" });
});

describe("a target that is out", () => {
  test("is in no view, and its probe is given to one call", async () => {
    const { get } = isolate({ standings: [well(A), out(B, 0)], probe: B ?? null });
    const [first, second] = [await get(), await get()];
    expect(first?.targets.map(({ url }) => url)).toEqual([A]);
    expect([first?.probe?.url, second?.probe]).toEqual([B, null]);
  });

  test("is asked for as a probe when its time comes, before the request where nothing else is well", async () => {
    const { get, looks, pool, time } = isolate({ standings: [out(A, 1_000), out(B, 3_000)] });
    const down = await get();
    expect([down?.targets, down?.probe, down?.retryAfterSeconds]).toEqual([[], null, 1]);
    time.nowMs = 999;
    await get();
    expect(looks).toEqual([true]);
    time.nowMs = 1_000;
    pool.look = { ...pool.look, probe: A ?? null };
    expect((await get())?.probe?.url).toBe(A);
    expect(looks).toEqual([true, true]);
  });

  test("and has checks tells after which time one may have brought it back", async () => {
    const check = {
      path: "/",
      intervalSeconds: 15,
      timeoutMs: 1000,
      healthyAfter: 1,
      unhealthyAfter: 1,
      expectedStatus: null,
    };
    const { get } = isolate({
      upstream: upstream(1, { healthCheck: check }),
      standings: [out(A, null), out(B, null)],
    });
    expect((await get())?.retryAfterSeconds).toBe(15);
  });
});

describe("what calls show", () => {
  test("a success is told only where failures stand on record, and once", async () => {
    const { get, report, settle, told, pool, time } = isolate();
    await get();
    report(A, "success");
    pool.look = { ...pool.look, standings: [{ ...well(A), isSuspect: true }, well(B)] };
    time.nowMs = 5_000;
    await get();
    pool.look = { ...pool.look, standings: [well(A), well(B)] };
    report(A, "success");
    report(A, "success");
    report(B, "success");
    await settle();
    expect(told).toEqual([[A, "success", 1]]);
  });

  test("a storm of failures is a few words, and none of them is lost", async () => {
    const { get, report, settle, told, pool } = isolate();
    await get();
    const answer = hold();
    pool.hold = answer.promise;
    for (let i = 0; i < 100; i++) report(A, "failure");
    report(B, "failure");
    answer.resolve();
    await settle();
    const ofA = told.filter(([url]) => url === A).map(([, , count]) => count);
    expect(ofA.reduce((sum, count) => sum + count, 0)).toBe(100);
    expect(ofA.length).toBeLessThanOrEqual(2);
  });

  test("what the pool answers is gone by at once", async () => {
    const { get, report, settle, pool } = isolate();
    await get();
    pool.look = { ...pool.look, standings: [out(A, 9_000), well(B)] };
    report(A, "failure");
    await settle();
    expect((await get())?.targets.map(({ url }) => url)).toEqual([B]);
  });
});
