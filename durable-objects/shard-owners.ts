import type { DeliveryRow } from "#tasks/core/delivery";
import type { TaskEvent } from "#tasks/core/events";
import { isTerminal, viewOf } from "#tasks/core/state";
import type { TaskView } from "#tasks/core/state";
import { EventLog, SqlDeliveryBook } from "#tasks/storage";
import { ShardAnnouncements } from "./shard-announcements";

/** A task with all that its record holds but a large result, which has a route of its own. */
export interface OwnedTask {
  readonly task: TaskView;
  readonly inputJson: string;
  readonly callbackUrl: string | null;
  readonly events: readonly TaskEvent[];
}

/** Of one answer. An RPC carries 32 MiB: the last task may bring an input of 8 million characters with it. */
const PAGE_TASKS = 100;
const PAGE_CHARS = 2_000_000;
const PAGE_DELIVERIES = 20;
/** Tasks that are erased in one transaction. */
const ERASED_AT_ONCE = 100;

/** What a shard holds of one owner, for whoever asks for all of it or wants it gone. */
export class ShardOwners extends ShardAnnouncements {
  readonly #owned = new SqlDeliveryBook(this.ctx.storage.sql);
  readonly #logs = new EventLog(this.ctx.storage.sql);

  /** An owner's tasks by id, from behind `after` on, as many as one answer bears; none where there are no more. */
  readOwned(ownerId: string, after: string): OwnedTask[] {
    const tasks: OwnedTask[] = [];
    let chars = 0;
    for (const id of this.book.idsOfOwner(ownerId, after, PAGE_TASKS)) {
      const row = this.book.find(id);
      if (row === null) continue;
      const { callbackUrl } = row;
      const events = this.#eventsOf(id);
      const inputJson = this.book.readInput(id);
      tasks.push({ task: viewOf(row), inputJson, callbackUrl, events });
      chars += inputJson.length + JSON.stringify(events).length + (row.result?.bytes ?? 0);
      if (chars >= PAGE_CHARS) break;
    }
    return tasks;
  }

  /** An owner's deliveries by id, those of forgotten tasks too. */
  readDeliveries(ownerId: string, after: string): DeliveryRow[] {
    return this.#owned.ofOwner(ownerId, after, PAGE_DELIVERIES);
  }

  /**
   * Erases some of an owner's tasks with everything that hangs on them; what runs is cancelled first, so that its worker is fenced off and the counters stay
   * right. False while there is more: it is called again. Safe to repeat.
   */
  async eraseOwned(ownerId: string): Promise<boolean> {
    const ids = this.book.idsOfOwner(ownerId, "", ERASED_AT_ONCE);
    for (const id of ids) this.muted.add(id);
    try {
      return await this.#erase(ownerId, ids);
    } finally {
      for (const id of ids) this.muted.delete(id);
    }
  }

  async #erase(ownerId: string, ids: readonly string[]): Promise<boolean> {
    await this.change(() => {
      for (const id of ids) this.desk.cancel(id, ownerId);
    });
    await Promise.all(ids.map((id) => this.forgetChannel(id)));
    const isAll = ids.length < ERASED_AT_ONCE;
    await this.change(() => {
      for (const id of ids) {
        const row = this.book.find(id);
        if (row !== null && isTerminal(row.status)) this.book.remove(row);
      }
      if (!isAll) return;
      this.book.dropKeys(ownerId);
      for (const part of this.parts) part.erased?.(ownerId);
    });
    return isAll && this.book.idsOfOwner(ownerId, "", 1).length === 0;
  }

  /** All of a task's events, of which as many are kept as fit into an answer. */
  #eventsOf(id: string): TaskEvent[] {
    const events: TaskEvent[] = [];
    for (;;) {
      const page = this.#logs.read(id, events.at(-1)?.seq ?? 0);
      if (page.length === 0) return events;
      events.push(...page);
    }
  }
}
