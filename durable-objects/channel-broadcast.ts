import { describeError } from "#platform/log";
import type { Broadcasts } from "#realtime/core/broadcast";
import { ChannelReaders } from "./channel-readers";

/** What the server says of itself in a channel, at intervals, for as long as anybody listens. A channel without listeners costs nothing. */
export class ChannelBroadcast extends ChannelReaders {
  readonly #broadcasts: Broadcasts;
  /** When it was last said in this life of the object. */
  #saidAtMs = -Infinity;

  constructor(ctx: DurableObjectState, env: Env, broadcasts: Broadcasts) {
    super(ctx, env);
    this.#broadcasts = broadcasts;
  }

  protected override readonly heard = (): void => {
    const broadcast = this.#broadcasts[this.channel];
    if (broadcast) this.alarms.atLatest(Math.max(this.clock(), this.#saidAtMs + broadcast.everyMs));
  };

  protected override readonly broadcast = async (): Promise<number | null> => {
    const broadcast = this.#broadcasts[this.channel];
    if (!broadcast || !this.isHeard()) return null;
    const { event, everyMs, read } = broadcast;
    const nowMs = this.clock();
    // The alarm has other reasons to come, too.
    if (nowMs < this.#saidAtMs + everyMs) return this.#saidAtMs + everyMs;
    this.#saidAtMs = nowMs;
    try {
      const message = { channel: this.channel, messageId: null, publisher: "naru", cause: null };
      this.publish({ ...message, event, payloadJson: JSON.stringify(await read()) });
    } catch (error) {
      this.log.warn("channel.broadcast_failed", { event, ...describeError(error) });
    }
    return nowMs + everyMs;
  };
}
