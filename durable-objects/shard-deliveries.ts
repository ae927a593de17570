import { systemClock } from "#platform/clock";
import { readConfig } from "#platform/config";
import { newId } from "#platform/ids";
import { describeError } from "#platform/log";
import { count } from "#platform/meter";
import { tellPulse } from "#platform/meter-flush";
import { webhookHeaders } from "#platform/standard-webhooks";
import { STRIDE } from "#tasks/core/agenda";
import { countedAs } from "#tasks/core/delivery";
import type { DeliveryOutcome, DeliveryRow } from "#tasks/core/delivery";
import { DeliveryDesk } from "#tasks/core/delivery-desk";
import type { DeliveryAssignment } from "#tasks/core/delivery-desk";
import { createSender } from "#tasks/core/sender";
import { SqlDeliveryBook } from "#tasks/storage";
import { ensureSecret, signingSecrets } from "#webhooks/storage";
import { poolObjectName } from "#workers/core/worker-id";
import type { Offer } from "#workers/storage";
import { ShardDeadLetters } from "./shard-dead-letters";

/**
 * The deliveries of a shard's ended tasks to those who asked to be called back. Messages are signed here, where the secrets can be opened: the
 * sender, another Worker, gets signatures and never a secret.
 */
export class ShardDeliveries extends ShardDeadLetters {
  readonly #config = readConfig(this.env);
  readonly #deliveries = new SqlDeliveryBook(this.ctx.storage.sql);
  /** What it does not take is sent again by the sweeper. */
  readonly #wakeSender = createSender({
    sendBatch: (ids) =>
      this.env.WEBHOOKS.sendBatch(ids.map((id) => ({ body: { v: 1, task_id: id } }))),
    onRefused: async (ids, _failures, error) => {
      this.log.warn("webhooks.send_refused", { count: ids.length, ...describeError(error) });
    },
  });
  /** What no pool takes is offered again after a growing pause. */
  protected override wakePool = createSender({
    sendBatch: (ids) => this.#offer(ids),
    onRefused: (ids, failures, error) => {
      this.log.warn("workers.offer_refused", { count: ids.length, ...describeError(error) });
      return this.change(() => this.desk.unsent(ids, failures));
    },
  });
  readonly #deliveryDesk = new DeliveryDesk(
    this.#deliveries,
    { locale: this.#config.defaultLocale, origin: this.#config.publicUrl },
    {
      now: systemClock,
      random: Math.random,
      newId: (nowMs) => newId("dlv", nowMs),
      wake: (taskId) => {
        this.ctx.waitUntil(this.#wakeSender(taskId));
      },
      atLatest: this.atLatest,
    },
  );

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.parts.push({
      saved: (before, after) => this.#deliveryDesk.taskSaved(before, after),
      erased: (ownerId) => {
        this.#deliveries.removeOwner(ownerId);
      },
      nextDueAtMs: () => this.#deliveries.nextDueAtMs(),
      sweep: () => this.#deliveryDesk.sweep(),
    });
  }

  /** Begins the attempts of a task's deliveries that are due, signed for this moment. Empty where none is, or where they can't be signed now. */
  async claimDeliveries(taskId: string): Promise<DeliveryAssignment[]> {
    const rows = await this.change(() => this.#deliveryDesk.claim(taskId));
    try {
      return await Promise.all(rows.map((row) => this.#assign(row)));
    } catch (error) {
      this.log.error("webhooks.not_signed", { task_id: taskId, ...describeError(error) });
      await this.change(() => this.#deliveryDesk.giveBack(rows));
      return [];
    }
  }

  /** Books what became of an attempt; false where it was given up meanwhile, and another one follows. */
  async settleDelivery(id: string, attempt: number, outcome: DeliveryOutcome): Promise<boolean> {
    const isBooked = await this.change(() => this.#deliveryDesk.settle(id, attempt, outcome));
    if (isBooked) count("naru_webhook_deliveries_total", { outcome: countedAs(outcome) });
    tellPulse(this.ctx, this.env);
    return isBooked;
  }

  /** A task's deliveries, oldest first; null where neither the task nor any delivery of it is this owner's. */
  listDeliveries(taskId: string, ownerId: string): Omit<DeliveryRow, "body">[] | null {
    // The deliveries of a task may outlive its record.
    const own = this.#deliveries.ofTask(taskId).filter((row) => row.ownerId === ownerId);
    if (own.length === 0 && this.desk.find(taskId, ownerId) === null) return null;
    return own.map(({ body: _body, ...row }) => row);
  }

  /** Tells the pools of outside workers which tasks are ready. */
  async #offer(ids: readonly string[]): Promise<void> {
    const byPool = new Map<string, Offer[]>();
    for (const taskId of ids) {
      const row = this.book.find(taskId);
      if (row === null) continue;
      const { kind, ownerId } = row;
      // A kind that the settings no longer name keeps the pool of its own name: its tasks wait there for the settings to come back.
      const known = this.#config.workerKinds;
      const pool = (Object.hasOwn(known, kind) ? known[kind]?.pool : undefined) ?? kind;
      const stride = STRIDE[row.priority];
      byPool.set(pool, [...(byPool.get(pool) ?? []), { taskId, kind, ownerId, stride }]);
    }
    await Promise.all(
      [...byPool].map(([pool, offers]) =>
        this.env.WORKER_POOL.getByName(poolObjectName(pool)).offer(offers),
      ),
    );
  }

  async #assign(row: DeliveryRow): Promise<DeliveryAssignment> {
    const { id, ownerId, attempts: attempt, url, body, traceparent } = row;
    const box = { db: this.env.DB, keys: this.#config.encryptionKeys };
    const nowMs = systemClock();
    // One is made at the submit; where it is gone since, or no longer opens, nothing leaves unsigned.
    let secrets = await signingSecrets(box, ownerId, nowMs);
    if (secrets.length === 0) {
      await ensureSecret(box, ownerId, nowMs);
      secrets = await signingSecrets(box, ownerId, nowMs);
    }
    if (secrets.length === 0) throw new Error("No webhook secret of the owner opens.");
    const headers = await webhookHeaders(secrets, { id, atMs: nowMs, body });
    return { id, attempt, url, headers, body, traceparent };
  }
}
