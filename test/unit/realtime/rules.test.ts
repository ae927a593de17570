import { describe, expect, test } from "vitest";
import { judgeAccess, isReservedEvent } from "#realtime/core/access";
import type { ChannelAct } from "#realtime/core/access";
import {
  countAnswered,
  countSent,
  MAX_UNREAD_BYTES,
  NO_OUTFLOW,
} from "#realtime/core/backpressure";
import { FRAME_BURST, fullBucket, MAX_REFUSALS, takeToken } from "#realtime/core/bucket";
import { parseChannel } from "#realtime/core/channel-name";
import { CLOSE, reconnectAfter } from "#realtime/core/codes";
import { isRecoverable, MAX_RECOVERED_EVENTS } from "#realtime/core/recovery";

describe("a channel's name", () => {
  test.each([
    "public:news",
    "room:r_1",
    "user:usr_1",
    "task:task_1",
    "system:status",
    "public:a.b-c",
  ])("%s is one", (name) =>
    expect(parseChannel(name)).toMatchObject({ ok: true, value: { name } }),
  );
  test.each([
    "",
    "news",
    "public:",
    "PUBLIC:a",
    "public:a b",
    "public:가",
    "x:y",
    `public:${"a".repeat(122)}`,
    "public:a:b",
    "public:../x",
  ])("%s is none", (name) => expect(parseChannel(name).ok).toBe(false));
});

const user = { ownerId: "usr_1", role: "user" } as const;
const admin = { ownerId: "usr_2", role: "admin" } as const;

describe("who may do what where", () => {
  test.each<[string, typeof user | typeof admin, ChannelAct, string]>([
    ["public:news", user, "subscribe", "allowed"],
    ["public:news", user, "publish", "allowed"],
    ["user:usr_1", user, "subscribe", "allowed"],
    ["user:usr_1", user, "publish", "allowed"],
    ["user:usr_1", admin, "subscribe", "hidden"],
    ["user:usr_2", user, "publish", "hidden"],
    ["room:r1", admin, "subscribe", "ask"],
    ["task:t1", user, "subscribe", "ask"],
    ["task:t1", user, "publish", "forbidden"],
    ["system:status", user, "subscribe", "forbidden"],
    ["system:status", admin, "subscribe", "allowed"],
    ["system:status", admin, "publish", "forbidden"],
    ["system:news", admin, "publish", "allowed"],
  ])("%s by %o: %s is %s", (name, visitor, act, verdict) => {
    const parsed = parseChannel(name);
    expect(parsed.ok && judgeAccess(parsed.value, visitor, act)).toBe(verdict);
  });

  test("only the server speaks of tasks, chats and itself", () => {
    expect(["task.status", "chat.done", "system.x", "naru.y"].every(isReservedEvent)).toBe(true);
    expect(["note", "taskful", "my.task.status"].some(isReservedEvent)).toBe(false);
  });
});

describe("frames of one socket", () => {
  test("pass as a burst of fifty, then twenty a second", () => {
    let bucket = fullBucket(0);
    const pass = (atMs: number): boolean => {
      const taken = takeToken(bucket, atMs);
      ({ bucket } = taken);
      return taken.isAllowed;
    };
    expect(Array.from({ length: 60 }, () => pass(0)).filter(Boolean)).toHaveLength(FRAME_BURST);
    expect(Array.from({ length: 40 }, () => pass(1_000)).filter(Boolean)).toHaveLength(20);
  });

  test("that go on after the last refusal that is borne are a flood, and a clock that goes back gives none", () => {
    let bucket = { ...fullBucket(1_000), tokens: 0 };
    const verdicts = Array.from({ length: MAX_REFUSALS + 1 }, () => {
      const taken = takeToken(bucket, 0);
      ({ bucket } = taken);
      return taken;
    });
    expect(verdicts.every(({ isAllowed }) => !isAllowed)).toBe(true);
    expect(verdicts.map(({ isFlood }) => isFlood).indexOf(true)).toBe(MAX_REFUSALS);
    expect(verdicts[0]?.retryAfterMs).toBe(50);
  });
});

describe("what has not been read", () => {
  test("is asked about once, and ends the line beyond a mebibyte", () => {
    let outflow = NO_OUTFLOW;
    const verdicts: string[] = [];
    for (let i = 0; i < 20; i++) {
      const counted = countSent(outflow, 65_536, undefined);
      ({ outflow } = counted);
      verdicts.push(counted.verdict);
    }
    expect(verdicts.indexOf("ask")).toBe(3);
    expect(verdicts.filter((one) => one === "ask")).toHaveLength(1);
    expect(verdicts.indexOf("slow")).toBe(16);
  });

  test("counts anew from what was sent after the question that was answered", () => {
    let { outflow } = countSent(NO_OUTFLOW, 300_000, undefined);
    ({ outflow } = countSent(outflow, 100_000, undefined));
    outflow = countAnswered(outflow);
    expect(outflow).toEqual({ unread: 100_000, asked: 0 });
  });

  test("is what the runtime says, where it says it", () => {
    expect(countSent({ unread: 9e9, asked: 0 }, 100, 0).verdict).toBe("fine");
    expect(countSent(NO_OUTFLOW, 100, MAX_UNREAD_BYTES).verdict).toBe("slow");
  });
});

describe("a gap", () => {
  const log = { epoch: "e1", offset: 500, firstKept: 101 };
  test.each([
    ["nothing missed", { epoch: "e1", offset: 500 }, true],
    ["all kept", { epoch: "e1", offset: 300 }, true],
    ["as much as is given at once", { epoch: "e1", offset: 500 - MAX_RECOVERED_EVENTS }, true],
    ["one more", { epoch: "e1", offset: 499 - MAX_RECOVERED_EVENTS }, false],
    ["from before the oldest that is kept", { epoch: "e1", offset: 99 }, false],
    ["of another log", { epoch: "e2", offset: 500 }, false],
    ["from the future", { epoch: "e1", offset: 501 }, false],
  ])("can be filled: %s", (_name, since, expected) => {
    expect(isRecoverable(log, since)).toBe(expected);
  });

  test("right up to the oldest that is kept can be filled", () => {
    expect(
      isRecoverable({ epoch: "e", offset: 120, firstKept: 101 }, { epoch: "e", offset: 100 }),
    ).toBe(true);
  });
});

test("a close code tells what to do by its range", () => {
  expect(Object.values(CLOSE).map(({ code }) => [code, reconnectAfter(code)])).toEqual([
    [4000, "no"],
    [4001, "no"],
    [4002, "no"],
    [1003, "no"],
    [1009, "no"],
    [4101, "backoff"],
    [4102, "backoff"],
    [4200, "now"],
    [4201, "now"],
    [4203, "now"],
    [4202, "now"],
  ]);
  expect(Object.values(CLOSE).every(({ reason }) => reason.length <= 123)).toBe(true);
});
