import type { CancelVerdict, ClaimVerdict, SettleVerdict, SubmitVerdict } from "#tasks/core/desk";
import type { Claim, HeartbeatVerdict, NewTask } from "#tasks/core/lifecycle";
import type { Renewal, RunReport } from "#tasks/core/run-task";
import { isTerminal, viewOf } from "#tasks/core/state";
import type { TaskView } from "#tasks/core/state";
import { startTimer } from "#platform/timer";
import { Waiters } from "#tasks/core/waiters";
import { systemClock } from "#platform/clock";
import { observe } from "#platform/meter";
import { tellPulse } from "#platform/meter-flush";
import type { ShardStats } from "#tasks/storage";
import { ShardOwners } from "./shard-owners";

/** The record of a part of all tasks: rows, leases, waiters, counters. The queue only wakes consumers; what they may do is decided here. */
export class TaskShard extends ShardOwners {
  readonly #waiters = new Waiters(startTimer, (id) => {
    const row = this.book.find(id);
    return row && viewOf(row);
  });

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.parts.push({
      saved: (before, after) => {
        if (!isTerminal(after.status)) return;
        this.#waiters.notify(viewOf(after));
        const { kind, startedAtMs, completedAtMs } = after;
        if (before?.status === after.status || startedAtMs === null || completedAtMs === null)
          return;
        observe("naru_task_duration_seconds", { kind }, (completedAtMs - startedAtMs) / 1000);
        tellPulse(this.ctx, this.env);
      },
    });
  }

  /** Records a task or joins its like, and answers when it has ended or after `waitMs`, at most one slice. */
  async submit(task: NewTask, waitMs: number): Promise<SubmitVerdict> {
    const { verdict, ended } = await this.change(() => {
      const verdict = this.desk.submit(task);
      // The waiter stands before the wake-up leaves: no end can slip in between.
      return {
        verdict,
        ended: "task" in verdict ? this.#waiters.untilEnd(verdict.task, waitMs) : null,
      };
    });
    return "task" in verdict && ended ? { ...verdict, task: await ended } : verdict;
  }

  /** Records several tasks in one transaction, in their order, and waits for none. */
  submitMany(tasks: readonly NewTask[]): Promise<SubmitVerdict[]> {
    return this.change(() => tasks.map((task) => this.desk.submit(task)));
  }

  /** The task when it has ended, or as it stands after one slice; null for another owner's or none. */
  async wait(id: string, ownerId: string, waitMs: number): Promise<TaskView | null> {
    const row = this.desk.find(id, ownerId);
    return row && this.#waiters.untilEnd(viewOf(row), waitMs);
  }

  get(id: string, ownerId: string): TaskView | null {
    const row = this.desk.find(id, ownerId);
    return row && viewOf(row);
  }

  /** A chunk of a large result, counted from 0; null where there is none. */
  readResult(id: string, ownerId: string, seq: number): ArrayBuffer | null {
    return this.desk.find(id, ownerId) && this.book.readResultChunk(id, seq);
  }

  cancel(id: string, ownerId: string): Promise<CancelVerdict | null> {
    return this.change(() => this.desk.cancel(id, ownerId));
  }

  claimMany(claims: readonly Claim[], consumerId: string): Promise<ClaimVerdict[]> {
    return this.change(() => this.desk.claim(claims, consumerId));
  }

  heartbeat(renewals: readonly Renewal[]): Promise<HeartbeatVerdict[]> {
    return this.change(() => this.desk.heartbeat(renewals));
  }

  completeMany(reports: readonly RunReport[]): Promise<SettleVerdict[]> {
    return this.change(() => this.desk.complete(reports));
  }

  undeliverable(ids: readonly string[]): Promise<void> {
    return this.change(() => this.desk.undeliverable(ids));
  }

  stats(): ShardStats {
    return this.book.readStats(systemClock());
  }

  ping(): true {
    return true;
  }
}
