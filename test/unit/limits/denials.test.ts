import { expect, test } from "vitest";
import { DenialMemory } from "#limits/core/denials";
import type { Denial } from "#limits/core/ledger";

const denial = (key: string, waitMs: number, kind: Denial["kind"] = "window"): Denial => ({
  name: key,
  key,
  kind,
  waitMs,
});
const QUOTA = { name: "burst", limit: 5, windowMs: 60_000, remaining: 0, resetMs: 3000 };

test("a denial is remembered for its client and its policy, and for nobody and nothing else", () => {
  const memory = new DenialMemory();
  memory.remember("owner:a", [denial("burst", 3000)], [QUOTA], 0);
  expect(memory.recall("owner:a", ["burst", "client"], 1)).not.toBeNull();
  expect(memory.recall("owner:a", ["client"], 1)).toBeNull();
  expect(memory.recall("owner:b", ["burst"], 1)).toBeNull();
});

test("it never outlasts the quota, and what it tells counts down", () => {
  const memory = new DenialMemory();
  memory.remember("a", [denial("burst", 3000)], [QUOTA], 1000);
  expect(memory.recall("a", ["burst"], 1000)?.denial.waitMs).toBe(3000);
  const later = memory.recall("a", ["burst"], 3999);
  expect(later?.denial.waitMs).toBe(1);
  expect(later?.quotas[0]?.resetMs).toBe(1);
  expect(memory.recall("a", ["burst"], 4000)).toBeNull();
});

test("it is asked again after five seconds, however long the denial", () => {
  const memory = new DenialMemory();
  memory.remember("a", [denial("client", 3_600_000)], [], 0);
  expect(memory.recall("a", ["client"], 4999)?.denial.waitMs).toBe(3_595_001);
  expect(memory.recall("a", ["client"], 5000)).toBeNull();
});

test("what is open at once is never remembered: it can end at any moment", () => {
  const memory = new DenialMemory();
  memory.remember("a", [denial("streams", 15_000, "concurrent")], [], 0);
  expect(memory.recall("a", ["streams"], 0)).toBeNull();
});

test("of two remembered denials the longer one is told", () => {
  const memory = new DenialMemory();
  memory.remember("a", [denial("burst", 500), denial("client", 4000)], [], 0);
  expect(memory.recall("a", ["burst", "client"], 100)?.denial.name).toBe("client");
  expect(memory.recall("a", ["burst"], 100)?.denial.name).toBe("burst");
});

test("a clock that was set back does not make a denial live longer", () => {
  const memory = new DenialMemory();
  memory.remember("a", [denial("burst", 3000)], [], 100_000);
  expect(memory.recall("a", ["burst"], 99_999)).toBeNull();
  expect(memory.recall("a", ["burst"], 100_001)).toBeNull();
});

test("a flood of clients does not fill the isolate: the oldest denials are forgotten first", () => {
  const memory = new DenialMemory();
  for (let i = 0; i < 5000; i++) memory.remember(`a${i}`, [denial("burst", 3000)], [], 0);
  expect(memory.recall("a0", ["burst"], 1)).toBeNull();
  expect(memory.recall("a903", ["burst"], 1)).toBeNull();
  expect(memory.recall("a904", ["burst"], 1)).not.toBeNull();
  expect(memory.recall("a4999", ["burst"], 1)).not.toBeNull();
});
