import { expect, test } from "vitest";
import { takeBody } from "#upstreams/relay-body";
import type { RelayOptions } from "#upstreams/relay-body";

/** A body that comes in these pieces and then ends, unless it hangs. */
function bodyOf(pieces: readonly string[], end: "ends" | "hangs" | "breaks" = "ends") {
  const queue = pieces.map((piece) => new TextEncoder().encode(piece));
  const source: UnderlyingByteSource = {
    type: "bytes",
    pull(controller) {
      const piece = queue.shift();
      if (piece !== undefined) controller.enqueue(piece);
      else if (end === "breaks") controller.error(new Error("lost"));
      else if (end === "ends") {
        controller.close();
        controller.byobRequest?.respond(0);
      } else return new Promise<void>(() => undefined);
      return undefined;
    },
  };
  return new ReadableStream(source as unknown as UnderlyingSource<Uint8Array>);
}

/** Timers that fire at once or never, and how many are still set. */
function timers(fires: boolean) {
  let set = 0;
  const timer: RelayOptions["timer"] = (_ms, callback) => {
    set++;
    if (fires) queueMicrotask(callback);
    return () => set--;
  };
  return { timer, left: () => set };
}

const optionsOf = (length: number | null, timer: RelayOptions["timer"]): RelayOptions => ({
  length,
  maxBytes: null,
  idleMs: 1000,
  stallMs: null,
  timer,
});

test("a short body that comes in one piece is whole, is seen once, and leaves no timer", async () => {
  const { timer, left } = timers(false);
  const seen: string[] = [];
  const onPiece = (piece: Uint8Array): number => seen.push(new TextDecoder().decode(piece));
  const taken = await takeBody(bodyOf(["hello"]), { ...optionsOf(5, timer), onPiece });
  expect(new TextDecoder().decode(taken as Uint8Array)).toBe("hello");
  expect(seen).toEqual(["hello"]);
  expect(left()).toBe(0);
});

test.each([
  [["hel", "lo"], 5],
  [["hello"], null],
  [["x".repeat(20_000)], 20_000],
  [[], 0],
])(
  "what is not all here at once is relayed from its first byte to its last",
  async (pieces, length) => {
    const { timer, left } = timers(false);
    const taken = await takeBody(bodyOf(pieces), optionsOf(length, timer));
    if (taken instanceof Uint8Array) throw new Error("not relayed");
    expect(await new Response(taken.readable).text()).toBe(pieces.join(""));
    expect(await taken.ended).toBe("complete");
    expect(left()).toBe(0);
  },
);

test.each([
  ["one that ends before its told length", bodyOf.bind(null, ["hel"], "ends"), 5],
  ["one that breaks", bodyOf.bind(null, ["hel"], "breaks"), 5],
  ["one that breaks before its first byte", bodyOf.bind(null, [], "breaks"), 5],
  ["one that is longer than it told", bodyOf.bind(null, ["hello", "more"], "ends"), 5],
  ["one whose only piece is longer", bodyOf.bind(null, ["hello"], "ends"), 3],
])("%s breaks for its reader too", async (_name, make, length) => {
  const taken = await takeBody(make(), optionsOf(length, timers(false).timer));
  if (taken instanceof Uint8Array) throw new Error("taken for whole");
  await expect(new Response(taken.readable).text()).rejects.toThrow();
  expect(await taken.ended).not.toBe("complete");
});

test.each([[[]], [["hel"]]])("one that stops is left after its idle time", async (pieces) => {
  const taken = await takeBody(bodyOf(pieces, "hangs"), optionsOf(5, timers(true).timer));
  if (taken instanceof Uint8Array) throw new Error("taken for whole");
  await expect(new Response(taken.readable).text()).rejects.toThrow();
  expect(await taken.ended).toBe("idle");
});
