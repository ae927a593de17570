import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { consumeDeadLetters } from "#tasks/consumer";
import { LEASE_MS } from "#tasks/core/timing";
import type { Executor } from "#tasks/service";
import type { NewTask } from "#tasks/core/lifecycle";
import {
  aTaskOf,
  consumerDeps,
  cutQueues,
  deliver,
  elapse,
  logOf,
  shardStub,
  sqlOf,
  wakeUp,
} from "../../support/task-shards";
import type { Outbox } from "../../support/task-shards";

/**
 * The short form of `npm run chaos`, with a clock and dice of its own: whatever goes wrong, goes wrong in the same order at every run of one seed.
 * The queue loses, doubles and gives up on messages, consumers die between their claim and their report and report much later, shards are evicted,
 * tasks fail and are cancelled.
 */
const TASKS = 24;
const SHARDS = [0, 1];
const MAX_STEPS = 2_000;
const ENDS = ["completed", "failed", "cancelled", "timed_out"];

/** mulberry32. */
function diceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Zombie {
  readonly task: NewTask;
  readonly shard: number;
  readonly fence: number;
  /** How much time of its shard has passed since its death. */
  deadForMs: number;
}

test.each([1, 2])(
  "whatever goes wrong, every accepted task ends once and every number is right (seed %i)",
  async (seed) => {
    const dice = diceOf(seed);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(dice() * list.length)] as T;
    const outboxes = new Map<number, Outbox>();
    for (const shard of SHARDS) outboxes.set(shard, await cutQueues(shard));

    const tasks = Array.from({ length: TASKS }, () => {
      const shard = pick(SHARDS);
      return { shard, task: aTaskOf(shard, { kind: "work" }) };
    });
    for (const { shard, task } of tasks) await shardStub(shard).submit(task, 0);

    const work: Executor = async (run) => {
      run.reportLog?.("info", `attempt ${run.attempt}`);
      if (dice() < 0.3) return { status: "failed", code: "FETCH_FAILED", retryable: true };
      return { status: "completed", data: { attempt: run.attempt } };
    };
    const deps = consumerDeps({ executors: { work }, random: dice });
    const inFlight: { shard: number; id: string; message: string; delivery: number }[] = [];
    const zombies: Zombie[] = [];
    let messages = 0;
    const late: string[] = [];

    /** What the shards have sent reaches the queue: not all of it, and some of it twice. */
    const collect = (): void => {
      for (const [shard, { sent }] of outboxes)
        for (const { taskId: id } of sent.splice(0))
          for (let copies = dice() < 0.15 ? 0 : dice() < 0.2 ? 2 : 1; copies > 0; copies--)
            inFlight.push({ shard, id, message: `m${++messages}`, delivery: 1 });
    };

    const steps: readonly (() => Promise<void>)[] = [
      async function deliverSome() {
        const batch = inFlight.splice(0, 1 + Math.floor(dice() * 4));
        await deliver(
          batch.map(({ id, message, delivery }) => wakeUp(id, message, delivery)),
          deps,
        );
      },
      async function dieAfterTheClaim() {
        const [delivered] = inFlight.splice(0, 1);
        if (!delivered) return;
        const { shard, id: taskId, message: messageId, delivery } = delivered;
        const [verdict] = await shardStub(shard).claimMany(
          [{ taskId, messageId, delivery }],
          "mortal",
        );
        const task = tasks.find((entry) => entry.task.id === taskId)?.task;
        if (verdict?.verdict !== "run" || !task) return;
        zombies.push({ task, shard, fence: verdict.assignment.fence, deadForMs: 0 });
        // One half of them the queue notices.
        if (dice() < 0.5) inFlight.push({ ...delivered, delivery: delivery + 1 });
      },
      async function reportLate() {
        const zombie = zombies.find(({ deadForMs }) => deadForMs > LEASE_MS);
        if (!zombie) return;
        zombies.splice(zombies.indexOf(zombie), 1);
        late.push(...(await reportOf(zombie)));
      },
      async function giveUpOnAMessage() {
        const [lost] = inFlight.splice(0, 1);
        if (lost && dice() < 0.3)
          await deliver([wakeUp(lost.id, lost.message)], deps, consumeDeadLetters);
      },
      async function evict() {
        const shard = pick(SHARDS);
        await evictDurableObject(shardStub(shard));
        outboxes.set(shard, await cutQueues(shard));
      },
      async function cancel() {
        const { shard, task } = pick(tasks);
        if (dice() < 0.2) await shardStub(shard).cancel(task.id, task.ownerId);
      },
      async function letTimePass() {
        const shard = pick(SHARDS);
        const ms = 1_000 + Math.floor(dice() * 20_000);
        await elapse(shard, ms);
        for (const zombie of zombies) if (zombie.shard === shard) zombie.deadForMs += ms;
      },
    ];
    const reportOf = ({ shard, task, fence }: Zombie): Promise<string[]> =>
      shardStub(shard).completeMany([
        { taskId: task.id, fence, outcome: { status: "completed", json: '"late"' } },
      ]);

    let open = tasks;
    for (let step = 0; open.length > 0 && step < MAX_STEPS; step++) {
      collect();
      await pick(steps)();
      if (step % 20 > 0) continue;
      const standing = await Promise.all(
        open.map(({ shard, task }) => shardStub(shard).get(task.id, task.ownerId)),
      );
      open = open.filter((_, index) => !ENDS.includes(standing[index]?.status ?? ""));
    }
    expect(open.map(({ task }) => task.id)).toEqual([]);

    // The last of the dead come back to tasks that have ended.
    for (const zombie of zombies) late.push(...(await reportOf(zombie)));
    expect(late.length).toBeGreaterThan(0);
    expect(new Set(late)).toEqual(new Set(["superseded"]));

    for (const shard of SHARDS) {
      const rows = await sqlOf<{ status: string; count: number }>(
        shard,
        "SELECT status, COUNT(*) AS count FROM tasks GROUP BY status ORDER BY status",
      );
      const counters = "SELECT status, count FROM counters WHERE count <> 0 ORDER BY status";
      expect(await sqlOf(shard, counters)).toEqual(rows);
      expect(await sqlOf(shard, `SELECT id FROM tasks WHERE result = '"late"'`)).toEqual([]);
      for (const { id } of await sqlOf<{ id: string }>(shard, "SELECT id FROM tasks")) {
        const log = await logOf(shard, id);
        expect(log.filter(({ body }) => body.type === "result")).toHaveLength(1);
        expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
      }
      expect(await shardStub(shard).settleIndex()).toBe(true);
    }
    const kept = (
      await Promise.all(
        SHARDS.map((shard) =>
          sqlOf<{ id: string; status: string }>(shard, "SELECT id, status FROM tasks"),
        ),
      )
    ).flat();
    const { results } = await env.DB.prepare("SELECT id, status FROM tasks ORDER BY id").all();
    expect(results).toEqual(kept.sort((a, b) => (a.id < b.id ? -1 : 1)));
  },
);
