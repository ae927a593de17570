import { describe, expect, test } from "vitest";
import { newId } from "#platform/ids";
import { readWorkerKinds } from "#platform/worker-kinds";
import type { ConfigIssue } from "#platform/config";
import { echoKind } from "#tasks/echo";
import { createKindRegistry, findKind } from "#tasks/kinds";
import { claimTask, renewLease } from "#tasks/core/lifecycle";
import { sweepTask } from "#tasks/core/sweep";
import { LEASE_MS } from "#tasks/core/timing";
import { readLeaseToken, writeLeaseToken } from "#workers/core/lease-token";
import { poolObjectName, poolOfWorker, poolRouting } from "#workers/core/worker-id";
import { WaitingWorkers } from "#workers/core/waiting";
import { aQueuedRow, createManualTimers, T0 } from "../../support/tasks";

describe("WORKER_KINDS", () => {
  const read = (text: string) => {
    const issues: ConfigIssue[] = [];
    return { kinds: readWorkerKinds(text, issues), issues: issues.map(({ setting }) => setting) };
  };

  test("names kinds, each in a pool of its own unless told", () => {
    expect(read('{"ocr":{"title":"Reads images","pool":"vision"},"speech":{}}')).toEqual({
      kinds: {
        ocr: { title: "Reads images", scope: "tasks:write", pool: "vision", isAlone: true },
        speech: {
          title: "Served by outside workers",
          scope: "tasks:write",
          pool: "speech",
          isAlone: true,
        },
      },
      issues: [],
    });
    expect(read("")).toEqual({ kinds: {}, issues: [] });
  });

  test.each([
    "{",
    "[]",
    '{"OCR":{}}',
    '{"ocr":{"scope":"everything"}}',
    '{"ocr":{"pool":""}}',
    '{"ocr":{"titel":"x"}}',
    '{"ocr":null}',
  ])("%s is a fault, and no kind is left to workers then", (text) => {
    expect(read(text)).toEqual({ kinds: {}, issues: ["WORKER_KINDS"] });
  });
});

describe("a kind that WORKER_KINDS names", () => {
  const registry = createKindRegistry([echoKind]);
  const served = (text: string, kind: string) =>
    findKind(registry, { workerKinds: readWorkerKinds(text, []) }, kind);

  test("is left to outside workers, with the rules that it has where it is one of ours", () => {
    expect(served('{"echo":{"scope":"scrape"}}', "echo")).toEqual({ ...echoKind, lane: "pool" });
    expect(served('{"ocr":{"scope":"scrape"}}', "ocr")).toMatchObject({
      kind: "ocr",
      lane: "pool",
      scope: "scrape",
    });
  });

  test("stays ours as well where it is shared, and others stay as they are", () => {
    expect(served('{"echo":{"alone":false}}', "echo")).toBe(echoKind);
    expect(served('{"ocr":{"alone":false}}', "ocr")).toMatchObject({ lane: "pool" });
    expect(served('{"ocr":{}}', "echo")).toBe(echoKind);
    for (const kind of ["speech", "toString", "__proto__"])
      expect(served('{"ocr":{}}', kind)).toBeNull();
  });
});

describe("a worker's id", () => {
  test("leads to its pool by itself", () => {
    const id = newId("wrk", T0, poolRouting("vision"));
    expect(poolOfWorker(id, ["speech", "vision"])).toBe("vision");
    expect(poolOfWorker(id, ["speech"])).toBeNull();
    expect(poolObjectName("vision")).not.toBe(poolObjectName("speech"));
  });

  test.each(["", "wrk_", "task_01kcm4v7d00003q6zr1w8n5tbe2y9", `wrk_${"0".repeat(34)}`])(
    "%j leads nowhere",
    (id) => {
      expect(poolOfWorker(id, ["vision"])).toBeNull();
    },
  );
});

test("a lease token is read as it was written, and nothing else is one", () => {
  const token = writeLeaseToken(12, "q83vEjRWeJCrze8SNFZ4kA");
  expect(readLeaseToken(token)).toEqual({ fence: 12, tag: "q83vEjRWeJCrze8SNFZ4kA" });
  for (const other of ["", "12", `0${token}`, `-${token}`, `${token}=`, token.slice(0, -1)])
    expect(readLeaseToken(other)).toBeNull();
});

describe("waiting workers", () => {
  const setUp = () => {
    const timers = createManualTimers();
    const ready: string[] = [];
    const waiting = new WaitingWorkers(timers.startTimer);
    const take = (): string[] => ready.splice(0, 1);
    return { timers, ready, waiting, take };
  };

  test("are served in the order in which they came, each with what it asked for", async () => {
    const { ready, waiting, take } = setUp();
    const first = waiting.untilAny(take, 1_000);
    const second = waiting.untilAny(take, 1_000);
    ready.push("a");
    waiting.serve();
    expect([await first, waiting.count]).toEqual([["a"], 1]);
    ready.push("b");
    waiting.serve();
    expect([await second, waiting.count]).toEqual([["b"], 0]);
  });

  test("get nothing when their wait is over, and take nothing afterwards", async () => {
    const { timers, ready, waiting, take } = setUp();
    const waited = waiting.untilAny(take, 1_000);
    await timers.advance(1_000);
    expect(await waited).toEqual([]);
    ready.push("a");
    waiting.serve();
    expect(ready).toEqual(["a"]);
  });

  test("do not wait where something is there, or where they do not want to", async () => {
    const { timers, ready, waiting, take } = setUp();
    expect(await waiting.untilAny(take, 0)).toEqual([]);
    ready.push("a");
    expect(await waiting.untilAny(take, 1_000)).toEqual(["a"]);
    expect(timers.pending()).toBe(0);
  });
});

describe("a lease of another length than our consumers'", () => {
  const claim = { taskId: "t", messageId: "m", delivery: 1, leaseMs: 120_000 };
  const row = () => {
    const decision = claimTask(aQueuedRow({ timeoutMs: 3_600_000 }), claim, "wrk_1", T0);
    if (decision.verdict !== "run") throw new Error(decision.verdict);
    return decision.row;
  };
  const lane = { lastClaimAtMs: 0, reachedSentAtMs: 0 };

  test("holds so long, and each heartbeat moves it on by as much", () => {
    expect(row().lease?.untilMs).toBe(T0 + 120_000);
    expect(sweepTask(row(), lane, T0 + 119_999, 0).action).toBe("none");
    const renewed = renewLease(row(), 1, null, T0 + 50_000);
    expect(renewed.row.lease?.untilMs).toBe(T0 + 170_000);
  });

  test("that ran out far from the deadline is a lost worker's", () => {
    expect(LEASE_MS).toBeLessThan(120_000);
    expect(sweepTask(row(), lane, T0 + 120_000, 0)).toMatchObject({
      action: "save",
      row: { status: "queued", fault: { code: "WORKER_LOST" } },
    });
  });
});
