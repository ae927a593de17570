import { describeError } from "#platform/log";
import { PAST } from "#realtime/core/joining";
import type { Joined, JoinRequest } from "#realtime/core/joining";
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
const PRESENCE_CHECK_MS = 60_000;
const PRESENCE_FRESH_MS = 5_000;
const MAX_LISTED_MEMBERS = 1_000;
const RESUME_MS = 1_000;

/**
 * One channel: its log, and the gateways through which its readers hear of it. What a subscriber missed is read and its gateway added in one
 * turn, so nothing can slip in between. An event is on the disk before anybody is told of it.
 */
export class ChannelReaders extends ChannelLog {
  readonly #news = new PresenceNews(MAX_LISTED_MEMBERS);
  #newsTimer: ReturnType<typeof setTimeout> | null = null;
  #checkedAtMs = 0;

  /** Lets connections in: gives each what it missed, and adds their gateway in the same turn. */
  join({ channel, gateway, isPresent, joiners }: JoinRequest): Joined[] {
    this.called(channel);
    const state = this.state();
    const { epoch, offset } = state;
    const sinceMs = this.clock();
    if (this.fanout.add(gateway)) this.storage.addGateway(gateway);
    this.alarms.atLatest(sinceMs + PRESENCE_CHECK_MS);
    this.heard();
    return joiners.map(({ connectionId, ownerId, since, past }) => {
      const recovered = since && this.storage.recover(state, since);
      if (isPresent && this.storage.join(gateway, { connectionId, ownerId, sinceMs }))
        this.#tell(() => this.#news.joined({ connectionId, ownerId }));
      return {
        epoch,
        offset,
        wasRecovering: since !== null,
        recovered: recovered !== null,
        events: recovered ?? this.storage.newest(PAST[past]),
      };
    });
  }

  /** A connection has left; `isLast` where it was its gateway's only one here. */
  leave(connectionId: string, gateway: string, isLast: boolean): void {
    if (!this.storage.isOpen) return;
    const left = this.storage.leave(connectionId);
    if (left) this.#tell(() => this.#news.left(left));
    if (!isLast) return;
    this.fanout.remove(gateway);
    this.storage.dropGateway(gateway);
  }

  /** Who is there at this moment, as the gateways know it. */
  async presence(channel: string): Promise<Presence> {
    this.called(channel);
    this.state();
    if (this.clock() - this.#checkedAtMs > PRESENCE_FRESH_MS) await this.#checkPresence();
    const members = this.storage
      .present(MAX_LISTED_MEMBERS)
      .map(({ connectionId, ownerId, sinceMs }) => ({
        connection_id: connectionId,
        user_id: ownerId,
        since_ms: sinceMs,
      }));
    return { members, count: this.storage.countPresent() };
  }

  /** Looks after what the clock asks for. Lets no error out: an alarm that fails would be tried a few times and then never again. */
  override async alarm(): Promise<void> {
    this.alarms.fired(this.clock() + PRESENCE_CHECK_MS);
    if (!this.storage.isOpen) {
      this.alarms.handled(Infinity);
      return;
    }
    this.state();
    try {
      this.storage.prune(this.clock());
      await this.fanout.resume();
      if (this.storage.countPresent() > 0) await this.#checkPresence();
      const dueAtMs = [await this.settle(), await this.broadcast()];
      await this.#rest(Math.min(...dueAtMs.map((atMs) => atMs ?? Infinity)));
    } catch (error) {
      this.log.error("channel.alarm_failed", describeError(error));
    }
  }

  /** When to look again; a channel that nobody listens to and that keeps nothing forgets itself. */
  async #rest(owedAtMs: number): Promise<void> {
    const nowMs = this.clock();
    const endMs = this.storage.nextEndMs();
    const hasReaders = this.fanout.gateways.length > 0;
    if (!hasReaders && endMs === null && !this.isKept()) {
      this.alarms.handled(Infinity);
      await this.storage.drop();
      return;
    }
    const dueAtMs = [
      owedAtMs,
      this.fanout.isBehind ? nowMs + RESUME_MS : Infinity,
      this.storage.countPresent() > 0 ? nowMs + PRESENCE_CHECK_MS : Infinity,
      endMs === null ? Infinity : Math.max(endMs, nowMs + RESUME_MS),
      // A channel with readers and nothing kept is looked at once a day, should all of them have left without a word.
      hasReaders ? nowMs + 24 * 3_600_000 : Infinity,
    ];
    this.alarms.handled(Math.min(...dueAtMs));
  }

  /** Does what else is owed to others; when to come back to it, or null where nothing is. */
  protected settle: () => Promise<number | null> = async () => null;

  /** Says what the server has to say here of itself; when it does so again, or null where it does not. */
  protected broadcast: () => Promise<number | null> = async () => null;

  /** Whether the channel is to stay although nothing is in it. */
  protected isKept: () => boolean = () => false;

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
  async #checkPresence(): Promise<void> {
    this.#checkedAtMs = this.clock();
    await Promise.all(
      this.fanout.gateways.map(async (gateway) => {
        const listed = this.storage.presentAt(gateway);
        if (listed.length === 0) return;
        try {
          const gone = await this.env.GATEWAY.getByName(gateway).missing(this.channel, listed);
          for (const connectionId of gone) {
            const left = this.storage.leave(connectionId);
            if (left) this.#tell(() => this.#news.left(left));
          }
        } catch (error) {
          this.log.warn("channel.presence_unchecked", { gateway, ...describeError(error) });
        }
      }),
    );
  }
}
