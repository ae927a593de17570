import { describe, expect, test } from "vitest";
import { consumeDeadLetters } from "#tasks/consumer";
import type { Executor } from "#tasks/core/run";
import { createManualTimers } from "../../support/tasks";
import {
  aTaskOf,
  consumerDeps,
  cutQueues,
  deliver,
  elapse,
  shardStub,
  wakeUp,
} from "../../support/task-shards";

const echo: Executor = async (run) => ({ status: "completed", data: run.input });

async function submitted(changes: Parameters<typeof aTaskOf>[1] = {}, shard = 0) {
  const task = aTaskOf(shard, { kind: "work", ...changes });
  await shardStub(shard).submit(task, 0);
  return task;
}
const read = ({ id, ownerId }: { id: string; ownerId: string }) => shardStub().get(id, ownerId);
const logged = () => {
  const events: string[] = [];
  const note = (event: string) => void events.push(event);
  return { events, log: { debug: note, info: note, warn: note, error: note } };
};

/** A promise that the test resolves. */
function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe("delivery", () => {
  test("of one message twice runs the task once", async () => {
    await cutQueues();
    const task = await submitted();
    let runs = 0;
    const deps = consumerDeps({
      executors: {
        work: async (run) => {
          runs += 1;
          return { status: "completed", data: run.attempt };
        },
      },
    });
    const twice = [wakeUp(task.id, "m1"), wakeUp(task.id, "m2")];
    expect(await deliver(twice, deps)).toEqual({ acked: ["m1", "m2"], retried: [] });
    expect((await deliver([wakeUp(task.id, "m1", 2)], deps)).acked).toEqual(["m1"]);
    expect(runs).toBe(1);
    expect(await read(task)).toMatchObject({ status: "completed", attempts: 1 });
  });

  test("again of a message whose first consumer died takes its task over at once", async () => {
    await cutQueues();
    const task = await submitted();
    const first = { taskId: task.id, messageId: "m1", delivery: 1 };
    await shardStub().claimMany([first], "consumer-that-died");
    const deps = consumerDeps({ executors: { work: echo } });
    // Another message about it does not: the lease still holds.
    expect((await deliver([wakeUp(task.id, "m2")], deps)).acked).toEqual(["m2"]);
    expect(await read(task)).toMatchObject({ status: "running" });
    expect((await deliver([wakeUp(task.id, "m1", 2)], deps)).acked).toEqual(["m1"]);
    expect(await read(task)).toMatchObject({ status: "completed", attempts: 2 });
  });

  test("of what is no message of ours is acknowledged and logged, and harms no other in the batch", async () => {
    await cutQueues();
    const task = await submitted();
    const { events, log } = logged();
    const poison = [
      null,
      "text",
      { v: 2, task_id: task.id },
      { v: 1, task_id: "task_nonsense" },
      { v: 1 },
    ].map((body, i) => ({ id: `p${i}`, body }));
    const unknown = wakeUp(aTaskOf().id, "u");
    const { acked, retried } = await deliver(
      [...poison, unknown, wakeUp(task.id, "m")],
      consumerDeps({ executors: { work: echo }, log }),
    );
    expect(new Set(acked)).toEqual(new Set(["p0", "p1", "p2", "p3", "p4", "u", "m"]));
    expect(retried).toEqual([]);
    expect(events.filter((event) => event === "tasks.poison_message")).toHaveLength(5);
    expect(await read(task)).toMatchObject({ status: "completed" });
  });

  test("of tasks with large inputs goes on until all are done, in as many claims as that takes", async () => {
    await cutQueues();
    const tasks = [await submitted(), await submitted(), await submitted()];
    const deps = consumerDeps({ executors: { work: echo } });
    const sizes: number[] = [];
    const small = consumerDeps({
      executors: { work: echo },
      shard: (name) => ({
        claimMany: async (claims, id) => {
          sizes.push(claims.length);
          const [first] = await deps.shard(name).claimMany(claims.slice(0, 1), id);
          return claims.map((_, i) => (i === 0 && first ? first : { verdict: "later" }));
        },
        heartbeat: (renewals) => deps.shard(name).heartbeat(renewals),
        completeMany: (reports) => deps.shard(name).completeMany(reports),
        undeliverable: (ids) => deps.shard(name).undeliverable(ids),
      }),
    });
    const { acked, retried } = await deliver(
      tasks.map((task) => wakeUp(task.id)),
      small,
    );
    expect(sizes).toEqual([3, 2, 1]);
    expect({ acked: acked.length, retried }).toEqual({ acked: 3, retried: [] });
    expect((await Promise.all(tasks.map(read))).every((task) => task?.status === "completed")).toBe(
      true,
    );
  });

  test("while a shard can't be reached comes again, and the tasks of other shards are done", async () => {
    await cutQueues(0);
    await cutQueues(1);
    const lost = await submitted({}, 0);
    const fine = await submitted({}, 1);
    const deps = consumerDeps({ executors: { work: echo } });
    const { acked, retried } = await deliver([wakeUp(lost.id, "lost"), wakeUp(fine.id, "fine")], {
      ...deps,
      shard: (name) => {
        if (name !== "shard-000") return deps.shard(name);
        throw new Error("Network connection lost.");
      },
    });
    expect({ acked, retried }).toEqual({ acked: ["fine"], retried: ["lost"] });
    expect(await shardStub(1).get(fine.id, fine.ownerId)).toMatchObject({ status: "completed" });
  });

  test("of a finished run whose shard can't be told comes again, and the task is run again", async () => {
    await cutQueues();
    const task = await submitted();
    const timers = createManualTimers();
    const deps = consumerDeps({ executors: { work: echo } });
    const deaf = consumerDeps({
      executors: { work: echo },
      startTimer: timers.startTimer,
      shard: (name) => ({
        ...deps.shard(name),
        claimMany: (claims, id) => deps.shard(name).claimMany(claims, id),
        heartbeat: (renewals) => deps.shard(name).heartbeat(renewals),
        undeliverable: (ids) => deps.shard(name).undeliverable(ids),
        completeMany: () => Promise.reject(new Error("exploded")),
      }),
    });
    expect(await deliver([wakeUp(task.id, "m1")], deaf)).toEqual({ acked: [], retried: ["m1"] });
    expect(await read(task)).toMatchObject({ status: "running" });
    expect((await deliver([wakeUp(task.id, "m1", 2)], deps)).acked).toEqual(["m1"]);
    expect(await read(task)).toMatchObject({ status: "completed", attempts: 2 });
  });
});

test("a consumer that fails after it acknowledged costs nothing: what comes again finds the end", async () => {
  await cutQueues();
  const task = await submitted();
  const deps = consumerDeps({ executors: { work: echo } });
  await deliver([wakeUp(task.id, "m1")], deps);
  // Locally, a handler that throws has its acknowledged messages delivered again.
  expect(await deliver([wakeUp(task.id, "m1", 2)], deps)).toEqual({ acked: ["m1"], retried: [] });
  expect(await read(task)).toMatchObject({ status: "completed", attempts: 1 });
  expect((await shardStub().stats()).counts).toContainEqual({
    kind: "work",
    status: "completed",
    count: 1,
  });
});

test("an executor that throws is tried again after a pause, and in the end the task is dead with its history", async () => {
  await cutQueues();
  const task = await submitted({ timeoutMs: 600_000 });
  const { events, log } = logged();
  const deps = consumerDeps({
    executors: {
      work: () => {
        throw new Error("no such column: secret");
      },
    },
    log,
  });
  for (let attempt = 1; attempt <= 4; attempt++) {
    expect((await deliver([wakeUp(task.id, `m${attempt}`)], deps)).acked).toEqual([`m${attempt}`]);
    // Too early: its pause is not over.
    expect((await deliver([wakeUp(task.id, `e${attempt}`)], deps)).acked).toEqual([`e${attempt}`]);
    await elapse(0, 60_000);
  }
  const dead = await read(task);
  expect(dead).toMatchObject({
    status: "failed",
    isDead: true,
    attempts: 4,
    fault: { code: "INTERNAL" },
  });
  expect(dead?.history).toHaveLength(4);
  expect(JSON.stringify(dead)).not.toContain("secret");
  expect(events.filter((event) => event === "tasks.executor_threw")).toHaveLength(4);
});

test("a target that hangs is timed out, and its message is acknowledged", async () => {
  await cutQueues();
  const task = await submitted({ timeoutMs: 20_000 });
  const timers = createManualTimers(Date.now());
  const started = gate();
  let signal: AbortSignal | null = null;
  const done = deliver(
    [wakeUp(task.id, "m1")],
    consumerDeps({
      now: timers.now,
      startTimer: timers.startTimer,
      executors: {
        work: (run) => {
          signal = run.signal;
          started.open();
          return new Promise(() => undefined);
        },
      },
    }),
  );
  await started.opened;
  // Heartbeats go out to the real shard; the clock goes on whether they are answered or not.
  await timers.advance(20_000);
  expect(await done).toEqual({ acked: ["m1"], retried: [] });
  expect(signal).toMatchObject({ aborted: true });
  expect(await read(task)).toMatchObject({ status: "timed_out", attempts: 1 });
});

test("a busy target puts its task off and no attempt is spent", async () => {
  const outbox = await cutQueues();
  const task = await submitted();
  let isBusy = true;
  const deps = consumerDeps({
    executors: {
      work: async (run) =>
        isBusy
          ? { status: "deferred", notBeforeMs: Date.now() + 30_000, code: "SITE_BUSY" }
          : { status: "completed", data: run.attempt },
    },
  });
  await deliver([wakeUp(task.id, "m1")], deps);
  expect(await read(task)).toMatchObject({
    status: "queued",
    attempts: 0,
    notBeforeMs: expect.any(Number) as number,
    fault: { code: "SITE_BUSY" },
  });
  isBusy = false;
  await deliver([wakeUp(task.id, "m2")], deps);
  expect(await read(task)).toMatchObject({ status: "queued" });
  await elapse(0, 30_000);
  expect(outbox.sent).toHaveLength(2);
  await deliver([wakeUp(task.id, "m3")], deps);
  expect(await read(task)).toMatchObject({ status: "completed", dataJson: "1" });
});

describe("a dead letter", () => {
  test("has its task's wake-up sent again, and in the end the task fails as undeliverable", async () => {
    const outbox = await cutQueues();
    const task = await submitted();
    for (const round of [1, 2]) {
      const { acked } = await deliver(
        [wakeUp(task.id, `d${round}`)],
        consumerDeps(),
        consumeDeadLetters,
      );
      expect(acked).toEqual([`d${round}`]);
      await elapse(0, 5_000);
      expect(outbox.sent).toHaveLength(1 + round);
    }
    await deliver(
      [wakeUp(task.id, "d3"), { id: "p", body: 7 }],
      consumerDeps(),
      consumeDeadLetters,
    );
    expect(await read(task)).toMatchObject({
      status: "failed",
      isDead: true,
      attempts: 0,
      fault: { code: "TASK_UNDELIVERABLE" },
    });
  });

  test("whose shard can't be reached is kept", async () => {
    const deps = consumerDeps({
      shard: () => {
        throw new Error("Network connection lost.");
      },
    });
    const { retried } = await deliver([wakeUp(aTaskOf().id, "d1")], deps, consumeDeadLetters);
    expect(retried).toEqual(["d1"]);
  });
});
