import { expect, test } from "vitest";
import type { Outcome } from "#ai/core/answer";
import type { EndedStream } from "#ai/core/run";
import { Settler } from "#ai/core/settle";
import type { OwingRun } from "#ai/core/settle";

const OUTCOME: Outcome = {
  ok: false,
  failure: { code: "MODEL_ERROR", isRetryable: true },
  text: "",
};

/** A run that owes its usage and the outcome of some streams. */
function stage(streams: readonly string[]) {
  const run = { id: "run_1", usageJson: "{}" as string | null, nextTryAtMs: 0 };
  const unkept = [...streams];
  const told: string[] = [];
  const faults: unknown[] = [];
  const state = { nowMs: 1_000, failing: "" };
  const tell = async (what: string): Promise<void> => {
    await Promise.resolve();
    if (state.failing === what) throw new Error("away");
    told.push(what);
  };
  const settler = new Settler<OwingRun>(
    {
      find: () => run,
      build: () => ({ outcome: OUTCOME }),
      hasUnkept: () => unkept.length > 0,
      unkept: () => unkept.map((streamId) => ({ streamId }) as EndedStream),
      markUsage: () => {
        run.usageJson = null;
      },
      markKept: (id) => {
        unkept.splice(unkept.indexOf(id), 1);
      },
      putOff: (_id, nowMs) => {
        run.nextTryAtMs = nowMs + 500;
      },
    },
    {
      now: () => state.nowMs,
      writeUsage: () => tell("usage"),
      complete: ({ streamId }) => tell(streamId),
      onFault: (_id, error) => faults.push(error),
    },
  );
  return { settle: () => settler.settle("run_1"), told, faults, state, unkept };
}

test("everybody is told once, however many ask at once and afterwards", async () => {
  const { settle, told } = stage(["a", "b"]);
  await Promise.all([settle(), settle(), settle()]);
  await settle();
  expect(told).toEqual(["usage", "a", "b"]);
});

test("a stream that joins while others are told is told in the same round", async () => {
  const { settle, told, unkept } = stage(["a"]);
  const settling = settle();
  unkept.push("late");
  await settling;
  expect(told).toEqual(["usage", "a", "late"]);
});

test("what could not be told is told later, not at once, and the rest is not told twice", async () => {
  const { settle, told, faults, state } = stage(["a", "b"]);
  state.failing = "b";
  await settle();
  expect(told).toEqual(["usage", "a"]);
  expect(faults).toHaveLength(1);
  state.failing = "";
  await settle();
  expect(told).toEqual(["usage", "a"]);
  state.nowMs += 500;
  await settle();
  expect(told).toEqual(["usage", "a", "b"]);
});

test("a database that is away is no failure of whoever waits", async () => {
  const { settle, told, state } = stage([]);
  state.failing = "usage";
  await expect(settle()).resolves.toBeUndefined();
  expect(told).toEqual([]);
});
