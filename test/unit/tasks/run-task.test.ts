import { describe, expect, test } from "vitest";
import type { Executor } from "#tasks/core/run";
import { runTask } from "#tasks/core/run-task";
import type { Assignment, Renewal, RunPorts, RunReport } from "#tasks/core/run-task";
import type { HeartbeatVerdict } from "#tasks/core/lifecycle";
import { createManualTimers, T0 } from "../../support/tasks";

const assignment: Assignment = {
  taskId: "task_1",
  fence: 3,
  attempt: 1,
  ownerId: "usr_a",
  kind: "work",
  lane: "fast",
  inputJson: '{"n":1}',
  timeoutMs: 60_000,
  deadlineMs: T0 + 60_000,
  traceparent: "00-0-0-01",
  consumerId: "consumer-1",
};

function start(
  work: Executor,
  heartbeat: (renewal: Renewal) => Promise<HeartbeatVerdict> = async () => "go",
) {
  const timers = createManualTimers();
  const beats: Renewal[] = [];
  const faults: unknown[] = [];
  const ports: RunPorts = {
    now: timers.now,
    startTimer: timers.startTimer,
    heartbeat: (renewal) => {
      beats.push(renewal);
      return heartbeat(renewal);
    },
    onFault: (error) => faults.push(error),
  };
  const state: { report: RunReport | null | undefined } = { report: undefined };
  const done = runTask(assignment, { work }, ports).then((report) => {
    state.report = report;
    return report;
  });
  return { timers, beats, faults, state, done };
}

/** A target that never answers; it tells when it was let go. */
function hang() {
  const seen = { signal: null as AbortSignal | null };
  const executor: Executor = (run) => {
    seen.signal = run.signal;
    return new Promise(() => undefined);
  };
  return { executor, seen };
}

describe("a run", () => {
  test("hands the executor its input and reports what it returns under the claim's fence", async () => {
    const { done } = start(async (run) => ({
      status: "completed",
      data: { got: run.input, attempt: run.attempt },
    }));
    expect(await done).toEqual({
      taskId: "task_1",
      fence: 3,
      outcome: { status: "completed", json: '{"got":{"n":1},"attempt":1}' },
    });
  });

  test("leaves no timer behind", async () => {
    const { done, timers } = start(async () => ({ status: "completed", data: null }));
    await done;
    expect(timers.pending()).toBe(0);
  });

  test("whose executor throws is a retryable fault of ours, and its words stay in the log", async () => {
    const { done, faults } = start(() => {
      throw new Error("secret detail");
    });
    const report = await done;
    expect(report?.outcome).toEqual({
      status: "failed",
      fault: { code: "INTERNAL", params: {} },
      isRetryable: true,
      retryAfterMs: 0,
    });
    expect(JSON.stringify(report)).not.toContain("secret");
    expect(faults).toHaveLength(1);
  });

  test("whose target hangs is timed out at its deadline, though the executor ignores its signal", async () => {
    const { executor, seen } = hang();
    const { timers, state, done } = start(executor);
    await timers.advance(59_999);
    expect(state.report).toBeUndefined();
    await timers.advance(1);
    expect(await done).toMatchObject({ outcome: { status: "timed_out" } });
    expect(seen.signal?.aborted).toBe(true);
    expect(timers.pending()).toBe(0);
  });

  test("that its deadline ended is timed out, whatever the executor made of its signal", async () => {
    const { timers, done } = start(
      (run) =>
        new Promise((resolve) => {
          run.signal.addEventListener("abort", () =>
            resolve({ status: "failed", code: "FETCH_TIMED_OUT", retryable: true }),
          );
        }),
    );
    await timers.advance(60_000);
    expect((await done)?.outcome).toEqual({ status: "timed_out" });
  });

  test("that waits for its target says what for", async () => {
    const { done } = start(async () => ({
      status: "deferred",
      notBeforeMs: T0 + 5_000,
      code: "SITE_BUSY",
      params: { host: "a.test" },
    }));
    expect((await done)?.outcome).toEqual({
      status: "deferred",
      notBeforeMs: T0 + 5_000,
      fault: { code: "SITE_BUSY", params: { host: "a.test" } },
    });
  });

  test("gives a sign of life every two seconds, with the latest progress once", async () => {
    const { executor } = hang();
    const { timers, beats } = start((run) => {
      run.reportProgress?.({ page: 1 });
      run.reportProgress?.({ page: 2 });
      return executor(run);
    });
    await timers.advance(6_000);
    expect(beats.map((beat) => beat.progressJson)).toEqual(['{"page":2}', null, null]);
    expect(beats[0]).toMatchObject({ taskId: "task_1", fence: 3, consumerId: "consumer-1" });
  });

  test.each<HeartbeatVerdict>(["cancel", "lost"])(
    "that a heartbeat calls %s stops and reports nothing",
    async (verdict) => {
      const { executor, seen } = hang();
      const { timers, done } = start(executor, async () => verdict);
      await timers.advance(2_000);
      expect(await done).toBeNull();
      expect(seen.signal?.aborted).toBe(true);
    },
  );

  test("bears an unreachable shard while its lease holds, and stops when it is over", async () => {
    const { executor } = hang();
    let isDown = true;
    const { timers, state } = start(executor, async () => {
      if (isDown) throw new Error("Network connection lost.");
      return "go";
    });
    await timers.advance(12_000);
    isDown = false;
    await timers.advance(20_000);
    expect(state.report).toBeUndefined();
    // Each heartbeat that gets through counts the lease from itself.
    isDown = true;
    await timers.advance(12_000);
    expect(state.report).toBeUndefined();
    await timers.advance(6_000);
    expect(state.report).toBeNull();
  });

  test("of a kind that this worker does not know is left to another attempt", async () => {
    const ports: RunPorts = {
      now: () => T0,
      startTimer: () => () => undefined,
      heartbeat: async () => "go",
      onFault: () => undefined,
    };
    // A name of Object.prototype must not be taken for an executor.
    const report = await runTask({ ...assignment, kind: "toString" }, {}, ports);
    expect(report?.outcome).toMatchObject({
      status: "failed",
      fault: { code: "UNKNOWN_TASK_KIND" },
      isRetryable: true,
    });
  });

  test("with a result of more than 10 MiB fails for good", async () => {
    const sized =
      (length: number): Executor =>
      async () => ({ status: "completed", data: "x".repeat(length) });
    const limit = 10 * 1024 * 1024;
    expect((await start(sized(limit - 2)).done)?.outcome.status).toBe("completed");
    expect((await start(sized(limit - 1)).done)?.outcome).toMatchObject({
      status: "failed",
      fault: { code: "RESULT_TOO_LARGE" },
      isRetryable: false,
    });
    // Counted in bytes: a Korean syllable has three.
    const korean: Executor = async () => ({ status: "completed", data: "가".repeat(limit / 3) });
    expect((await start(korean).done)?.outcome).toMatchObject({
      fault: { code: "RESULT_TOO_LARGE" },
    });
  });
});

describe("what a run tells its followers", () => {
  test("travels within half a second, and not with each word", async () => {
    const { timers, beats } = start((run) => {
      run.reportProgress?.({ pages: 1 });
      run.reportLog?.("info", "first page");
      run.reportProgress?.({ pages: 2 });
      return new Promise(() => undefined);
    });
    await timers.advance(499);
    expect(beats).toEqual([]);
    await timers.advance(1);
    expect(beats).toMatchObject([
      { progressJson: '{"pages":2}', logs: [{ level: "info", message: "first page" }] },
    ]);
    await timers.advance(1_999);
    expect(beats).toHaveLength(1);
    await timers.advance(1);
    expect(beats[1]).toMatchObject({ progressJson: null, logs: [] });
  });

  test("at its very end travels with the report", async () => {
    const { done } = start(async (run) => {
      run.reportLog?.("warn", "half of it");
      return { status: "completed", data: null };
    });
    expect(await done).toMatchObject({
      outcome: { status: "completed" },
      logs: [{ level: "warn", message: "half of it", atMs: T0 }],
    });
  });

  test("is told again where a heartbeat did not arrive", async () => {
    let isAway = true;
    const { timers, beats } = start(
      (run) => {
        run.reportLog?.("info", "one");
        return new Promise(() => undefined);
      },
      async () => {
        if (isAway) throw new Error("away");
        return "go";
      },
    );
    await timers.advance(500);
    isAway = false;
    await timers.advance(500);
    expect(beats.map(({ logs }) => logs?.map(({ message }) => message))).toEqual([
      ["one"],
      ["one"],
    ]);
  });
});
