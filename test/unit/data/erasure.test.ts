import { expect, test } from "vitest";
import { advance, ERASURE_PLAN, ERASURE_STEPS, LATE_MS, putOff } from "#data/core/erasure";
import type { ErasureProgress } from "#data/core/erasure";

const START: ErasureProgress = { position: 0, cursor: 0, tries: 0, dueAtMs: 0 };
const names = ERASURE_PLAN.map(({ step }) => step);

test("the gate is shut before anything goes, and every step has its place", () => {
  expect(names[0]).toBe("close");
  expect(new Set(names)).toEqual(new Set(ERASURE_STEPS));
  expect(names.at(-1)).toBe("finish");
  // The audit log is told apart by the person's keys, which stand in the records.
  expect(names.indexOf("audit")).toBeLessThan(names.indexOf("records"));
  // Nobody is left who could bring the person back to a gate that no longer knows that they are gone.
  expect(names.indexOf("forget")).toBeGreaterThan(names.indexOf("records"));
  // What the gate owes the log is written before that log is gone through.
  expect(names.indexOf("gate")).toBeLessThan(names.indexOf("audit"));
});

test("what could be written late without a trigger in its way goes a second time, when whatever was under way has ended", () => {
  const late = ERASURE_PLAN.findIndex(({ afterMs }) => afterMs === LATE_MS);
  expect(names.slice(late)).toEqual(["answers", "pages", "forget", "audit", "records", "finish"]);
});

test("a step goes on where it was until it is done, then the next begins", () => {
  const half = advance({ ...START, position: 1, tries: 3 }, 4, 1_000);
  expect(half).toEqual({ position: 1, cursor: 4, tries: 0, dueAtMs: 1_000 });
  expect(half && advance(half, null, 2_000)).toEqual({
    position: 2,
    cursor: 0,
    tries: 0,
    dueAtMs: 2_000,
  });
});

test("the second round waits, and behind the last step there is nothing", () => {
  const before = ERASURE_PLAN.findIndex(({ afterMs }) => afterMs > 0) - 1;
  expect(advance({ ...START, position: before }, null, 1_000)?.dueAtMs).toBe(1_000 + LATE_MS);
  expect(advance({ ...START, position: ERASURE_PLAN.length - 1 }, null, 0)).toBeNull();
});

test("a part that fails is tried again where it was, after a while that grows and ends nowhere", () => {
  let progress: ErasureProgress = { ...START, position: 5, cursor: 7 };
  const pauses: number[] = [];
  for (let i = 0; i < 40; i += 1) {
    progress = putOff(progress, 1_000, 1);
    pauses.push(progress.dueAtMs - 1_000);
  }
  expect(progress).toMatchObject({ position: 5, cursor: 7, tries: 40 });
  expect(pauses.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(pauses.at(-1)).toBe(300_000);
});
