import { describe, expect, test } from "vitest";
import { LOOK_EVERY_MS, watchedWait } from "#tasks/core/watched-wait";
import { createManualTimers } from "../../support/tasks";

const never = (): Promise<string> => new Promise(() => undefined);

describe("a wait that is watched", () => {
  test("ends with what it waits for, and is looked after no longer", async () => {
    const timers = createManualTimers();
    const work = Promise.withResolvers<string>();
    let looks = 0;
    const look = async (): Promise<null> => {
      looks += 1;
      return null;
    };
    const wait = watchedWait(work.promise, look, timers.startTimer);
    await timers.advance(2 * LOOK_EVERY_MS);
    work.resolve("done");
    expect(await wait).toBe("done");
    const before = looks;
    await timers.advance(10 * LOOK_EVERY_MS);
    expect([before > 0, looks]).toEqual([true, before]);
  });

  test("ends with what a look finds, within five seconds", async () => {
    const timers = createManualTimers();
    const wait = watchedWait(never(), async () => new Error("revoked"), timers.startTimer);
    const ended = expect(wait).rejects.toThrow("revoked");
    await timers.advance(5_000);
    await ended;
  });

  test("fails as its work does", async () => {
    const timers = createManualTimers();
    const wait = watchedWait(
      Promise.reject(new Error("full")),
      async () => null,
      timers.startTimer,
    );
    await expect(wait).rejects.toThrow("full");
  });
});
