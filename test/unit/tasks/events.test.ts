import { describe, expect, test } from "vitest";
import { closingSeq, eventsOfChange, eventsOfLines, MAX_LOG_CHARS } from "#tasks/core/events";
import { Followers } from "#tasks/core/followers";
import { cancelTask, claimTask, loseWorker, renewLease, settleTask } from "#tasks/core/lifecycle";
import type { TaskRow } from "#tasks/core/state";
import { Tidings } from "#tasks/core/tidings";
import { aQueuedRow, aRunningRow, createManualTimers, T0 } from "../../support/tasks";

const FAULT = { code: "FETCH_FAILED", params: {} } as const;
const okRow = (result: { ok: true; value: TaskRow } | { ok: false }): TaskRow => {
  if (!result.ok) throw new Error("refused");
  return result.value;
};
const told = (before: TaskRow | null, after: TaskRow) =>
  eventsOfChange(before, after).map((body) =>
    "status" in body ? [body.type, body.status] : [body.type],
  );

describe("followers are told", () => {
  const running = aRunningRow();
  const settled = (settlement: Parameters<typeof settleTask>[2], row = running) =>
    okRow(settleTask(row, row.fence, settlement, T0 + 1_000, 0));
  const failed = { status: "failed", fault: FAULT, retryAfterMs: 0 } as const;

  test.each<[string, TaskRow | null, TaskRow, string[][]]>([
    ["of a new task", null, aQueuedRow(), [["status", "queued"]]],
    ["of a claim", aQueuedRow(), running, [["status", "running"]]],
    [
      "of an end, and of what came of it",
      running,
      settled({ status: "completed", result: { bytes: 2, chunks: 0, inlineJson: "{}" } }),
      [
        ["status", "completed"],
        ["result", "completed"],
      ],
    ],
    [
      "of a failure for good",
      running,
      settled({ ...failed, isRetryable: false }),
      [
        ["status", "failed"],
        ["result", "failed"],
      ],
    ],
    [
      "of a failure that is tried again",
      running,
      settled({ ...failed, isRetryable: true }),
      [["status", "queued"]],
    ],
    ["of a lost worker", running, loseWorker(running, T0 + 20_000, 0), [["status", "queued"]]],
    [
      "of a cancellation",
      aQueuedRow(),
      okRow(cancelTask(aQueuedRow(), T0)),
      [
        ["status", "cancelled"],
        ["result", "cancelled"],
      ],
    ],
    [
      "of progress",
      running,
      renewLease(running, running.fence, '{"pages":3}', T0).row,
      [["progress"]],
    ],
    [
      "of the last progress before the end",
      running,
      settled({ status: "timed_out" }, { ...running, progressJson: "1" }),
      [["progress"], ["status", "timed_out"], ["result", "timed_out"]],
    ],
    [
      "nothing of a heartbeat",
      running,
      renewLease(running, running.fence, null, T0 + 2_000).row,
      [],
    ],
    [
      "nothing of progress that is what it was",
      { ...running, progressJson: "1" },
      renewLease({ ...running, progressJson: "1" }, running.fence, "1", T0).row,
      [],
    ],
    [
      "nothing of a wake-up sent again",
      aQueuedRow(),
      aQueuedRow({ sends: 2, wakeAtMs: T0 + 9 }),
      [],
    ],
  ])("%s", (_name, before, after, expected) => {
    expect(told(before, after)).toEqual(expected);
  });

  test("why a task is tried again, and when", () => {
    const after = settled({ ...failed, isRetryable: true });
    expect(eventsOfChange(running, after)).toEqual([
      {
        type: "status",
        status: "queued",
        attempt: 1,
        fault: FAULT,
        notBeforeMs: after.notBeforeMs,
      },
    ]);
  });

  test("of a worker that takes over from one that died, though the state is the same", () => {
    const claim = { taskId: "t", messageId: "m1", delivery: 2 };
    const decision = claimTask(running, claim, "consumer-2", T0 + 1_000);
    expect(decision.row && eventsOfChange(running, decision.row)).toMatchObject([
      { type: "status", status: "running", attempt: 2 },
    ]);
  });
});

test("a log line is cut to what a log keeps, and never inside a character", () => {
  const line = { level: "info", message: "a" + "🛶".repeat(MAX_LOG_CHARS), atMs: T0 } as const;
  const [event] = eventsOfLines(1, [line]);
  const message = event?.body.type === "log" ? event.body.message : "";
  expect(message.length).toBeLessThanOrEqual(MAX_LOG_CHARS);
  expect(message.isWellFormed()).toBe(true);
});

test("the number with which a stream closes is behind the log's last", () => {
  expect(closingSeq(7)).toBe(8);
});

describe("what a run has to tell", () => {
  test("is the newest progress and each line, once", () => {
    const tidings = new Tidings(() => T0);
    tidings.setProgress(1);
    tidings.addLine("info", "one");
    tidings.setProgress(2);
    expect(tidings.take()).toEqual({
      progressJson: "2",
      logs: [{ level: "info", message: "one", atMs: T0 }],
    });
    expect(tidings.takeIfAny()).toEqual({});
  });

  test("that did not arrive is told with the next, in order, under newer progress", () => {
    const tidings = new Tidings(() => T0);
    tidings.addLine("info", "one");
    tidings.setProgress(1);
    const lost = tidings.take();
    tidings.addLine("info", "two");
    tidings.setProgress(2);
    tidings.putBack(lost);
    const { progressJson, logs } = tidings.take();
    expect([progressJson, logs.map(({ message }) => message)]).toEqual(["2", ["one", "two"]]);
  });

  test("is bounded, and says how much was left out", () => {
    const tidings = new Tidings(() => T0);
    for (let n = 0; n < 60; n++) tidings.addLine("debug", `${n}`);
    const lost = tidings.take();
    expect(lost.logs.at(-1)).toMatchObject({
      level: "warn",
      message: "10 more lines were left out.",
    });
    expect(lost.logs).toHaveLength(51);
    for (let n = 0; n < 20; n++) tidings.addLine("debug", "later");
    tidings.putBack(lost);
    expect(tidings.take().logs.at(-1)?.message).toBe("21 more lines were left out.");
    tidings.setProgress("x".repeat(5_000));
    expect(tidings.hasNews).toBe(false);
  });

  test("calls once for a beat, however much it is", () => {
    const tidings = new Tidings(() => T0);
    let calls = 0;
    tidings.onNews = () => void (calls += 1);
    tidings.addLine("info", "a");
    tidings.addLine("info", "b");
    tidings.setProgress(1);
    expect(calls).toBe(1);
    tidings.take();
    tidings.setProgress(2);
    expect(calls).toBe(2);
  });
});

test("a follower wakes at its own task's news, or when its slice is over, and leaves nothing behind", async () => {
  const timers = createManualTimers();
  const followers = new Followers(timers.startTimer);
  const woken: string[] = [];
  for (const id of ["a", "b"]) void followers.untilNews(id, 30_000).then(() => void woken.push(id));
  followers.notify("a");
  await timers.advance(0);
  expect(woken).toEqual(["a"]);
  // A slice, whatever was asked for.
  await timers.advance(10_000);
  expect(woken).toEqual(["a", "b"]);
  expect(timers.pending()).toBe(0);
});
