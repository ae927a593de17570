import { systemClock } from "#platform/clock";
import { readConfig } from "#platform/config";
import { describeError } from "#platform/log";
import { channelObjectName } from "#realtime/core/channel-name";
import { presentEvent } from "#tasks/core/present-event";
import type { EventPage, TaskEvent } from "#tasks/core/events";
import { isTerminal, viewOf } from "#tasks/core/state";
import { EventLog, WatchBook } from "#tasks/storage";
import type { Watch } from "#tasks/storage";
import { ShardDeliveries } from "./shard-deliveries";

const RETRY_MS = 1_000;
const SWEEP_LIMIT = 100;

/**
 * Tells channels what happens to tasks: `task:<id>` of one that somebody follows there, `user:<id>` of all tasks of an owner who listens. What is to
 * be told is noted in the transaction of the change, and told until the channel has it: each event has a message id of its own, so a channel
 * that was told twice keeps it once.
 */
export class ShardAnnouncements extends ShardDeliveries {
  readonly #log = new EventLog(this.ctx.storage.sql);
  readonly #watches = new WatchBook(this.ctx.storage.sql);
  readonly #locale = readConfig(this.env).defaultLocale;
  /** One teller for each task and channel: two would tell out of order. */
  readonly #telling = new Map<string, Promise<void>>();
  /** Tasks that are being erased: no channel is told of what happens to them on the way. */
  protected readonly muted = new Set<string>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.parts.push({
      saved: (before, after) => {
        const nowMs = systemClock();
        const isChange =
          before?.version !== after.version || after.progressJson !== before.progressJson;
        if (!isChange) return;
        const isOwners = this.#watches.isOwnerWatched(after.ownerId, nowMs);
        if (isOwners) this.#watches.watch(after.id, `user:${after.ownerId}`, false);
        this.#note(after.id);
      },
      logged: (row) => {
        this.#note(row.id);
      },
      forgotten: (row) => {
        this.#watches.forget(row.id);
      },
      erased: (ownerId) => {
        this.#watches.forgetOwner(ownerId);
      },
      nextDueAtMs: () => (this.#watches.hasDue() ? systemClock() + RETRY_MS : null),
      sweep: (nowMs) => {
        this.#watches.prune(nowMs);
        for (const watch of this.#watches.due(SWEEP_LIMIT)) this.ctx.waitUntil(this.#tell(watch));
      },
    });
  }

  /**
   * Has `task:<id>` told of the task, all that has happened to it first. False for another owner's task or none. `restart` where the channel has
   * forgotten what it was told.
   */
  async watch(id: string, ownerId: string, restart: boolean): Promise<boolean> {
    if (this.desk.find(id, ownerId) === null) return false;
    const channel = `task:${id}`;
    await this.change(() => this.#watches.watch(id, channel, restart));
    const watch = this.#watches.of(id, channel);
    if (watch) await this.#tell(watch);
    return true;
  }

  /** Has `user:<id>` told of all tasks of an owner until then. */
  watchOwner(ownerId: string, untilMs: number): Promise<void> {
    return this.change(() => this.#watches.watchOwner(ownerId, untilMs));
  }

  #note(taskId: string): void {
    if (!this.#watches.isWatched(taskId)) return;
    this.#watches.markDue(taskId);
    this.atLatest(systemClock() + RETRY_MS);
    // Told when the change is on the disk; should it not come to that, there is nothing to tell.
    this.ctx.waitUntil(
      this.change(() => undefined).then(
        () => this.#tellAll(taskId),
        () => undefined,
      ),
    );
  }

  async #tellAll(taskId: string): Promise<void> {
    const due = this.#watches.due(SWEEP_LIMIT).filter((watch) => watch.taskId === taskId);
    await Promise.all(due.map((watch) => this.#tell(watch)));
  }

  /** Has the channel of a task that is muted forget it, when nobody is telling any channel of it any more. */
  protected readonly forgetChannel = async (taskId: string): Promise<void> => {
    const channels = this.#watches.channelsOf(taskId);
    for (const channel of channels) await this.#telling.get(`${taskId} ${channel}`);
    const own = `task:${taskId}`;
    if (channels.includes(own)) await this.env.CHANNEL.getByName(channelObjectName(own)).forget();
  };

  #tell(watch: Watch): Promise<void> {
    const name = `${watch.taskId} ${watch.channel}`;
    const before = this.#telling.get(name) ?? Promise.resolve();
    const turn = before
      .then(() => this.#tellNow(watch.taskId, watch.channel))
      .catch((error: unknown) => {
        this.log.warn("tasks.channel_not_told", describeError(error));
      })
      .finally(() => {
        if (this.#telling.get(name) === turn) this.#telling.delete(name);
      });
    this.#telling.set(name, turn);
    return turn;
  }

  async #tellNow(taskId: string, channel: string): Promise<void> {
    for (;;) {
      const watch = this.#watches.of(taskId, channel);
      const row = this.book.find(taskId);
      if (!watch || !row || this.muted.has(taskId)) return;
      const lastSeq = this.#log.lastSeq(taskId);
      const events = this.#log.read(taskId, watch.told);
      const ended = isTerminal(row.status) ? viewOf(row) : null;
      const page: EventPage = { events, lastSeq, ended };
      const isOwners = channel.startsWith("user:");
      for (const event of events) {
        if (this.muted.has(taskId)) return;
        if (!isOwners || event.body.type === "status" || event.body.type === "result")
          await this.#publish(channel, taskId, event, page);
      }
      const told = events.at(-1)?.seq ?? lastSeq;
      await this.change(() => this.#watches.settle(watch, told, this.#log.lastSeq(taskId)));
      if (told >= this.#log.lastSeq(taskId)) return;
    }
  }

  async #publish(
    channel: string,
    taskId: string,
    event: TaskEvent,
    page: EventPage,
  ): Promise<void> {
    const presented = presentEvent(taskId, event, page, this.#locale);
    await this.env.CHANNEL.getByName(channelObjectName(channel)).publish({
      channel,
      event: `task.${presented.event}`,
      payloadJson: presented.data,
      messageId: `${taskId}:${presented.id}`,
      publisher: "naru",
      cause: null,
    });
  }
}
