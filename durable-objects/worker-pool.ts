import { DurableObject } from "cloudflare:workers";
import { systemClock } from "#platform/clock";
import type { Clock } from "#platform/clock";
import { startTimer } from "#platform/timer";
import { WORKER_MEMORY_MS } from "#workers/core/limits";
import { WaitingWorkers } from "#workers/core/waiting";
import { PoolStorage } from "#workers/storage";
import type { Offer, WorkerRecord } from "#workers/storage";

export type TakeVerdict =
  | { readonly verdict: "taken"; readonly offers: readonly Offer[] }
  /** No such worker of this owner: it has to register. */
  | { readonly verdict: "unknown_worker" };

/**
 * Where outside workers of one pool wait for tasks. It matches the two and nothing more: the right to run a task is given by the task's shard, so
 * whatever is lost or doubled here harms no task.
 */
export class WorkerPool extends DurableObject<Env> {
  /** Own fields are out of reach over RPC. Tests set the clock. */
  clock: Clock = systemClock;
  readonly #storage = new PoolStorage(this.ctx.storage);
  readonly #waiting = new WaitingWorkers<Offer>(startTimer);

  /** These tasks are ready; who waits is served at once. */
  async offer(offers: readonly Offer[]): Promise<void> {
    this.#storage.offer(offers, this.clock());
    this.#waiting.serve();
    await this.#arm();
  }

  async register(worker: WorkerRecord): Promise<void> {
    this.#storage.keepWorker(worker, this.clock());
    await this.#arm();
  }

  /** Up to `max` tasks of the worker's kinds, as soon as there are any; none after `waitMs`, at most one slice. */
  async take(workerId: string, ownerId: string, max: number, waitMs: number): Promise<TakeVerdict> {
    const worker = this.#storage.see(workerId, ownerId, this.clock());
    if (worker === null) return { verdict: "unknown_worker" };
    const take = (): Offer[] => this.#storage.take(worker.kinds, max);
    return { verdict: "taken", offers: await this.#waiting.untilAny(take, waitMs) };
  }

  /** Whether the worker is this owner's; it counts as heard of. */
  see(workerId: string, ownerId: string): boolean {
    return this.#storage.see(workerId, ownerId, this.clock()) !== null;
  }

  /** Leaves nothing of an owner. Safe to repeat. */
  eraseOwner(ownerId: string): void {
    this.#storage.dropOwner(ownerId);
  }

  /** The workers that were heard of in the last 30 s. */
  active(): string[] {
    return this.#storage.active(this.clock());
  }

  override async alarm(): Promise<void> {
    if (this.#storage.prune(this.clock())) await this.#arm();
  }

  async #arm(): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) === null)
      await this.ctx.storage.setAlarm(this.clock() + WORKER_MEMORY_MS);
  }
}
