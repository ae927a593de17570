import * as fc from "fast-check";
import { expect, test } from "vitest";
import { placeTask, shareOf } from "#tasks/core/placement";

const settings = fc.record({
  shards: fc.integer({ min: 1, max: 256 }),
  concurrency: fc.integer({ min: 1, max: 100_000 }),
});
const random = fc.double({ min: 0, max: 0.999_999, noNaN: true });

test("one owner's idempotency key always leads to one shard; without a key, tasks spread", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), settings, random, (owner, key, placement, random) => {
      const shard = placeTask(owner, key, placement, random);
      expect(shard).toBe(placeTask(owner, key, placement, 0));
      expect(shard).toBeLessThan(placement.shards);
    }),
  );
  const wide = { shards: 8, concurrency: 1_000 };
  expect([0, 0.2, 0.5, 0.999].map((random) => placeTask("o", null, wide, random))).toEqual([
    0, 1, 4, 7,
  ]);
});

test("the shares of the shards that an owner's tasks go to add up to the limit, and to no more", () => {
  fc.assert(
    fc.property(fc.string(), settings, fc.array(random), (owner, placement, randoms) => {
      const asked = new Set(randoms.map((random) => placeTask(owner, null, placement, random)));
      const shares = Array.from({ length: placement.shards }, (_, shard) =>
        shareOf(owner, shard, placement),
      );
      const sum = (shards: Iterable<number>): number =>
        [...shards].reduce((total, shard) => total + (shares[shard] ?? 0), 0);
      expect(sum(asked)).toBeLessThanOrEqual(placement.concurrency);
      const all = Array.from({ length: 512 }, (_, i) => placeTask(owner, null, placement, i / 512));
      expect(sum(new Set(all))).toBe(placement.concurrency);
    }),
  );
});

test("a small limit is kept in one place, where nothing of it is unused", () => {
  const placement = { shards: 32, concurrency: 5 };
  const shards = new Set([0, 0.3, 0.6, 0.99].map((r) => placeTask("o", null, placement, r)));
  expect(shards.size).toBe(1);
  expect(shareOf("o", [...shards][0] ?? -1, placement)).toBe(5);
});

test("a shard of an earlier setting goes on, one task at a time", () => {
  const placement = { shards: 32, concurrency: 5 };
  const home = placeTask("o", null, placement, 0);
  expect(shareOf("o", (home + 1) % 32, placement)).toBe(1);
});
