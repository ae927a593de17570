import { expect, test } from "vitest";
import { Meter } from "#platform/meter";
import { Flusher } from "#platform/meter-flush";
import type { NumberedDelta, Pulse } from "#platform/meter-flush";

/** A Pulse that notes what it took, and an isolate with a clock of its own. */
function isolate(startMs = 1_000_000) {
  let nowMs = startMs;
  const waits: { readonly ms: number; readonly go: () => void }[] = [];
  const calls: { readonly source: string; readonly seqs: number[] }[] = [];
  const taken = new Map<number, NumberedDelta>();
  const state = { isDown: false, answersAreLost: false };
  const pulse: Pulse = {
    add: async (source, deltas) => {
      if (state.isDown) throw new Error("down");
      calls.push({ source, seqs: deltas.map(({ seq }) => seq) });
      for (const delta of deltas) if (!taken.has(delta.seq)) taken.set(delta.seq, delta);
      if (state.answersAreLost) throw new Error("the answer was lost");
    },
  };
  const meter = new Meter();
  const flusher = new Flusher(meter, {
    now: () => nowMs,
    newSource: () => "isolate",
    wait: (ms) =>
      new Promise((resolve) => {
        waits.push({ ms, go: resolve });
      }),
  });
  const faults: unknown[] = [];
  return {
    meter,
    flusher,
    pulse,
    state,
    calls,
    faults,
    waits,
    /** One request: it counts, and sees to it that this is told. */
    request: () => {
      meter.count("naru_rate_limited_total", { policy: "burst" });
      return flusher.flushSoon(pulse, (error) => faults.push(error));
    },
    advance: (ms: number) => {
      nowMs += ms;
    },
    /** Ends the one pause that somebody waits for. */
    pass: async () => {
      const wait = waits.shift();
      if (wait === undefined) throw new Error("nobody waits");
      nowMs += wait.ms;
      wait.go();
      await settled();
    },
    total: () =>
      [...taken.values()].flatMap(({ counters }) => counters).reduce((sum, { by }) => sum + by, 0),
  };
}

const settled = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

test("the first count is told at once, further ones at most once a second, the last within a second", async () => {
  const it = isolate();
  await it.request();
  expect(it.calls).toEqual([{ source: "isolate", seqs: [1] }]);
  const turn = it.request();
  expect(turn).not.toBeNull();
  // Somebody is about it: nobody else has to be.
  for (let i = 0; i < 50; i++) expect(it.request()).toBeNull();
  await settled();
  expect(it.calls.length).toBe(1);
  expect(it.waits.map(({ ms }) => ms)).toEqual([1_000]);
  await it.pass();
  await turn;
  expect(it.calls.length).toBe(2);
  expect(it.total()).toBe(52);
});

test("what is counted while a flush is on its way is told by the same turn", async () => {
  const it = isolate();
  const turn = it.request();
  it.meter.count("naru_rate_limited_total", { policy: "burst" });
  await settled();
  await it.pass();
  await turn;
  expect(it.total()).toBe(2);
});

test("a flush that failed is sent again as it was, with what came since, and nothing is lost", async () => {
  const it = isolate();
  it.state.isDown = true;
  const turn = it.request();
  await settled();
  expect(it.faults.length).toBe(1);
  expect(it.request()).toBeNull();
  it.state.isDown = false;
  await it.pass();
  await turn;
  expect(it.calls).toEqual([{ source: "isolate", seqs: [1, 2] }]);
  expect(it.total()).toBe(2);
});

test("a flush whose answer was lost is sent again under its number", async () => {
  const it = isolate();
  it.state.answersAreLost = true;
  const turn = it.request();
  await settled();
  it.state.answersAreLost = false;
  await it.pass();
  await turn;
  expect(it.calls.map(({ seqs }) => seqs)).toEqual([[1], [1]]);
  expect(it.total()).toBe(1);
});

test("while nothing arrives, what waits to be sent stays bounded, and all of it arrives later", async () => {
  const it = isolate();
  it.state.isDown = true;
  for (let i = 0; i < 100; i++) {
    it.meter.count("naru_rate_limited_total", { policy: "burst" });
    await expect(it.flusher.flushNow(it.pulse)).rejects.toThrow("down");
  }
  it.state.isDown = false;
  await it.flusher.flushNow(it.pulse);
  expect(it.calls[0]?.seqs).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  await it.flusher.flushNow(it.pulse);
  expect(it.total()).toBe(100);
});

test("nothing is sent where nothing was counted", async () => {
  const it = isolate();
  await it.flusher.flushNow(it.pulse);
  expect(it.calls).toEqual([]);
});

test("a turn under steady traffic hands over before the time of its request is up, and leaves nothing behind", async () => {
  const it = isolate();
  const turn = it.request();
  const state = { isOver: false };
  void turn?.finally(() => {
    state.isOver = true;
  });
  for (let second = 0; second < 30 && !state.isOver; second++) {
    await settled();
    it.meter.count("naru_rate_limited_total", { policy: "burst" });
    if (it.waits.length > 0) await it.pass();
  }
  expect(state.isOver).toBe(true);
  // The next request finds no turn under way and takes it on.
  const next = it.request();
  expect(next).not.toBeNull();
  await settled();
  if (it.waits.length > 0) await it.pass();
  await next;
  expect(it.meter.isEmpty).toBe(true);
});

test("a turn that was cut off with its request is taken over", async () => {
  const it = isolate();
  await it.request();
  // It waits for ever.
  expect(it.request()).not.toBeNull();
  it.advance(29_000);
  expect(it.request()).toBeNull();
  it.advance(2_000);
  const turn = it.request();
  expect(turn).not.toBeNull();
  await turn;
  expect(it.total()).toBe(4);
});
