import { describe, expect, test } from "vitest";
import { createCommit } from "#tasks/core/commit";
import { createGather } from "#tasks/core/gather";
import { createSender } from "#tasks/core/sender";

/** A call that ends when the test says so. */
function createHeldCall() {
  const calls: { readonly items: readonly string[]; readonly end: () => void }[] = [];
  const settle = (items: readonly string[]): Promise<readonly string[]> =>
    new Promise((resolve) => {
      calls.push({
        items,
        end: () => {
          resolve(items.map((item) => item.toUpperCase()));
        },
      });
    });
  return { calls, settle };
}
const turns = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

describe("gathered calls", () => {
  test("the first item goes at once, and those that come meanwhile go together next", async () => {
    const { calls, settle } = createHeldCall();
    const call = createGather(settle, { maxItems: 100 });
    const first = call("a");
    await turns();
    const rest = [call("b"), call("c")];
    await turns();
    expect(calls.map((entry) => entry.items)).toEqual([["a"]]);
    calls[0]?.end();
    expect(await first).toBe("A");
    await turns();
    expect(calls.map((entry) => entry.items)).toEqual([["a"], ["b", "c"]]);
    calls[1]?.end();
    expect(await Promise.all(rest)).toEqual(["B", "C"]);
  });

  test("items of one turn share the first call, up to the limits of a call", async () => {
    const groups: (readonly string[])[] = [];
    const call = createGather(
      (items: readonly string[]) => {
        groups.push(items);
        return items;
      },
      { maxItems: 3, maxWeight: 10, weigh: (item) => item.length },
    );
    await Promise.all(["a", "b", "c", "d", "x".repeat(30), "e", "y".repeat(9), "zz"].map(call));
    expect(groups.map((group) => group.length)).toEqual([3, 1, 1, 2, 1]);
  });

  test("a call that fails refuses its own items and no others", async () => {
    let isBroken = true;
    const call = createGather(
      async (items: readonly string[]) => {
        if (isBroken) throw new Error("down");
        return items;
      },
      { maxItems: 100 },
    );
    await expect(call("a")).rejects.toThrow("down");
    isBroken = false;
    expect(await call("b")).toBe("b");
  });

  test("an item left without an answer is refused, not left waiting", async () => {
    const call = createGather(() => [], { maxItems: 100 });
    await expect(call("a")).rejects.toThrow("without an answer");
  });
});

describe("shared commits", () => {
  test("changes that arrive during a commit share the next one, and one that throws is refused alone", async () => {
    let flushes = 0;
    const commit = createCommit(
      (change) => change(),
      async () => {
        flushes += 1;
        await turns();
      },
    );
    const results = [commit(() => 1)];
    await Promise.resolve();
    await Promise.resolve();
    results.push(commit(() => 2));
    const broken = commit((): number => {
      throw new Error("illegal");
    });
    results.push(commit(() => 4));
    await expect(broken).rejects.toThrow("illegal");
    expect(await Promise.all(results)).toEqual([1, 2, 4]);
    expect(flushes).toBe(2);
  });
});

describe("wake-ups", () => {
  test("that the queue refuses are given back, with the number of failures in a row", async () => {
    const refused: [readonly string[], number][] = [];
    let isFull = true;
    const send = createSender({
      sendBatch: async () => {
        if (isFull) throw new Error("Queue is full");
      },
      onRefused: async (ids, failures) => {
        refused.push([ids, failures]);
      },
    });
    expect(await send("a")).toBe(false);
    expect(await send("b")).toBe(false);
    isFull = false;
    expect(await send("c")).toBe(true);
    expect(refused).toEqual([
      [["a"], 1],
      [["b"], 2],
    ]);
  });

  test("go in batches of at most 100", async () => {
    const sizes: number[] = [];
    const send = createSender({
      sendBatch: async (ids) => {
        sizes.push(ids.length);
      },
      onRefused: async () => undefined,
    });
    await Promise.all(Array.from({ length: 250 }, (_, i) => send(String(i))));
    expect(sizes).toEqual([100, 100, 50]);
  });
});
