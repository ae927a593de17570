import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { SiteVerdict } from "#scrape/core/politeness";

const gate = (site: string) => env.SITE_GATE.get(env.SITE_GATE.idFromName(site));
const acquire = (
  site: string,
  slot: string,
  more: { crawlDelayMs?: number; waitMs?: number } = {},
) => gate(site).acquire({ slot, crawlDelayMs: 0, waitMs: 0, ...more }) as Promise<SiteVerdict>;
const isGranted = async (...args: Parameters<typeof acquire>): Promise<boolean> =>
  (await acquire(...args)).granted;

/** What a gate has in storage, as the storage itself says. */
const stored = (site: string): Promise<number> =>
  runInDurableObject(gate(site), (_instance, state) => [...state.storage.kv.list()].length);

test("twenty at one moment, by any number of clients: exactly four go out", async () => {
  const granted = await Promise.all(
    Array.from({ length: 20 }, (_, i) => isGranted("busy.example.com", `s${i}`)),
  );
  expect(granted.filter(Boolean).length).toBe(4);
});

test("one site's load is not another's", async () => {
  for (let i = 0; i < 4; i++) await acquire("a.example.com", `s${i}`);
  expect(await isGranted("a.example.com", "x")).toBe(false);
  expect(await isGranted("b.example.com", "x")).toBe(true);
});

describe("an eviction", () => {
  test("frees no slot that is held", async () => {
    for (let i = 0; i < 4; i++) await acquire("held.example.com", `s${i}`);
    await evictDurableObject(gate("held.example.com"));
    expect(await isGranted("held.example.com", "x")).toBe(false);
    await gate("held.example.com").release("s0", { kind: "answered" });
    expect(await isGranted("held.example.com", "x")).toBe(true);
  });

  test("forgets nothing of the window", async () => {
    for (let i = 0; i < 60; i++) {
      await acquire("minute.example.com", `s${i}`);
      await gate("minute.example.com").release(`s${i}`, { kind: "answered" });
      if (i % 20 === 0) await evictDurableObject(gate("minute.example.com"));
    }
    const verdict = await acquire("minute.example.com", "x");
    expect(verdict).toMatchObject({ granted: false, reason: "rate" });
  });

  test("forgets neither a pushed-back site nor a crawl delay", async () => {
    await acquire("tired.example.com", "s");
    await gate("tired.example.com").release("s", { kind: "pushed_back", retryAfterMs: 60_000 });
    await acquire("slow.example.com", "s", { crawlDelayMs: 30_000 });
    await evictDurableObject(gate("tired.example.com"));
    await evictDurableObject(gate("slow.example.com"));
    expect(await acquire("tired.example.com", "x")).toMatchObject({ reason: "backoff" });
    expect(await acquire("slow.example.com", "x")).toMatchObject({ reason: "crawl_delay" });
  });
});

describe("waiting in place", () => {
  test("ends as soon as a slot is given back, in the order of asking", async () => {
    for (let i = 0; i < 4; i++) {
      await acquire("queue.example.com", `s${i}`);
      await acquire("never.example.com", `s${i}`);
    }
    const order: string[] = [];
    const wait = async (site: string, slot: string): Promise<void> => {
      const verdict = await acquire(site, slot, { waitMs: 1_000 });
      order.push(`${slot}: ${verdict.granted}`);
    };
    // The first to begin; it waits its whole time in vain, which is what the others would have to do.
    const inVain = wait("never.example.com", "in vain");
    const waiters = [wait("queue.example.com", "first"), wait("queue.example.com", "second")];
    // Behind the waiters in the object's own order.
    await gate("queue.example.com").renew("s0");
    await gate("queue.example.com").release("s0", { kind: "answered" });
    await gate("queue.example.com").release("s1", { kind: "answered" });
    await Promise.all([inVain, ...waiters]);
    expect(order).toEqual(["first: true", "second: true", "in vain: false"]);
  });

  test("is not done for a clock that ends too late", async () => {
    await acquire("later.example.com", "s", { crawlDelayMs: 30_000 });
    const verdict = await acquire("later.example.com", "x", { waitMs: 1_000 });
    expect(verdict).toMatchObject({ granted: false, reason: "crawl_delay" });
  });
});

test("a renewal holds a slot, and says when it is lost", async () => {
  await acquire("renew.example.com", "s");
  expect(await gate("renew.example.com").renew("s")).toBe(true);
  await gate("renew.example.com").release("s", { kind: "answered" });
  expect(await gate("renew.example.com").renew("s")).toBe(false);
});

describe("what is stored", () => {
  test("goes away by itself once nothing of it matters", async () => {
    await acquire("gone.example.com", "s");
    expect(await stored("gone.example.com")).toBe(1);
    // The window still counts: the alarm moves on.
    await runDurableObjectAlarm(gate("gone.example.com"));
    expect(await stored("gone.example.com")).toBe(1);
    await runInDurableObject(gate("gone.example.com"), (_instance, state) => {
      state.storage.kv.delete("site");
    });
    await evictDurableObject(gate("gone.example.com"));
    await runDurableObjectAlarm(gate("gone.example.com"));
    expect(await stored("gone.example.com")).toBe(0);
    expect(await isGranted("gone.example.com", "s")).toBe(true);
  });
});
