import { expect, test } from "vitest";
import { GateAlarm } from "#limits/core/gate-alarm";

function alarmOver(due: (number | null)[]) {
  const calls: (number | "cleared")[] = [];
  const alarm = new GateAlarm({
    clock: () => 10_000,
    dueAtMs: () => due,
    set: (atMs) => calls.push(atMs),
    clear: () => calls.push("cleared"),
  });
  return { alarm, calls, due };
}

test("the alarm stands at what is due first, and moves forward only", () => {
  const { alarm, calls, due } = alarmOver([null, 50_000, 40_000]);
  alarm.arm();
  alarm.arm();
  due[0] = 60_000;
  alarm.arm();
  due[0] = 30_000;
  alarm.arm();
  expect(calls).toEqual([40_000, 30_000]);
});

test("the alarm rings no sooner than in a second, so that it cannot spin", () => {
  const { alarm, calls } = alarmOver([0]);
  alarm.arm();
  expect(calls).toEqual([11_000]);
});

test("after it rang the alarm stands at what is left, and nowhere where nothing is", () => {
  const { alarm, calls, due } = alarmOver([20_000]);
  alarm.arm();
  due[0] = 90_000;
  expect(alarm.rearm()).toBe(90_000);
  due[0] = null;
  expect(alarm.rearm()).toBeNull();
  alarm.arm();
  expect(calls).toEqual([20_000, 90_000, "cleared"]);
});
