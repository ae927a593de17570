import { expect, test } from "vitest";
import { SingleAlarm } from "#platform/single-alarm";

function watched(): { alarm: SingleAlarm; calls: (number | "clear")[] } {
  const calls: (number | "clear")[] = [];
  const alarm = new SingleAlarm(
    (atMs) => calls.push(atMs),
    () => calls.push("clear"),
  );
  return { alarm, calls };
}

test("the earliest time that anything asked for stands", () => {
  const { alarm, calls } = watched();
  alarm.atLatest(100);
  alarm.atLatest(200);
  alarm.atLatest(50);
  expect(calls).toEqual([100, 50]);
});

test("an alarm of an earlier instance is not put off", () => {
  const { alarm, calls } = watched();
  alarm.resume(100);
  alarm.atLatest(200);
  expect(calls).toEqual([]);
});

test("what is asked for while the handler works is not put off when it is done", () => {
  const { alarm, calls } = watched();
  alarm.fired(30_000);
  alarm.atLatest(1_000);
  alarm.handled(5_000);
  alarm.handled(Infinity);
  expect(calls).toEqual([30_000, 1_000]);
});

test("a handler that is done moves its safety net to where it is needed", () => {
  const { alarm, calls } = watched();
  alarm.fired(30_000);
  alarm.handled(60_000);
  alarm.fired(90_000);
  alarm.handled(Infinity);
  alarm.atLatest(120_000);
  expect(calls).toEqual([30_000, 60_000, 90_000, "clear", 120_000]);
});
