import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { UpstreamPool } from "../../../src/index";
import { readConfig } from "#platform/config";
import { parseEncryptionKeys, open } from "#platform/secret-box";
import type { CallOutcome } from "#upstreams/core/health";
import { viewPorts } from "#upstreams/pool-client";
import { loadUpstream, secretContext } from "#upstreams/storage";
import { UpstreamViews } from "#upstreams/views";
import { api } from "../../support/api";
import { adminKey, createUpstream, poolOf, uniqueName, UPSTREAMS } from "../../support/upstreams";

const [A, B] = ["http://a.example", "http://b.example"] as const;
const targets = [{ url: A }, { url: B }];
const health_check = {
  path: "/up",
  interval_seconds: 5,
  timeout_ms: 1000,
  unhealthy_after: 2,
  healthy_after: 2,
};

/** An isolate of its own before the real pool, with a clock that both go by, and what checks find. */
async function stage(name: string) {
  // Ahead of the machine's clock, so that no alarm rings but by the test.
  const time = { nowMs: Date.now() + 3_600_000 };
  const down = new Set<string>();
  const checked: string[] = [];
  const dress = (): Promise<void> =>
    runInDurableObject(poolOf(name), (pool) => {
      // The fields that tests may set are no part of what is reached over RPC.
      const fields = pool as unknown as Pick<UpstreamPool, "clock" | "check">;
      fields.clock = () => time.nowMs;
      fields.check = async (_stored, url) => {
        checked.push(url);
        const isGood = !down.has(url);
        return { atMs: time.nowMs, isGood, status: isGood ? 200 : null };
      };
    });
  await dress();
  const work: Promise<unknown>[] = [];
  const views = new UpstreamViews({ ...viewPorts(env), clock: () => time.nowMs });
  const waitUntil = (promise: Promise<unknown>): void => void work.push(promise);
  return {
    time,
    down,
    checked,
    dress,
    alarm: () => runDurableObjectAlarm(poolOf(name)),
    view: async () => {
      const view = await views.get(name, waitUntil);
      await Promise.all(work.splice(0));
      return view;
    },
    well: async () => (await views.get(name, waitUntil))?.targets.map(({ url }) => url),
    report: async (url: string, outcome: CallOutcome, times = 1) => {
      for (let i = 0; i < times; i++) views.report(name, url, outcome, waitUntil);
      await Promise.all(work.splice(0));
    },
  };
}

const storedIn = (name: string): Promise<number> =>
  runInDurableObject(poolOf(name), (_pool, state) => [...state.storage.kv.list()].length);

test("a change is gone by within five seconds, with the secrets open in memory", async () => {
  const key = await adminKey();
  const { name } = await createUpstream(key, { targets, secret_headers: { "x-key": "one" } });
  const { time, view } = await stage(name);
  expect((await view())?.secretHeaders).toEqual([{ name: "x-key", value: "one" }]);
  const json = { retries: 4, secret_headers: { "x-key": "two" } };
  await api(`${UPSTREAMS}/${name}`, { key, method: "PATCH", json });
  time.nowMs += 5_000;
  const changed = await view();
  expect([changed?.upstream.version, changed?.upstream.retries]).toEqual([2, 4]);
  expect(changed?.secretHeaders).toEqual([{ name: "x-key", value: "two" }]);

  await api(`${UPSTREAMS}/${name}`, { key, method: "PATCH", json: { enabled: false } });
  time.nowMs += 5_000;
  expect(await view()).toBeNull();
  await api(`${UPSTREAMS}/${name}`, { key, method: "DELETE" });
  expect(await storedIn(name)).toBe(0);
  // Another one of that name is another one.
  const next = await createUpstream(key, { name });
  time.nowMs += 5_000;
  expect((await view())?.upstream.id).toBe(next.id);
});

test("a change that the pool was not told of is found by itself", async () => {
  const { name } = await createUpstream(await adminKey());
  const { time, view } = await stage(name);
  await view();
  await env.DB.prepare("UPDATE upstreams SET version = 9 WHERE name = ?").bind(name).run();
  time.nowMs += 5_000;
  expect((await view())?.upstream.version).toBe(9);
});

test("without its database a pool goes on with what it knows, also after an eviction; what it never knew is a 503", async () => {
  const { name } = await createUpstream(await adminKey());
  const known = await stage(name);
  await known.view();
  await env.DB.prepare("ALTER TABLE upstreams RENAME TO gone").run();
  known.time.nowMs += 60_000;
  expect((await known.view())?.upstream.name).toBe(name);
  await evictDurableObject(poolOf(name));
  const other = await stage(name);
  expect((await other.view())?.upstream.name).toBe(name);
  const unknown = await stage(uniqueName());
  await expect(unknown.view()).rejects.toMatchObject({ code: "DEPENDENCY_UNAVAILABLE" });
});

test("checks take a dead target out and bring it back, for all isolates and across an eviction", async () => {
  const key = await adminKey();
  const { name } = await createUpstream(key, { targets, health_check });
  const { alarm, checked, down, dress, time, view, well } = await stage(name);
  await view();
  // The first request starts the checks.
  expect(await alarm()).toBe(true);
  expect(checked.toSorted()).toEqual([A, B]);
  down.add(B);
  await alarm();
  await alarm();
  time.nowMs += 5_000;
  expect(await well()).toEqual([A]);
  const health = await (await api(`${UPSTREAMS}/${name}/health`, { key })).json();
  expect(health).toMatchObject({
    upstream: name,
    targets: [
      { url: A, healthy: true, failures: 0, last_check: { good: true, status: 200 } },
      { url: B, healthy: false, failures: 2, last_check: { good: false, status: null } },
    ],
  });
  const metrics = await (await api("/metrics", { key })).text();
  expect(metrics.match(/^naru_upstream_healthy.*$/gm)).toEqual([
    `naru_upstream_healthy{upstream="${name}",target="${A}"} 1`,
    `naru_upstream_healthy{upstream="${name}",target="${B}"} 0`,
  ]);
  await evictDurableObject(poolOf(name));
  await dress();
  time.nowMs += 5_000;
  expect(await well()).toEqual([A]);
  down.add(A);
  await alarm();
  await alarm();
  time.nowMs += 5_000;
  expect([await well(), (await view())?.retryAfterSeconds]).toEqual([[], 5]);
  down.clear();
  await alarm();
  await alarm();
  time.nowMs += 5_000;
  expect(await well()).toEqual([A, B]);
});

test("an upstream that nobody asks for is not checked, and its pool forgets itself", async () => {
  const { name } = await createUpstream(await adminKey(), { targets, health_check });
  const { alarm, checked, time, view } = await stage(name);
  await view();
  time.nowMs += 599_999;
  await alarm();
  expect([checked.length, await storedIn(name)]).toEqual([2, 1]);
  time.nowMs += 1;
  await alarm();
  expect([checked.length, await storedIn(name), await alarm()]).toEqual([2, 0, false]);
  // And it is there again for whoever comes next.
  expect((await view())?.targets).toHaveLength(2);
  expect(await alarm()).toBe(true);
  expect(checked).toHaveLength(4);
});

test("a made-up name leaves nothing behind", async () => {
  const name = uniqueName();
  const { alarm, view } = await stage(name);
  expect([await view(), await storedIn(name), await alarm()]).toEqual([null, 0, false]);
});

test("calls that fail take a target without checks out, and one probe at a time brings it back", async () => {
  const { name } = await createUpstream(await adminKey(), { targets: [{ url: A }] });
  const [one, two] = [await stage(name), await stage(name)];
  // The pool goes by the clock that was set last.
  one.time.nowMs = two.time.nowMs;
  const wait = (ms: number): void => {
    one.time.nowMs += ms;
    two.time.nowMs += ms;
  };
  await one.view();
  await two.view();
  await one.report(A, "failure", 2);
  await two.report(A, "failure");
  expect((await two.view())?.targets).toEqual([]);
  wait(5_000);
  const probes = [(await one.view())?.probe, (await two.view())?.probe];
  expect(probes.filter(Boolean).map((probe) => probe?.url)).toEqual([A]);
  const [asker, other] = probes[0] ? [one, two] : [two, one];
  await other.report(A, "success");
  expect((await asker.view())?.targets).toEqual([]);
  await asker.report(A, "success");
  expect((await asker.view())?.targets).toHaveLength(1);
  wait(5_000);
  expect((await other.view())?.targets).toHaveLength(1);
});

test("a definition that changes keeps the health of the targets that stay", async () => {
  const key = await adminKey();
  const { name } = await createUpstream(key, { targets });
  const { report, time, view, well } = await stage(name);
  await view();
  await report(A, "failure", 3);
  const json = { targets: [{ url: A }, { url: "http://c.example" }] };
  await api(`${UPSTREAMS}/${name}`, { key, method: "PATCH", json });
  time.nowMs += 1_999;
  expect(await well()).toEqual([B]);
  time.nowMs += 5_000;
  expect(await well()).toEqual(["http://c.example"]);
});

test("a rotated key takes the secrets over when they are next read", async () => {
  const { id, name } = await createUpstream(await adminKey(), {
    secret_headers: { authorization: "Bearer one", "x-key": "two" },
  });
  const second = `v2.${"b1Ez5AwvrhzDq2ipaZiKcCe0-0cdsx0MtZH47sSIqeR".replace(/R$/, "Q").replace("b1E", "c2F")}`;
  const [old] = readConfig(env).encryptionKeys.byVersion.values();
  const both = parseEncryptionKeys(second);
  if (!both.ok || old === undefined) throw new Error("no keys");
  const keys = { newest: 2, byVersion: new Map([...both.value.byVersion, [1, old]]) };
  const read = await loadUpstream({ db: env.DB, keys }, name);
  expect(read?.upstream.version).toBe(1);
  // The old key may leave the settings now.
  const moved = await loadUpstream({ db: env.DB, keys: both.value }, name);
  const opened = await Promise.all(
    Object.entries(moved?.sealed ?? {}).map(([header, sealed]) =>
      open(both.value, sealed, secretContext(id, header)),
    ),
  );
  expect(opened).toEqual([
    { ok: true, value: "Bearer one" },
    { ok: true, value: "two" },
  ]);
});
