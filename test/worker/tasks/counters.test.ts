import { runInDurableObject } from "cloudflare:test";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { TaskDesk } from "#tasks/core/desk";
import { createRow } from "#tasks/core/lifecycle";
import type { RunReport } from "#tasks/core/run-task";
import { isTerminal } from "#tasks/core/state";
import type { TaskStatus } from "#tasks/core/state";
import { SqlTaskBook } from "#tasks/storage";
import type { ShardStats } from "#tasks/storage";
import { T0 } from "../../support/tasks";
import { aTaskOf, shardStub } from "../../support/task-shards";

/** What can happen to a shard, with numbers that choose a task, a worker's knowledge and a time. */
const stepOf = fc.oneof(
  fc.record({ act: fc.constant("submit" as const), key: fc.integer({ min: 0, max: 5 }) }),
  fc.record({
    act: fc.constant("claim" as const),
    task: fc.nat(),
    message: fc.nat(3),
    delivery: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    act: fc.constant("settle" as const),
    claim: fc.nat(),
    outcome: fc.constantFrom("completed", "retryable", "final", "timed_out", "deferred"),
  }),
  fc.record({ act: fc.constant("heartbeat" as const), claim: fc.nat() }),
  fc.record({ act: fc.constant("cancel" as const), task: fc.nat() }),
  fc.record({ act: fc.constant("dead" as const), task: fc.nat() }),
  fc.record({ act: fc.constant("pass" as const), ms: fc.constantFrom(500, 5_000, 16_000, 70_000) }),
);
type Step = typeof stepOf extends fc.Arbitrary<infer T> ? T : never;

const OUTCOMES: Record<string, RunReport["outcome"]> = {
  completed: { status: "completed", json: "1" },
  retryable: {
    status: "failed",
    fault: { code: "INTERNAL", params: {} },
    isRetryable: true,
    retryAfterMs: 0,
  },
  final: {
    status: "failed",
    fault: { code: "FETCH_FAILED", params: {} },
    isRetryable: false,
    retryAfterMs: 0,
  },
  timed_out: { status: "timed_out" },
  deferred: { status: "deferred", notBeforeMs: T0 + 1_000, fault: null },
};

// A desk over a real book, with a clock of the test's own: whatever happens in whatever order, each task ends at most once and is counted once.
test("after any mix of deliveries, deaths, cancels and late results the counters equal the tasks", async () => {
  await runInDurableObject(shardStub(), (_instance, state) => {
    const play = (steps: readonly Step[], seed: number): void => {
      for (const table of [
        "tasks",
        "counters",
        "idempotency",
        "outbox",
        "chunks",
        "consumers",
        "marks",
      ])
        state.storage.sql.exec(`DELETE FROM ${table}`);
      const book = new SqlTaskBook(state.storage);
      let nowMs = T0;
      let random = seed;
      const ends = new Map<string, TaskStatus>();
      const desk = new TaskDesk(
        book,
        {
          wake: () => undefined,
          changed: (row) => {
            if (!isTerminal(row.status))
              expect(ends.has(row.id), "an ended task never changes").toBe(false);
            else {
              expect(ends.has(row.id), "a task ends once").toBe(false);
              ends.set(row.id, row.status);
            }
          },
        },
        () => nowMs,
        () => (random = (random * 16_807 + 1) % 1_000) / 1_000,
      );
      const ids: string[] = [];
      const claims: { readonly taskId: string; readonly fence: number }[] = [];
      const pick = <T>(list: readonly T[], n: number): T | undefined =>
        list[n % Math.max(1, list.length)];

      for (const step of steps) {
        if (step.act === "pass") {
          nowMs += step.ms;
          desk.sweep();
        } else if (step.act === "submit") {
          const idempotency = step.key === 0 ? null : { key: `k${step.key}`, fingerprint: "f" };
          const task = aTaskOf(0, { idempotency });
          if (desk.submit(task).verdict === "accepted") ids.push(task.id);
        } else if (step.act === "claim") {
          const taskId = pick(ids, step.task);
          if (taskId === undefined) continue;
          const claim = { taskId, messageId: `m${step.message}`, delivery: step.delivery };
          for (const verdict of desk.claim([claim], "c"))
            if (verdict.verdict === "run") claims.push(verdict.assignment);
        } else if (step.act === "settle") {
          const claim = pick(claims, step.claim);
          const outcome = OUTCOMES[step.outcome];
          if (claim && outcome) desk.complete([{ ...claim, outcome }]);
        } else if (step.act === "heartbeat") {
          const claim = pick(claims, step.claim);
          if (claim) desk.heartbeat([{ ...claim, consumerId: "c", progressJson: null }]);
        } else {
          const id = pick(ids, step.task);
          if (id !== undefined && step.act === "cancel") desk.cancel(id, "usr_a");
          if (id !== undefined && step.act === "dead") desk.undeliverable([id]);
        }
      }

      void book.commit();
      const seen = ({ counts }: ShardStats) => new Set(counts.filter(({ count }) => count !== 0));
      // An object that begins anew reads the same numbers from what is stored.
      const again = new SqlTaskBook(state.storage);
      expect(seen(again.readStats(nowMs))).toEqual(seen(book.readStats(nowMs)));
      const rows = state.storage.sql
        .exec<{ status: TaskStatus; n: number }>(
          "SELECT status, COUNT(*) AS n FROM tasks GROUP BY status",
        )
        .toArray();
      const counted = book.readStats(nowMs).counts.filter((entry) => entry.count !== 0);
      expect(new Map(counted.map((entry) => [entry.status, entry.count]))).toEqual(
        new Map(rows.map((row) => [row.status, row.n])),
      );
      expect(rows.reduce((sum, row) => sum + row.n, 0)).toBe(ids.length);
      expect(ends.size).toBe(
        rows.reduce((sum, row) => sum + (isTerminal(row.status) ? row.n : 0), 0),
      );
    };
    fc.assert(fc.property(fc.array(stepOf, { minLength: 10, maxLength: 80 }), fc.nat(999), play), {
      numRuns: 150,
    });
  });
});

test("a change that fails half-way leaves the counters, the outbox and the rows as they were", async () => {
  await runInDurableObject(shardStub(), (_instance, state) => {
    const book = new SqlTaskBook(state.storage);
    const insert = (): void => {
      const task = aTaskOf();
      book.insert(createRow(task, T0), task.inputJson, T0);
    };
    book.transact(insert);
    const before = { stats: book.readStats(T0), unindexed: book.unindexed(10) };
    expect(() =>
      book.transact(() => {
        insert();
        throw new Error("half-way");
      }),
    ).toThrow("half-way");
    expect({ stats: book.readStats(T0), unindexed: book.unindexed(10) }).toEqual(before);
    expect(before.unindexed).toHaveLength(1);
  });
});
