import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Fanout } from "#realtime/core/fanout";
import type { Delivered, Receipt } from "#realtime/core/fanout";
import { GatewayIndex } from "#realtime/core/gateway-index";

const event = (offset: number): Delivered => ({ offset, dataJson: `{"n":${offset}}` });

/** A channel whose gateways do what `answer` says; its log keeps everything. */
function channel(
  answer: (gateway: string, events: readonly Delivered[], head: number) => Promise<Receipt>,
) {
  const log: Delivered[] = [];
  const failed: string[] = [];
  const dropped: string[] = [];
  const fanout = new Fanout({
    deliver: answer,
    read: (offset, limit) => log.filter((one) => one.offset > offset).slice(0, limit),
    head: () => log.length,
    drop: (gateway) => dropped.push(gateway),
    failed: (gateway) => failed.push(gateway),
  });
  return {
    fanout,
    failed,
    dropped,
    publish: () => {
      log.push(event(log.length + 1));
      return fanout.publish(event(log.length));
    },
  };
}

const fine: Receipt = { sockets: 1, missingFrom: null };

describe("events for a gateway", () => {
  test("go in order, and together where they come while one is under way", async () => {
    const calls: number[][] = [];
    const gate = Promise.withResolvers<void>();
    const { fanout, publish } = channel(async (_gateway, events) => {
      calls.push(events.map((one) => one.offset));
      if (calls.length === 1) await gate.promise;
      return fine;
    });
    fanout.add("gw");
    const all = [publish(), publish(), publish()];
    gate.resolve();
    await Promise.all(all);
    await fanout.resume();
    expect(calls).toEqual([[1], [2, 3]]);
  });

  test("that could not be handed over are handed over later, from where it failed", async () => {
    const calls: number[][] = [];
    let isDown = true;
    const { fanout, publish, failed } = channel(async (_gateway, events) => {
      if (isDown) throw new Error("reset");
      calls.push(events.map((one) => one.offset));
      return fine;
    });
    fanout.add("gw");
    await publish();
    await publish();
    expect(failed.length).toBeGreaterThan(0);
    expect(fanout.isBehind).toBe(true);
    isDown = false;
    await fanout.resume();
    expect(calls).toEqual([[1, 2]]);
    expect(fanout.isBehind).toBe(false);
  });

  test("that it lacks are sent again from the one that it names", async () => {
    const calls: number[][] = [];
    const { fanout, publish } = channel(async (_gateway, events) => {
      calls.push(events.map((one) => one.offset));
      return calls.length === 3 ? { sockets: 1, missingFrom: 2 } : fine;
    });
    fanout.add("gw");
    await publish();
    await publish();
    await publish();
    expect(calls).toEqual([[1], [2], [3], [2, 3]]);
  });

  test("stop after two that reached nobody", async () => {
    const { fanout, publish, dropped } = channel(async () => ({ sockets: 0, missingFrom: null }));
    fanout.add("gw");
    await publish();
    expect(dropped).toEqual([]);
    await publish();
    expect(dropped).toEqual(["gw"]);
    expect(fanout.gateways).toEqual([]);
  });

  test("that an earlier life owed are asked after", async () => {
    const heads: number[] = [];
    const { fanout, publish } = channel(async (_gateway, _events, head) => {
      heads.push(head);
      return fine;
    });
    await publish();
    fanout.restore("gw");
    expect(fanout.isBehind).toBe(true);
    await fanout.resume();
    expect(heads).toEqual([1]);
    expect(fanout.isBehind).toBe(false);
  });
});

describe("a gateway", () => {
  test("gives whoever comes in everything behind its place once, whatever order things happen in", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("publish", "join", "settle", "fail"), { maxLength: 60 }),
        async (steps) => {
          const index = new GatewayIndex<number>();
          const got = new Map<number, { from: number; offsets: number[] }>();
          const pending: (() => void)[] = [];
          let failNext = false;
          let head = 0;
          const { fanout, publish } = channel(async (_gateway, events, at) => {
            if (failNext) {
              failNext = false;
              throw new Error("lost");
            }
            const { fresh, missingFrom, sockets } = index.accept("c", events, at);
            for (const [socket, { from }] of index.members("c"))
              for (const one of fresh)
                if (one.offset > from) got.get(socket)?.offsets.push(one.offset);
            return { sockets, missingFrom };
          });
          let sockets = 0;
          for (const step of steps) {
            if (step === "publish") {
              head += 1;
              void publish();
            } else if (step === "join") {
              const socket = sockets++;
              const arrival = index.expect("c");
              const from = head;
              fanout.add("gw");
              pending.push(() => {
                got.set(socket, { from, offsets: [] });
                const late = index.admit("c", arrival, socket, { wantsPresence: false, from });
                got.get(socket)?.offsets.push(...late.map((one) => one.offset));
              });
            } else if (step === "settle") pending.shift()?.();
            else failNext = true;
            await Promise.resolve();
          }
          for (const settle of pending) settle();
          failNext = false;
          for (let i = 0; i < 3; i++) await fanout.resume();
          for (const { from, offsets } of got.values())
            expect(offsets).toEqual(Array.from({ length: head - from }, (_, i) => from + 1 + i));
        },
      ),
    );
  });

  test("gives one that comes in again amid a delivery each event once: with its answer, not by the delivery too", () => {
    const index = new GatewayIndex<number>();
    index.admit("c", index.expect("c"), 1, { wantsPresence: false, from: 0 });
    const again = index.expect("c");
    index.accept("c", [event(1), event(2)], 2);
    const late = index.admit("c", again, 1, { wantsPresence: false, from: 1 });
    expect(late.map(({ offset }) => offset)).toEqual([2]);
    expect(index.members("c").get(1)?.from).toBe(2);
  });

  test("says that nobody is there for a channel that it does not carry", () => {
    expect(new GatewayIndex<number>().accept("c", [event(1)], 1)).toEqual({
      fresh: [],
      missingFrom: null,
      sockets: 0,
    });
  });

  test("names what it lacks, and hands out nothing behind a gap", () => {
    const index = new GatewayIndex<number>();
    index.admit("c", index.expect("c"), 1, { wantsPresence: false, from: 3 });
    expect(index.accept("c", [event(6)], 6)).toMatchObject({ fresh: [], missingFrom: 4 });
    expect(index.accept("c", [], 5)).toMatchObject({ fresh: [], missingFrom: 4 });
    expect(index.accept("c", [event(3), event(4), event(5)], 6).fresh).toEqual([
      event(4),
      event(5),
    ]);
  });
});
