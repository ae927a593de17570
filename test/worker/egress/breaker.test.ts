import { env } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import type { BreakerState } from "#egress/core/breaker";
import { createBreaker } from "#egress/service";
import type { Passage } from "#egress/service";

const enter = (host: string, purpose = "scrape"): Promise<Passage> =>
  createBreaker(env.BREAKER, purpose).enter(host);

async function fail(host: string, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const passage = await enter(host);
    if (passage.allowed) await passage.settle("failure");
  }
}

test("a host that fails five times in a row is left alone, by every caller, for a while", async () => {
  await fail("down.example.com:443", 4);
  expect((await enter("down.example.com:443")).allowed).toBe(true);
  await fail("down.example.com:443", 1);
  const passage = await enter("down.example.com:443");
  expect(passage.allowed).toBe(false);
  if (!passage.allowed) {
    expect(passage.retryAfterMs).toBeGreaterThan(0);
    expect(passage.retryAfterMs).toBeLessThanOrEqual(5_000);
  }
});

test("other hosts, ports and purposes are not", async () => {
  await fail("down.example.com:443", 5);
  expect((await enter("up.example.com:443")).allowed).toBe(true);
  expect((await enter("down.example.com:80")).allowed).toBe(true);
  expect((await enter("down.example.com:443", "model")).allowed).toBe(true);
});

test("a success in between starts the count again", async () => {
  await fail("shaky.example.com:443", 4);
  const passage = await enter("shaky.example.com:443");
  if (passage.allowed) await passage.settle("success");
  await fail("shaky.example.com:443", 4);
  expect((await enter("shaky.example.com:443")).allowed).toBe(true);
});

test("an evicted breaker remembers that the host is down", async () => {
  await fail("down.example.com:443", 5);
  await evictDurableObject(env.BREAKER.get(env.BREAKER.idFromName("scrape:down.example.com:443")));
  expect((await enter("down.example.com:443")).allowed).toBe(false);
});

/** Lets the delay of an open breaker be over. */
async function skipDelay(host: string): Promise<void> {
  const stub = env.BREAKER.get(env.BREAKER.idFromName(`scrape:${host}`));
  await runInDurableObject(stub as unknown as DurableObjectStub, (instance) => {
    const held = instance as unknown as { breaker: BreakerState };
    held.breaker = { ...held.breaker, openUntilMs: Date.now() };
  });
}

test("after its delay one probe goes out alone; its success lets everybody in again", async () => {
  await fail("back.example.com:443", 5);
  await skipDelay("back.example.com:443");
  const probe = await enter("back.example.com:443");
  expect(probe.allowed).toBe(true);
  expect((await enter("back.example.com:443")).allowed).toBe(false);
  if (probe.allowed) await probe.settle("success");
  expect((await enter("back.example.com:443")).allowed).toBe(true);
});

test("a probe that fails shuts it again, for longer", async () => {
  await fail("still.example.com:443", 5);
  await skipDelay("still.example.com:443");
  await fail("still.example.com:443", 1);
  const passage = await enter("still.example.com:443");
  expect(passage.allowed).toBe(false);
  if (!passage.allowed) expect(passage.retryAfterMs).toBeGreaterThan(5_000);
});

test("a breaker that cannot be asked lets the call through", async () => {
  const broken = {
    idFromName: () => "id",
    get: () => ({ fetch: () => Promise.reject(new Error("overloaded")) }),
  };
  const passage = await createBreaker(broken as never, "scrape").enter("any.example.com:443");
  expect(passage.allowed).toBe(true);
  if (passage.allowed) await passage.settle("failure");
});
