import { describeError } from "#platform/log";
import { PresenceNews } from "#realtime/core/presence-news";
import { ChannelLog } from "./channel-log";

/** Who is there: as many as are listed, and how many there are. */
export interface Presence {
  readonly members: readonly {
    readonly connection_id: string;
    readonly user_id: string;
    readonly since_ms: number;
  }[];
  readonly count: number;
}

/** Joins and leaves within this time are told together. */
const PRESENCE_NEWS_MS = 500;
/** A gateway that lost its sockets without a word is found out by then, or when somebody asks and the last look was so long ago. */
export const PRESENCE_CHECK_MS = 60_000;
const PRESENCE_FRESH_MS = 5_000;
const MAX_LISTED_MEMBERS = 1_000;

/** Who is in a channel: kept with its log, told to those who ask, and looked after, since a gateway may lose its sockets without a word. */
export class ChannelPresence extends ChannelLog {
  readonly #news = new PresenceNews(MAX_LISTED_MEMBERS);
  #newsTimer: ReturnType<typeof setTimeout> | null = null;
  #checkedAtMs = 0;

  /** Counts a connection among those who are there. */
  protected readonly cameIn = (gateway: string, connectionId: string, ownerId: string): void => {
    const member = { connectionId, ownerId, sinceMs: this.clock() };
    if (this.storage.join(gateway, member))
      this.#tell(() => this.#news.joined({ connectionId, ownerId }));
  };

  protected readonly wentOut = (connectionId: string): void => {
    const left = this.storage.leave(connectionId);
    if (left) this.#tell(() => this.#news.left(left));
  };

  /** Who is there at this moment, as the gateways know it. */
  async presence(channel: string): Promise<Presence> {
    this.called(channel);
    this.state();
    if (this.clock() - this.#checkedAtMs > PRESENCE_FRESH_MS) await this.checkPresence();
    const members = this.storage
      .present(MAX_LISTED_MEMBERS)
      .map(({ connectionId, ownerId, sinceMs }) => ({
        connection_id: connectionId,
        user_id: ownerId,
        since_ms: sinceMs,
      }));
    return { members, count: this.storage.countPresent() };
  }

  #tell(note: () => void): void {
    note();
    if (this.#newsTimer !== null) return;
    this.#newsTimer = setTimeout(() => {
      this.#newsTimer = null;
      this.ctx.waitUntil(this.#sendNews());
    }, PRESENCE_NEWS_MS);
  }

  async #sendNews(): Promise<void> {
    const change = this.#news.take(this.storage.countPresent());
    if (change === null) return;
    const sends = this.fanout.gateways.map((gateway) =>
      this.env.GATEWAY.getByName(gateway)
        .announce(this.channel, change)
        .catch((error: unknown) => {
          // Whoever asks for the list gets it whole; news that are lost are lost.
          this.log.warn("channel.news_failed", { gateway, ...describeError(error) });
        }),
    );
    await Promise.all(sends);
  }

  /** Takes out those whose gateway no longer holds them. */
  protected readonly checkPresence = async (): Promise<void> => {
    this.#checkedAtMs = this.clock();
    await Promise.all(
      this.fanout.gateways.map(async (gateway) => {
        const listed = this.storage.presentAt(gateway);
        if (listed.length === 0) return;
        try {
          const gone = await this.env.GATEWAY.getByName(gateway).missing(this.channel, listed);
          for (const connectionId of gone) this.wentOut(connectionId);
        } catch (error) {
          this.log.warn("channel.presence_unchecked", { gateway, ...describeError(error) });
        }
      }),
    );
  };
}
