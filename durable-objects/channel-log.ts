import { DurableObject } from "cloudflare:workers";
import { systemClock } from "#platform/clock";
import type { Clock } from "#platform/clock";
import { readConfig } from "#platform/config";
import { newId, randomBase32 } from "#platform/ids";
import { createLogger, describeError } from "#platform/log";
import { Fanout } from "#realtime/core/fanout";
import type { Delivered } from "#realtime/core/fanout";
import type { HistoryOrder } from "#realtime/core/frames";
import { eventJson } from "#realtime/core/messages";
import type { ChannelHistory, NewMessage, Published } from "#realtime/core/messages";
import { isReadable } from "#realtime/core/recovery";
import type { LogState, Position } from "#realtime/core/recovery";
import { ChannelStorage } from "#realtime/storage";
import { SingleAlarm } from "#platform/single-alarm";
import { startTimer } from "#platform/timer";

/** Says things in its own name. */
const SERVER = "naru";

/** A failed delivery is tried again after so long; what a crash may have left over is looked for after the second. */
const RESUME_MS = 1_000;
const SAFETY_MS = 5_000;

/** The log of a channel and its way to the gateways. What the classes above it share are fields, which no call from outside reaches. */
export class ChannelLog extends DurableObject<Env> {
  /** Own fields are out of reach over RPC: tests set the clock. */
  clock: Clock = systemClock;
  /** The channel's name, as the first call of this life told it; its events carry it. */
  protected channel = "";
  protected readonly log = createLogger(readConfig(this.env).logLevel);
  protected readonly storage = new ChannelStorage(this.ctx.storage);
  protected readonly alarms = new SingleAlarm(
    (atMs) => void this.ctx.storage.setAlarm(atMs),
    () => void this.ctx.storage.deleteAlarm(),
  );
  protected readonly fanout = new Fanout({
    deliver: (gateway, events, head) =>
      this.env.GATEWAY.getByName(gateway).deliver(this.channel, events, head),
    read: (offset, limit) => this.storage.after(offset, limit),
    head: () => this.state().offset,
    drop: (gateway) => {
      this.storage.dropGateway(gateway);
    },
    failed: (gateway, error) => {
      this.log.warn("channel.delivery_failed", { gateway, ...describeError(error) });
      this.alarms.atLatest(this.clock() + RESUME_MS);
    },
  });
  /** Readers without a socket that wait for the next event. */
  readonly #waiting = new Set<() => void>();
  protected readonly state = (): LogState => this.storage.state(() => randomBase32());

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    void ctx.blockConcurrencyWhile(async () => {
      const standsAtMs = await ctx.storage.getAlarm();
      if (standsAtMs !== null) this.alarms.resume(standsAtMs);
      if (!this.storage.isOpen) return;
      this.channel = this.storage.name();
      for (const gateway of this.storage.gateways()) this.fanout.restore(gateway);
    });
  }

  /** Keeps an event and tells everybody. Resolves when it is kept; the same message again is kept once. */
  publish(message: NewMessage): Published {
    const nowMs = this.clock();
    this.called(message.channel);
    const state = this.state();
    const { messageId, publisher } = message;
    if (messageId !== null) {
      const known = this.storage.findMessage(publisher, messageId, nowMs);
      if (known !== null) return { offset: known, isDuplicate: true };
    }
    const data = eventJson(message, newId("evt", nowMs));
    const logged = this.storage.append(state, data, nowMs, publisher === SERVER ? null : publisher);
    if (messageId !== null) this.storage.keepMessage(publisher, messageId, logged.offset, nowMs);
    this.alarms.atLatest(nowMs + SAFETY_MS);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
    // The runtime holds calls to the gateways back until the event is on the disk.
    this.ctx.waitUntil(this.fanout.publish(logged));
    return { offset: logged.offset, isDuplicate: false };
  }

  /** At most `limit` events: on from a position or back from it, or from an end of the log; without an order, behind the position or the newest. */
  history(
    channel: string,
    since: Position | null,
    limit: number,
    order: HistoryOrder | null = null,
  ): ChannelHistory {
    this.called(channel);
    const state = this.state();
    const { epoch, offset } = state;
    const recovered = since === null || isReadable(state, since, order);
    const events = recovered ? this.#page(since?.offset ?? null, limit, order) : [];
    return { epoch, offset, events, recovered };
  }

  #page(from: number | null, limit: number, order: HistoryOrder | null): Delivered[] {
    if (order === "newest_first")
      return this.storage.before(from ?? Number.MAX_SAFE_INTEGER, limit);
    if (from === null && order === null) return this.storage.newest(limit);
    return this.storage.after(from ?? 0, limit);
  }

  /** As `history` behind a position, and where nothing is there yet, after so long at most, or as soon as something is. */
  async wait(
    channel: string,
    since: Position,
    limit: number,
    waitMs: number,
  ): Promise<ChannelHistory> {
    const now = this.history(channel, since, limit);
    if (!now.recovered || now.events.length > 0) return now;
    await new Promise<void>((resolve) => {
      const stop = startTimer(waitMs, () => this.#waiting.delete(wake) && resolve());
      const wake = (): void => {
        stop();
        resolve();
      };
      this.#waiting.add(wake);
      this.heard();
    });
    return this.history(channel, since, limit);
  }

  /** At most `limit` of the events that somebody published here, behind an offset. */
  publishedBy(publisher: string, after: number, limit: number): readonly Delivered[] {
    return this.storage.publishedBy(publisher, after, limit);
  }

  /** Forgets everything, for a channel whose owner is being erased. Readers that come back find another log. Safe to repeat. */
  async forget(): Promise<void> {
    if (this.storage.isOpen) await this.storage.drop();
  }

  /** Somebody has begun to listen; a class above may have something to say to them. */
  protected heard: () => void = () => undefined;

  /** Whether anybody listens at this moment, with a socket or without. */
  protected readonly isHeard = (): boolean =>
    this.fanout.gateways.length > 0 || this.#waiting.size > 0;

  protected readonly called = (channel: string): void => {
    if (this.channel !== "") return;
    this.channel = channel;
    this.state();
    this.storage.keepName(channel);
  };
}
