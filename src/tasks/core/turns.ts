import type { Agenda } from "./agenda";
import { claimTask } from "./lifecycle";
import type { Claim, ClaimDecision } from "./lifecycle";
import { shareOf } from "./placement";
import type { Placement } from "./placement";
import type { TaskRow } from "./state";
import { shardOfTask } from "./task-id";
import { announce, hold, takeTicket } from "./wake-up";

interface Rows {
  readonly find: (id: string) => TaskRow | null;
  readonly agenda: () => Agenda;
}

interface TurnPorts {
  readonly save: (before: TaskRow, after: TaskRow) => void;
  readonly wake: (row: TaskRow) => void;
}

/** Gives each owner, and each owner's priorities, their turns, and no owner more at once than its share. */
export class Turns {
  readonly #book: Rows;
  readonly #placement: Placement;
  readonly #ports: TurnPorts;
  /** Which shard this is; its tasks' ids tell. */
  #shard: number | null = null;

  constructor(book: Rows, placement: Placement, ports: TurnPorts) {
    this.#book = book;
    this.#placement = placement;
    this.#ports = ports;
  }

  /**
   * Gives out the task that a wake-up came for, or the one whose turn it is: wake-ups of a lane are alike, so a task that is passed over takes the
   * wake-up of the one that went before it, and none is lost.
   */
  give(own: TaskRow, claim: Claim, consumerId: string, nowMs: number): ClaimDecision {
    const agenda = this.#book.agenda();
    // An outside worker leases tasks by name: what it asks for is what it can run.
    const isNamed = own.lane === "pool" || claim.leaseMs !== undefined;
    const take = (row: TaskRow): ClaimDecision => {
      const decision = claimTask(row, claim, consumerId, nowMs);
      if (decision.row) this.#ports.save(row, decision.row);
      return decision;
    };
    // A message that comes again brings the task back that it led to, not the one that it was sent for.
    const ledToId = claim.delivery > 1 && !isNamed ? agenda.runningBy(claim.messageId) : null;
    if (ledToId !== null && own.lease?.messageId !== claim.messageId) {
      const ledTo = this.#book.find(ledToId);
      if (ledTo?.lease?.messageId === claim.messageId) return take(ledTo);
    }
    const limitOf = (ownerId: string): number => this.limitOf(ownerId, own.id);
    if (own.status !== "queued" || own.notBeforeMs > nowMs) {
      const decision = take(own);
      if (decision.verdict === "run" || isNamed) return decision;
      // Its task went out by another wake-up: this one is for whoever was passed over then.
      const nextId = own.status === "queued" ? null : agenda.pick(own.lane, null, limitOf);
      const next = nextId === null ? null : this.#book.find(nextId);
      return next?.status === "queued" ? take(next) : decision;
    }
    const isAtLimit = agenda.running(own.ownerId) >= limitOf(own.ownerId);
    const itself = isAtLimit ? null : own.id;
    const chosenId = isNamed ? itself : agenda.pick(own.lane, own.id, limitOf);
    if (chosenId === null && isAtLimit) {
      this.#ports.save(own, hold(own, nowMs));
      return { verdict: "skip", reason: "at_limit" };
    }
    const chosen = chosenId === null || chosenId === own.id ? null : this.#book.find(chosenId);
    if (chosen?.status !== "queued") return take(own);
    const decision = take(chosen);
    if (decision.verdict === "run") this.#ports.save(own, takeTicket(own, chosen));
    return decision.verdict === "run" ? decision : take(own);
  }

  /** Wakes an owner's next tasks where this one has made room. Not itself: it has a time of its own to be looked at. */
  release({ id: leftId, ownerId }: TaskRow, nowMs: number): void {
    const agenda = this.#book.agenda();
    for (;;) {
      const id = agenda.nextHeld(ownerId);
      const row = id === null ? null : this.#book.find(id);
      if (!row || id === leftId || agenda.underWay(ownerId) >= this.limitOf(ownerId, row.id))
        return;
      const announced = announce(row, nowMs);
      this.#ports.save(row, announced);
      this.#ports.wake(announced);
    }
  }

  /** How many of an owner's tasks may run in this shard at once. */
  limitOf(ownerId: string, anyTaskId: string): number {
    this.#shard ??= shardOfTask(anyTaskId, Infinity) ?? 0;
    return shareOf(ownerId, this.#shard, this.#placement);
  }

  /** Whether as many of the owner's tasks are under way as may be. */
  isAtLimit({ id, ownerId }: TaskRow): boolean {
    return this.#book.agenda().underWay(ownerId) >= this.limitOf(ownerId, id);
  }
}
