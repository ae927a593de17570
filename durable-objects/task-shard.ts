import { DurableObject } from "cloudflare:workers";
import { systemClock } from "#platform/clock";
import { readConfig } from "#platform/config";
import { createLogger, describeError } from "#platform/log";
import { createCommit } from "#tasks/core/commit";
import { TaskDesk } from "#tasks/core/desk";
import type { CancelVerdict, ClaimVerdict, SettleVerdict, SubmitVerdict } from "#tasks/core/desk";
import { createGather } from "#tasks/core/gather";
import type { Claim, HeartbeatVerdict, NewTask } from "#tasks/core/lifecycle";
import type { Renewal, RunReport } from "#tasks/core/run-task";
import { SingleAlarm } from "#tasks/core/single-alarm";
import { isTerminal, viewOf } from "#tasks/core/state";
import type { Lane, TaskView } from "#tasks/core/state";
import { createSender } from "#tasks/core/sender";
import { startTimer, Waiters } from "#tasks/core/waiters";
import { flushIndex, SqlTaskBook } from "#tasks/storage";
import type { IndexEntry, ShardStats } from "#tasks/storage";

/** While the alarm works, and should it be cut short, the next one stands so far ahead. */
const SAFETY_ALARM_MS = 30_000;
const INDEX_DELAY_MS = 1_000;
const INDEX_RETRY_MS = 10_000;
/** Between two sweeps: what one leaves over comes soon, and nothing spins. */
const MIN_ALARM_MS = 50;

/** The record of a part of all tasks: rows, leases, waiters, counters. The queue only wakes consumers; what they may do is decided here. */
export class TaskShard extends DurableObject<Env> {
  readonly #log = createLogger(readConfig(this.env).logLevel);
  readonly #book = new SqlTaskBook(this.ctx.storage);
  readonly #waiters = new Waiters(startTimer, (id) => {
    const row = this.#book.find(id);
    return row && viewOf(row);
  });
  readonly #alarm = new SingleAlarm(
    (atMs) => void this.ctx.storage.setAlarm(atMs),
    () => void this.ctx.storage.deleteAlarm(),
  );
  readonly #change = createCommit(
    (change) => this.#book.transact(change),
    () => this.#book.commit(),
  );
  readonly #wake: Record<Lane, (id: string) => Promise<boolean>> = {
    fast: this.#createSender(() => this.env.TASKS_FAST),
    slow: this.#createSender(() => this.env.TASKS_SLOW),
  };
  /** One writer at a time; who asks during a write gets the next one, since it may want what came after the first began. */
  readonly #writeIndex = createGather<null, null>(
    async (asks) => {
      const mark = (done: readonly IndexEntry[]) =>
        this.#change(() => this.#book.markIndexed(done));
      await flushIndex(this.env.DB, this.#book, mark, systemClock());
      return asks;
    },
    { maxItems: 1_000 },
  );
  readonly #desk = new TaskDesk(
    this.#book,
    {
      wake: (row) => {
        this.ctx.waitUntil(this.#wake[row.lane](row.id));
      },
      changed: (row, dueAtMs, isVisible) => {
        if (isTerminal(row.status)) this.#waiters.notify(viewOf(row));
        this.#alarm.atLatest(
          isVisible ? Math.min(dueAtMs, systemClock() + INDEX_DELAY_MS) : dueAtMs,
        );
      },
    },
    systemClock,
    Math.random,
  );

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    void ctx.blockConcurrencyWhile(async () => {
      const standsAtMs = await ctx.storage.getAlarm();
      if (standsAtMs !== null) this.#alarm.resume(standsAtMs);
      // What an earlier instance left to do is looked at soon, whatever became of its alarm.
      if (this.#book.nextDueAtMs() !== null) this.#alarm.atLatest(systemClock() + INDEX_DELAY_MS);
    });
  }

  /** Records a task or joins its like, and answers when it has ended or after `waitMs`, at most one slice. */
  async submit(task: NewTask, waitMs: number): Promise<SubmitVerdict> {
    const { verdict, ended } = await this.#change(() => {
      const verdict = this.#desk.submit(task);
      // The waiter stands before the wake-up leaves: no end can slip in between.
      return {
        verdict,
        ended: "task" in verdict ? this.#waiters.untilEnd(verdict.task, waitMs) : null,
      };
    });
    return "task" in verdict && ended ? { ...verdict, task: await ended } : verdict;
  }

  /** The task when it has ended, or as it stands after one slice; null for another owner's or none. */
  async wait(id: string, ownerId: string, waitMs: number): Promise<TaskView | null> {
    const row = this.#desk.find(id, ownerId);
    return row && this.#waiters.untilEnd(viewOf(row), waitMs);
  }

  get(id: string, ownerId: string): TaskView | null {
    const row = this.#desk.find(id, ownerId);
    return row && viewOf(row);
  }

  /** A chunk of a large result, counted from 0; null where there is none. */
  readResult(id: string, ownerId: string, seq: number): ArrayBuffer | null {
    return this.#desk.find(id, ownerId) && this.#book.readResultChunk(id, seq);
  }

  cancel(id: string, ownerId: string): Promise<CancelVerdict | null> {
    return this.#change(() => this.#desk.cancel(id, ownerId));
  }

  claimMany(claims: readonly Claim[], consumerId: string): Promise<ClaimVerdict[]> {
    return this.#change(() => this.#desk.claim(claims, consumerId));
  }

  heartbeat(renewals: readonly Renewal[]): Promise<HeartbeatVerdict[]> {
    return this.#change(() => this.#desk.heartbeat(renewals));
  }

  completeMany(reports: readonly RunReport[]): Promise<SettleVerdict[]> {
    return this.#change(() => this.#desk.complete(reports));
  }

  undeliverable(ids: readonly string[]): Promise<void> {
    return this.#change(() => this.#desk.undeliverable(ids));
  }

  stats(): ShardStats {
    return this.#book.readStats(systemClock());
  }

  ping(): true {
    return true;
  }

  /** Writes to the index in D1 what it lacks. True when all that stood at the call is there, false where D1 can't be reached. */
  async settleIndex(): Promise<boolean> {
    try {
      await this.#writeIndex(null);
      return true;
    } catch (error) {
      this.#log.warn("tasks.index_failed", describeError(error));
      return false;
    }
  }

  /** Does what the clock asks for. Re-arms before it works and lets no error out: a failed alarm would stop the sweeper. */
  override async alarm(): Promise<void> {
    this.#alarm.fired(systemClock() + SAFETY_ALARM_MS);
    try {
      await this.#change(() => this.#desk.sweep());
    } catch (error) {
      this.#log.error("tasks.sweep_failed", describeError(error));
      return;
    }
    // The index is not waited for: D1's troubles must not hold up the tasks.
    const hasUnindexed = this.#book.hasUnindexed();
    if (hasUnindexed) this.ctx.waitUntil(this.settleIndex());
    const indexAtMs = hasUnindexed ? systemClock() + INDEX_RETRY_MS : Infinity;
    const nextAtMs = Math.min(this.#book.nextDueAtMs() ?? Infinity, indexAtMs);
    this.#alarm.handled(Math.max(nextAtMs, systemClock() + MIN_ALARM_MS));
  }

  #createSender(queue: () => Queue): (id: string) => Promise<boolean> {
    return createSender({
      sendBatch: (ids) => queue().sendBatch(ids.map((id) => ({ body: { v: 1, task_id: id } }))),
      onRefused: (ids, failures, error) => {
        this.#log.warn("tasks.send_refused", { count: ids.length, ...describeError(error) });
        return this.#change(() => this.#desk.unsent(ids, failures));
      },
    });
  }
}
