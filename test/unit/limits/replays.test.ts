import { expect, test } from "vitest";
import { decideReplay } from "#limits/core/replays";
import type { ReplayRecord } from "#limits/core/replays";

const CLAIM = { key: "k", fingerprint: "f", token: "t2" };
const ANSWER = { status: 201, headers: {}, body: "{}" };
const RUNNING: ReplayRecord = { fingerprint: "f", token: "t1", untilMs: 100, answer: null };
const DONE: ReplayRecord = { ...RUNNING, answer: ANSWER };

test.each([
  ["a key that was never used runs", null, CLAIM, 0, "run"],
  ["the same request while the first runs waits", RUNNING, CLAIM, 99, "in_progress"],
  ["a first one that never ended is given up at its time", RUNNING, CLAIM, 100, "run"],
  ["the same request after the first is answered alike", DONE, CLAIM, 99, "replay"],
  ["an answer is forgotten at its time", DONE, CLAIM, 100, "run"],
  ["another request under a kept key", DONE, { ...CLAIM, fingerprint: "g" }, 0, "reused"],
  ["another request while the first runs", RUNNING, { ...CLAIM, fingerprint: "g" }, 0, "reused"],
] as const)("%s", (_name, record, claim, nowMs, verdict) => {
  expect(decideReplay(record, claim, nowMs).verdict).toBe(verdict);
});
