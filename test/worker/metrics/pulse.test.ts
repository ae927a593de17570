import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { MeterDelta } from "#platform/meter";
import type { NumberedDelta } from "#platform/meter-flush";

const pulse = () => env.PULSE.getByName("pulse");
const counted = (by: number, route = "/a"): MeterDelta => ({
  counters: [{ name: "naru_requests_total", values: ["GET", route, "200"], by }],
  histograms: [
    {
      name: "naru_request_duration_seconds",
      values: [route],
      buckets: Array.from({ length: 14 }, (_, i) => (i === 2 ? by : 0)),
      sum: by * 0.02,
    },
  ],
});
const numbered = (seq: number, by: number): NumberedDelta => ({ seq, ...counted(by) });
const total = async (): Promise<number> =>
  (await pulse().read()).totals.counters.reduce((sum, { by }) => sum + by, 0);

test("what isolates add is summed, and a flush that is repeated counts once", async () => {
  await pulse().add("one", [numbered(1, 5)]);
  await pulse().add("other", [numbered(1, 7)]);
  await pulse().add("one", [numbered(1, 5), numbered(2, 10)]);
  await pulse().add("one", [numbered(1, 5), numbered(2, 10)]);
  await pulse().add("one", [numbered(2, 10)]);
  expect(await total()).toBe(22);
});

test("what was added survives the object, and so does what must not be added again", async () => {
  await pulse().add("one", [numbered(1, 5)]);
  const before = await pulse().read();
  await evictDurableObject(pulse());
  expect(await pulse().read()).toEqual(before);
  await pulse().add("one", [numbered(1, 5), numbered(2, 1)]);
  expect(await total()).toBe(6);
  await evictDurableObject(pulse());
  expect(await total()).toBe(6);
  expect((await pulse().read()).totals.histograms[0]).toMatchObject({
    sum: expect.closeTo(0.12, 9),
  });
});

test("a flush is taken whole or not at all, and may be sent again after a failure", async () => {
  await pulse().add("one", [numbered(1, 5)]);
  await runInDurableObject(pulse(), async (instance, state) => {
    // The last write of a flush fails: of all before it nothing may stay.
    state.storage.sql.exec(
      "CREATE TRIGGER full BEFORE INSERT ON sources BEGIN SELECT RAISE(ABORT, 'full'); END",
    );
    expect(() => instance.add("one", [numbered(2, 100)])).toThrow("full");
    state.storage.sql.exec("DROP TRIGGER full");
    expect(instance.read().totals.counters[0]?.by).toBe(5);
    instance.add("one", [numbered(2, 100)]);
    expect(instance.read().totals.counters[0]?.by).toBe(105);
  });
});

test("isolates that went away are forgotten after a day, and their counts are not", async () => {
  await pulse().add("gone", [numbered(1, 5)]);
  await runInDurableObject(pulse(), async (_instance, state) => {
    state.storage.sql.exec("UPDATE sources SET seen_at = seen_at - 2 * 86400000");
  });
  await evictDurableObject(pulse());
  await pulse().add("here", [numbered(1, 1)]);
  await runInDurableObject(pulse(), async (_instance, state) => {
    expect(state.storage.sql.exec("SELECT id FROM sources").toArray()).toEqual([{ id: "here" }]);
  });
  expect(await total()).toBe(6);
});

test("what another version counts and this one does not know is left out, and the rest is taken", async () => {
  const [known] = counted(3).counters;
  if (!known) throw new Error("nothing was counted");
  const strange = { ...known, name: "naru_of_tomorrow_total" as typeof known.name };
  await pulse().add("one", [{ seq: 1, counters: [strange, known], histograms: [] }]);
  expect((await pulse().read()).totals.counters).toEqual([known]);
});
