import { DurableObject } from "cloudflare:workers";
import { systemClock } from "#platform/clock";
import { readConfig } from "#platform/config";
import { inOwnTrace } from "#platform/correlation";
import { createLogger, describeError } from "#platform/log";
import { inSpan } from "#platform/tracing";
import { createCommit } from "#tasks/core/commit";
import { TaskDesk } from "#tasks/core/desk";
import { createGather } from "#tasks/core/gather";
import { createSender } from "#tasks/core/sender";
import type { ShardPart } from "#tasks/core/shard-part";
import { savedFields, sendAttributes } from "#tasks/core/shard-log";
import { SingleAlarm } from "#platform/single-alarm";
import type { Lane } from "#tasks/core/state";
import { flushIndex, SqlTaskBook } from "#tasks/storage";
import type { IndexEntry } from "#tasks/storage";

/** While the alarm works, and should it be cut short, the next one stands so far ahead. */
const SAFETY_ALARM_MS = 30_000;
const INDEX_DELAY_MS = 1_000;
const INDEX_RETRY_MS = 10_000;
/** Between two sweeps: what one leaves over comes soon, and nothing spins. */
const MIN_ALARM_MS = 50;

/**
 * What all parts of a shard stand on: the book and its commits, the desk that decides, the alarm, the wake-ups, the index. The classes above
 * it each add a part; `TaskShard` is the whole.
 *
 * What they share are fields, never methods: a call from another Worker reaches the methods of an object's classes and none of its fields.
 */
export class ShardBase extends DurableObject<Env> {
  protected readonly log = createLogger(readConfig(this.env).logLevel);
  /** Added to by the classes above, in their constructors' order. */
  protected readonly parts: ShardPart[] = [];
  protected readonly book = new SqlTaskBook(this.ctx.storage, this.parts);
  /** Applies a change all or nothing and resolves when it is on the disk; changes that come together share a commit. */
  protected readonly change = createCommit(
    (change) => this.book.transact(change),
    () => this.book.commit(),
  );
  readonly #alarm = new SingleAlarm(
    (atMs) => void this.ctx.storage.setAlarm(atMs),
    () => void this.ctx.storage.deleteAlarm(),
  );
  /** Lets the alarm ring at that time or earlier. */
  protected readonly atLatest = (atMs: number): void => {
    this.#alarm.atLatest(atMs);
  };
  /** Tells those who serve the kinds of the lane `pool` of a task; the class that knows them replaces it. */
  protected wakePool: (id: string) => Promise<unknown> = async () => undefined;
  readonly #wake: Record<Lane, (id: string) => Promise<unknown>> = {
    fast: this.#createSender(() => this.env.TASKS_FAST),
    slow: this.#createSender(() => this.env.TASKS_SLOW),
    pool: (id) => this.wakePool(id),
  };
  protected readonly desk = new TaskDesk(
    this.book,
    {
      wake: (row) => {
        this.ctx.waitUntil(this.#wake[row.lane](row.id));
        // A kind that is shared with outside workers: whoever claims a task first runs it, to the other it is a wake-up for nothing.
        const isShared = Object.hasOwn(readConfig(this.env).workerKinds, row.kind);
        if (row.lane !== "pool" && isShared) this.ctx.waitUntil(this.wakePool(row.id));
      },
      changed: (_row, dueAtMs, isVisible) => {
        this.atLatest(isVisible ? Math.min(dueAtMs, systemClock() + INDEX_DELAY_MS) : dueAtMs);
      },
      logged: (row, lines) => {
        for (const part of this.parts) part.logged?.(row, lines);
      },
    },
    systemClock,
    Math.random,
    {
      shards: readConfig(this.env).taskShards,
      concurrency: readConfig(this.env).taskConcurrency,
    },
  );
  /** One writer at a time; who asks during a write gets the next one, since it may want what came after the first began. */
  readonly #writeIndex = createGather<null, null>(
    async (asks) => {
      const mark = (done: readonly IndexEntry[]) => this.change(() => this.book.markIndexed(done));
      await flushIndex(this.env.DB, this.book, mark, systemClock());
      return asks;
    },
    { maxItems: 1_000 },
  );

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.parts.push({
      saved: (before, after) => {
        if (before?.status !== after.status || before.fence !== after.fence)
          this.log.debug("tasks.saved", savedFields(after));
      },
    });
    void ctx.blockConcurrencyWhile(async () => {
      const standsAtMs = await ctx.storage.getAlarm();
      if (standsAtMs !== null) this.#alarm.resume(standsAtMs);
      // What an earlier instance left to do is looked at soon, whatever became of its alarm. The parts stand by now.
      if (this.#nextDueAtMs() < Infinity) this.atLatest(systemClock() + INDEX_DELAY_MS);
    });
  }

  /** Writes to the index in D1 what it lacks. True when all that stood at the call is there, false where D1 can't be reached. */
  async settleIndex(): Promise<boolean> {
    try {
      await this.#writeIndex(null);
      return true;
    } catch (error) {
      this.log.warn("tasks.index_failed", describeError(error));
      return false;
    }
  }

  /** Does what the clock asks for. Re-arms before it works and lets no error out: a failed alarm would stop the sweeper. */
  override alarm(): Promise<void> {
    return inOwnTrace(() => this.#sweep());
  }

  async #sweep(): Promise<void> {
    const startedAtMs = systemClock();
    this.#alarm.fired(systemClock() + SAFETY_ALARM_MS);
    const sweeps = [
      () => this.desk.sweep(),
      ...this.parts.map((part) => () => part.sweep?.(systemClock())),
    ];
    // Each by itself: a part that fails holds up no other, and leaves the next alarm to the safety net.
    const outcomes = await Promise.allSettled(sweeps.map((sweep) => this.change(sweep)));
    for (const outcome of outcomes)
      if (outcome.status === "rejected")
        this.log.error("tasks.sweep_failed", describeError(outcome.reason));
    const failed = outcomes.filter(({ status }) => status === "rejected").length;
    this.log.debug("tasks.sweep", {
      shard: this.ctx.id.name,
      parts: sweeps.length,
      failed,
      duration_ms: systemClock() - startedAtMs,
    });
    if (failed > 0) return;
    // The index is not waited for: D1's troubles must not hold up the tasks.
    const hasUnindexed = this.book.hasUnindexed();
    if (hasUnindexed) this.ctx.waitUntil(this.settleIndex());
    const indexAtMs = hasUnindexed ? systemClock() + INDEX_RETRY_MS : Infinity;
    const nextAtMs = Math.min(this.#nextDueAtMs(), indexAtMs);
    this.#alarm.handled(Math.max(nextAtMs, systemClock() + MIN_ALARM_MS));
  }

  #nextDueAtMs(): number {
    const times = [this.book.nextDueAtMs(), ...this.parts.map((part) => part.nextDueAtMs?.())];
    return Math.min(...times.map((atMs) => atMs ?? Infinity));
  }

  #createSender(queue: () => Queue): (id: string) => Promise<boolean> {
    return createSender({
      sendBatch: (ids) =>
        inSpan("send wake-ups", sendAttributes(ids.length), () =>
          queue().sendBatch(ids.map((id) => ({ body: { v: 1, task_id: id } }))),
        ),
      onRefused: (ids, failures, error) => {
        this.log.warn("tasks.send_refused", { count: ids.length, ...describeError(error) });
        return this.change(() => this.desk.unsent(ids, failures));
      },
    });
  }
}
