import { expect, test } from "vitest";
import { Ledger } from "#limits/core/ledger";
import type { Rule } from "#limits/core/policy";

const window = (name: string, limit: number, windowMs: number): Rule => ({
  kind: "window",
  name,
  key: name,
  limit,
  windowMs,
});
const concurrent = (name: string, limit: number): Rule => ({
  kind: "concurrent",
  name,
  key: name,
  limit,
});
const BURST = window("burst", 3, 1000);
const CLIENT = window("client", 5, 10_000);
const STREAMS = concurrent("streams", 2);
const slot = (id: string) => ({ id, ttlMs: 15_000 });

const admittedOf = (ledger: Ledger, rules: readonly Rule[], times: readonly number[]): number =>
  times.filter((atMs) => ledger.admit(rules, atMs).admitted).length;

test("several quotas are decided all or nothing: a denial counts against none of them", () => {
  const ledger = new Ledger(null, 0);
  expect(admittedOf(ledger, [BURST, CLIENT], [0, 0, 0, 0, 0, 0])).toBe(3);
  expect(ledger.peek([CLIENT], 0)[0]?.remaining).toBe(2);
  expect(admittedOf(ledger, [BURST, CLIENT], [1000, 1000, 1000])).toBe(2);
  expect(ledger.peek([BURST, CLIENT], 1000).map(({ remaining }) => remaining)).toEqual([1, 0]);
});

test("a denial names every quota that is used up and how long each still is", () => {
  const ledger = new Ledger(null, 0);
  admittedOf(ledger, [BURST, CLIENT], [0, 0, 0]);
  admittedOf(ledger, [BURST, CLIENT], [1500, 1500]);
  admittedOf(ledger, [BURST], [1600]);
  expect(ledger.admit([BURST, CLIENT], 1700).denials).toEqual([
    { name: "burst", key: "burst", kind: "window", waitMs: 800 },
    { name: "client", key: "client", kind: "window", waitMs: 8300 },
  ]);
});

test("what is left of a quota comes with the decision, this call counted", () => {
  const ledger = new Ledger(null, 0);
  expect(ledger.admit([BURST, CLIENT], 0).quotas).toEqual([
    { name: "burst", limit: 3, windowMs: 1000, remaining: 2, resetMs: 1000 },
    { name: "client", limit: 5, windowMs: 10_000, remaining: 4, resetMs: 10_000 },
  ]);
  expect(ledger.admit([BURST], 400).quotas[0]).toMatchObject({ remaining: 1, resetMs: 600 });
});

test("looking counts nothing", () => {
  const ledger = new Ledger(null, 0);
  for (let i = 0; i < 10; i++) ledger.peek([BURST, STREAMS], 0);
  expect(admittedOf(ledger, [BURST], [0, 0, 0])).toBe(3);
});

test("a thousand admissions under large quotas need one write", () => {
  const ledger = new Ledger(null, 0);
  const rules = [window("burst", 1_000_000, 60_000), window("client", 1_000_000, 3_600_000)];
  let writes = 0;
  for (let i = 0; i < 1000; i++) if (ledger.admit(rules, i).mustStore) writes++;
  expect(writes).toBe(1);
});

test("at the default quotas a block covers all policies in one write", () => {
  const ledger = new Ledger(null, 0);
  const rules = [window("burst", 100, 60_000), window("client", 1000, 3_600_000)];
  let writes = 0;
  for (let i = 0; i < 100; i++) if (ledger.admit(rules, i).mustStore) writes++;
  expect(writes).toBeLessThanOrEqual(25);
});

test("slots are limited, come back when they are released, and expire when nobody renews them", () => {
  const ledger = new Ledger(null, 0);
  const take = (id: string, atMs: number): boolean =>
    ledger.admit([STREAMS], atMs, slot(id)).admitted;
  expect([take("a", 0), take("b", 1000), take("c", 1000)]).toEqual([true, true, false]);
  ledger.release("a");
  expect(take("c", 1000)).toBe(true);
  expect(take("d", 15_999)).toBe(false);
  expect(ledger.renew("b", 15_999)).toBe(true);
  expect(take("d", 16_000)).toBe(true);
  expect(take("e", 16_001)).toBe(false);
});

test("a slot that expired cannot be renewed", () => {
  const ledger = new Ledger(null, 0);
  ledger.admit([STREAMS], 0, slot("a"));
  expect(ledger.renew("a", 14_999)).toBe(true);
  expect(ledger.renew("a", 14_999 + 15_000)).toBe(false);
  expect(ledger.renew("b", 0)).toBe(false);
});

test("the same slot asked for twice is one slot", () => {
  const ledger = new Ledger(null, 0);
  for (let i = 0; i < 5; i++) expect(ledger.admit([STREAMS], 0, slot("a")).admitted).toBe(true);
  expect(ledger.admit([STREAMS], 0, slot("b")).admitted).toBe(true);
});

test("a full house of slots counts nothing against the other quotas", () => {
  const ledger = new Ledger(null, 0);
  for (const id of ["a", "b", "c", "d"]) ledger.admit([CLIENT, STREAMS], 0, slot(id));
  expect(ledger.peek([CLIENT], 0)[0]?.remaining).toBe(3);
});

test("a call without a slot is not held back by what is open", () => {
  const ledger = new Ledger(null, 0);
  for (const id of ["a", "b"]) ledger.admit([STREAMS], 0, slot(id));
  expect(ledger.admit([BURST, STREAMS], 0).admitted).toBe(true);
});

test("slots survive a restart, and get one expiry's time to show themselves", () => {
  const ledger = new Ledger(null, 0);
  for (const id of ["a", "b"]) expect(ledger.admit([STREAMS], 0, slot(id)).mustStore).toBe(true);
  const after = new Ledger(ledger.toStored(), 100_000);
  expect(after.admit([STREAMS], 100_000, slot("c")).admitted).toBe(false);
  expect(after.renew("a", 114_999)).toBe(true);
  expect(after.admit([STREAMS], 115_000, slot("c")).admitted).toBe(true);
});

test("a key's own quota and its owner's are two counts", () => {
  const ledger = new Ledger(null, 0);
  const own: Rule = {
    kind: "window",
    name: "key-burst",
    key: "key_1:burst",
    limit: 1,
    windowMs: 1000,
  };
  expect(admittedOf(ledger, [BURST, own], [0, 0])).toBe(1);
  expect(admittedOf(ledger, [BURST, { ...own, key: "key_2:burst" }], [0, 0])).toBe(1);
  expect(admittedOf(ledger, [BURST], [0, 0])).toBe(1);
});

test("a gate knows when there is nothing left to remember, on the machine's clock", () => {
  const ledger = new Ledger(null, 50_000);
  expect(ledger.emptyAtMs(50_000)).toBeNull();
  ledger.admit([BURST, CLIENT], 50_000);
  ledger.admit([BURST], 50_500);
  expect(ledger.emptyAtMs(50_500)).toBe(60_000);
  expect(ledger.emptyAtMs(40_000)).toBe(49_500);
  expect(ledger.emptyAtMs(49_500)).toBeNull();
});
