import type { Clock } from "#platform/clock";
import {
  claimDelivery,
  createDelivery,
  returnDelivery,
  settleDelivery,
  sweepDelivery,
} from "./delivery";
import type { DeliveryOutcome, DeliveryRow } from "./delivery";
import { isTerminal } from "./state";
import type { TaskRow } from "./state";
import { webhookPayload } from "./webhook-payload";
import type { PayloadContext } from "./webhook-payload";

/** What a shard keeps of deliveries. Every call takes part in the transaction of the turn that makes it. */
export interface DeliveryBook {
  readonly insert: (row: DeliveryRow) => void;
  readonly save: (row: DeliveryRow) => void;
  readonly remove: (id: string) => void;
  readonly find: (id: string) => DeliveryRow | null;
  readonly ofTask: (taskId: string) => DeliveryRow[];
  readonly due: (nowMs: number, limit: number) => DeliveryRow[];
}

export interface DeliveryPorts {
  readonly now: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly newId: (nowMs: number) => string;
  /** A sender is to be woken for the deliveries of this task. */
  readonly wake: (taskId: string) => void;
  /** The alarm is wanted then or earlier. */
  readonly atLatest: (atMs: number) => void;
}

/** A signed attempt on its way to a sender; plain enough to cross an RPC. */
export interface DeliveryAssignment {
  readonly id: string;
  readonly attempt: number;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly traceparent: string;
}

const SWEEP_LIMIT = 500;

/** The counter of a shard's deliveries: loads, lets the rules decide, keeps the decision, and says what follows from it. */
export class DeliveryDesk {
  readonly #book: DeliveryBook;
  readonly #context: PayloadContext;
  readonly #ports: DeliveryPorts;

  constructor(book: DeliveryBook, context: PayloadContext, ports: DeliveryPorts) {
    this.#book = book;
    this.#context = context;
    this.#ports = ports;
  }

  /** Called in the transaction that writes a task: its end and the promise to tell of it stand or fall together. */
  taskSaved(before: TaskRow | null, after: TaskRow): void {
    if (after.callbackUrl === null || !isTerminal(after.status)) return;
    if (before !== null && isTerminal(before.status)) return;
    const { now, newId, wake } = this.#ports;
    const { id: taskId, ownerId, callbackUrl: url, traceparent } = after;
    const payload = webhookPayload(after, this.#context);
    const made = { id: newId(now()), taskId, ownerId, url, traceparent, ...payload };
    const row = createDelivery(made, now());
    this.#book.insert(row);
    this.#ports.atLatest(row.dueAtMs);
    wake(taskId);
  }

  /** Begins the attempts of a task that are due. */
  claim(taskId: string): DeliveryRow[] {
    return this.#book.ofTask(taskId).flatMap((row) => {
      const claimed = claimDelivery(row, this.#ports.now());
      if (claimed === null) return [];
      this.#save(claimed);
      return [claimed];
    });
  }

  /** Takes back attempts that could not begin. */
  giveBack(rows: readonly DeliveryRow[]): void {
    for (const { id, attempts } of rows) {
      const row = this.#book.find(id);
      if (row?.lease && row.attempts === attempts)
        this.#save(returnDelivery(row, this.#ports.now()));
    }
  }

  /** Books what became of an attempt; false where it was given up meanwhile. */
  settle(id: string, attempt: number, outcome: DeliveryOutcome): boolean {
    const row = this.#book.find(id);
    const { now, random } = this.#ports;
    const settled = row && settleDelivery(row, attempt, outcome, now(), random());
    if (!settled?.ok) return false;
    this.#save(settled.value);
    return true;
  }

  /** Settles what is due, as much as one turn should take, and wakes senders. */
  sweep(): void {
    const nowMs = this.#ports.now();
    for (const row of this.#book.due(nowMs, SWEEP_LIMIT)) {
      const decision = sweepDelivery(row, nowMs, this.#ports.random());
      if (decision.action === "delete") this.#book.remove(row.id);
      if (decision.action === "save" || decision.action === "send") this.#save(decision.row);
      if (decision.action === "send") this.#ports.wake(row.taskId);
    }
  }

  #save(row: DeliveryRow): void {
    this.#book.save(row);
    this.#ports.atLatest(row.dueAtMs);
  }
}
