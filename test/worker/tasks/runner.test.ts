import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { RunnerObject } from "../../../durable-objects/runner";
import type { NewTask } from "#tasks/core/lifecycle";
import type { Executor } from "#tasks/core/run";
import type { Assignment } from "#tasks/core/run-task";
import { handOver } from "#tasks/runner-client";
import { createManualTimers } from "../../support/tasks";
import {
  aTaskOf,
  consumerDeps,
  cutQueues,
  deliver,
  elapse,
  shardStub,
  SILENT,
  wakeUp,
} from "../../support/task-shards";

const echo: Executor = async (run) => ({ status: "completed", data: run.input });
const consumerEnv = env as unknown as ConsumerEnv;

async function submitted(changes: Partial<NewTask> = {}): Promise<NewTask> {
  const task = aTaskOf(0, { kind: "work", ...changes });
  await shardStub().submit(task, 0);
  return task;
}
const read = ({ id, ownerId }: NewTask) => shardStub().get(id, ownerId);

/** A promise that the test resolves. */
function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/** A runner with executors of the test's own, in the place of the real class. */
const withRunner = <T>(
  name: string,
  executors: Record<string, Executor>,
  use: (runner: RunnerObject) => Promise<T>,
): Promise<T> =>
  runInDurableObject(consumerEnv.RUNNER.getByName(name), (_instance, state) =>
    use(new RunnerObject(state, consumerEnv, executors)),
  );

test("slow tasks hold up nothing: a fast one that came after a slow one ends before it", async () => {
  await cutQueues();
  const slow = await submitted({ kind: "crawl", lane: "slow" });
  const fast = await submitted({ kind: "work" });
  const target = gate();
  const order: string[] = [];
  await withRunner(
    "order",
    {
      crawl: async () => {
        order.push("slow began");
        await target.opened;
        order.push("slow ended");
        return { status: "completed", data: "slow" };
      },
    },
    async (runner) => {
      const deps = consumerDeps({
        executors: {
          work: async () => {
            order.push("fast ended");
            return { status: "completed", data: "fast" };
          },
        },
        handOver: async (assignments) => assignments.slice(await runner.start(assignments)),
      });
      expect((await deliver([wakeUp(slow.id, "s")], deps)).acked).toEqual(["s"]);
      expect((await deliver([wakeUp(fast.id, "f")], deps)).acked).toEqual(["f"]);
      target.open();
      await runner.alarm();
    },
  );
  expect(order).toEqual(["slow began", "fast ended", "slow ended"]);
  expect(await read(slow)).toMatchObject({ status: "completed", dataJson: '"slow"' });
});

test("slow tasks fill a runner up to six, and its alarm waits for all of them", async () => {
  const tasks: NewTask[] = [];
  await cutQueues();
  for (let i = 0; i < 8; i++) tasks.push(await submitted({ kind: "crawl", lane: "slow" }));
  const target = gate();
  const started: string[] = [];
  const results = await withRunner(
    "full",
    {
      crawl: async (run) => {
        started.push(run.taskId);
        await target.opened;
        return { status: "completed", data: null };
      },
    },
    async (runner) => {
      const deps = consumerDeps({
        handOver: async (assignments) => assignments.slice(await runner.start(assignments)),
      });
      const delivered = await deliver(
        tasks.map((task) => wakeUp(task.id)),
        deps,
      );
      const isFull = (await runner.start([{ taskId: "x" } as Assignment])) === 0;
      target.open();
      await runner.alarm();
      return { delivered, isFull };
    },
  );
  expect(started).toHaveLength(6);
  expect(results.isFull).toBe(true);
  expect(results.delivered.acked).toHaveLength(8);
  const ends = await Promise.all(tasks.map(read));
  expect(ends.filter((task) => task?.status === "completed")).toHaveLength(6);
  // What found no room went back, and no attempt is spent.
  expect(ends.filter((task) => task?.status === "queued" && task.attempts === 0)).toHaveLength(2);
});

test("a runner whose tasks outlast its alarm's time sets another alarm and goes on", async () => {
  await cutQueues();
  const task = await submitted({ kind: "crawl", lane: "slow", timeoutMs: 840_000 });
  const target = gate();
  const timers = createManualTimers(Date.now());
  await runInDurableObject(consumerEnv.RUNNER.getByName("long"), async (_instance, state) => {
    const crawl: Executor = async () => {
      await target.opened;
      return { status: "completed", data: null };
    };
    const runner = new RunnerObject(state, consumerEnv, { crawl }, timers.startTimer);
    await deliver(
      [wakeUp(task.id)],
      consumerDeps({
        handOver: async (assignments) => assignments.slice(await runner.start(assignments)),
      }),
    );
    await state.storage.deleteAlarm();
    const first = runner.alarm();
    await timers.advance(13 * 60_000);
    await first;
    expect(await state.storage.getAlarm()).not.toBeNull();
    const second = runner.alarm();
    target.open();
    await second;
  });
  expect(await read(task)).toMatchObject({ status: "completed", attempts: 1 });
});

test("slow tasks whose runner vanished are given to another when their leases run out", async () => {
  await cutQueues();
  const task = await submitted({ kind: "crawl", lane: "slow" });
  const vanished = consumerDeps({ handOver: async () => [] });
  expect((await deliver([wakeUp(task.id, "m1")], vanished)).acked).toEqual(["m1"]);
  expect(await read(task)).toMatchObject({ status: "running" });
  await elapse(0, 15_000);
  await elapse(0, 5_000);
  await withRunner("successor", { crawl: echo }, async (runner) => {
    const deps = consumerDeps({
      handOver: async (assignments) => assignments.slice(await runner.start(assignments)),
    });
    await deliver([wakeUp(task.id, "m2")], deps);
    await runner.alarm();
  });
  expect(await read(task)).toMatchObject({ status: "completed", attempts: 2 });
});

test("slow tasks go round all runners before they are refused; those of a runner that can't be reached go back", async () => {
  const assignments = [1, 2, 3].map((n) => ({ taskId: `t${n}` }) as Assignment);
  const asked: number[] = [];
  const oneEach = async (slot: number): Promise<number> => {
    asked.push(slot);
    return slot === 2 ? 0 : 1;
  };
  expect(await handOver(oneEach, 3, assignments, 0.5, SILENT)).toEqual([assignments[2]]);
  expect(asked).toEqual([1, 2, 0]);
  const broken = () => Promise.reject(new Error("Network connection lost."));
  expect(await handOver(broken, 3, assignments, 0, SILENT)).toEqual(assignments);
});
