import { eventsOfChange, eventsOfLines } from "#tasks/core/events";
import type { EventPage } from "#tasks/core/events";
import { Followers } from "#tasks/core/followers";
import { isTerminal, viewOf } from "#tasks/core/state";
import type { TaskRow } from "#tasks/core/state";
import { startTimer } from "#platform/timer";
import { EventLog } from "#tasks/storage";
import { ShardBase } from "./shard-base";

/** The event log of a shard's tasks, and those who follow it. The book stores an event with the change that it tells of. */
export class ShardEvents extends ShardBase {
  readonly #events = new EventLog(this.ctx.storage.sql);
  readonly #followers = new Followers(startTimer);

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.parts.push({
      saved: (before, after) => {
        if (this.#followers.has(after.id) && eventsOfChange(before, after).length > 0)
          this.#followers.notify(after.id);
      },
      logged: (row, lines) => {
        this.#events.append(row.id, eventsOfLines(row.attempts, lines));
        this.#followers.notify(row.id);
      },
      forgotten: (row) => {
        this.#events.drop(row.id);
        this.#followers.notify(row.id);
      },
    });
  }

  /**
   * The events of a task behind `afterSeq`. Where there are none yet, waits for the next, at most `waitMs` and one slice; null for another
   * owner's task or none.
   */
  async follow(
    id: string,
    ownerId: string,
    afterSeq: number,
    waitMs: number,
  ): Promise<EventPage | null> {
    const row = this.desk.find(id, ownerId);
    if (!row) return null;
    const page = this.#pageOf(row, afterSeq);
    if (page.events.length > 0 || page.ended || waitMs <= 0) return page;
    // What comes from here on wakes this follower: nothing was awaited since the log was read.
    await this.#followers.untilNews(id, waitMs);
    const present = this.desk.find(id, ownerId);
    return present && this.#pageOf(present, afterSeq);
  }

  #pageOf(row: TaskRow, afterSeq: number): EventPage {
    const events = this.#events.read(row.id, afterSeq);
    const lastSeq = this.#events.lastSeq(row.id);
    const isWhole = (events.at(-1)?.seq ?? afterSeq) >= lastSeq;
    return { events, lastSeq, ended: isWhole && isTerminal(row.status) ? viewOf(row) : null };
  }
}
