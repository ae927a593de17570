import { expect, test } from "vitest";
import { Turns } from "#realtime/core/turns";

/** Turns of which each waits until it is let go, and what was begun so far. */
function stage(maxWeight: number) {
  const turns = new Turns<string>(maxWeight);
  const begun: string[] = [];
  const gates: (() => void)[] = [];
  const work = (label: string): Promise<void> => {
    begun.push(label);
    const { promise, resolve } = Promise.withResolvers<void>();
    gates.push(resolve);
    return promise;
  };
  return {
    begun,
    take: (name: string, label: string) => turns.take(name, () => work(label)),
    together: (name: string, item: string, weight = 1) =>
      turns.together(name, item, weight, (items) => work(items.join("+"))),
    next: async () => {
      gates.shift()?.();
      for (let i = 0; i < 10; i++) await Promise.resolve();
    },
  };
}

test("work under one name goes one after the other, under another beside it", async () => {
  const { take, next, begun } = stage(1);
  void take("a", "1");
  void take("a", "2");
  void take("b", "3");
  await Promise.resolve();
  expect(begun).toEqual(["1", "3"]);
  await next();
  expect(begun).toEqual(["1", "3", "2"]);
});

test("what fails does not hold up the next, and only its own asker hears of it", async () => {
  const turns = new Turns();
  const first = turns.take("a", () => Promise.reject(new Error("lost")));
  const second = turns.take("a", async () => "done");
  await expect(first).rejects.toThrow("lost");
  await expect(second).resolves.toBe("done");
});

test("those who wait in a row share a turn, up to a weight, in the order in which they came", async () => {
  const { together, next, begun } = stage(3);
  for (const item of ["1", "2", "3", "4"]) void together("a", item);
  void together("a", "5", 3);
  await Promise.resolve();
  await next();
  await next();
  expect(begun).toEqual(["1+2+3", "4", "5"]);
});

test("nobody is taken into a turn that has begun, or past other work", async () => {
  const { take, together, next, begun } = stage(9);
  void together("a", "1");
  await Promise.resolve();
  void together("a", "2");
  void take("a", "leave");
  void together("a", "3");
  for (let i = 0; i < 3; i++) await next();
  expect(begun).toEqual(["1", "2", "leave", "3"]);
});
