import { inOwnTrace } from "#platform/correlation";
import { describeError } from "#platform/log";
import { PAST } from "#realtime/core/joining";
import type { Joined, JoinRequest } from "#realtime/core/joining";
import { ChannelPresence, PRESENCE_CHECK_MS } from "./channel-presence";

const RESUME_MS = 1_000;

/**
 * One channel: its log, and the gateways through which its readers hear of it. What a subscriber missed is read and its gateway added in one
 * turn, so nothing can slip in between. An event is on the disk before anybody is told of it.
 */
export class ChannelReaders extends ChannelPresence {
  /** Lets connections in: gives each what it missed, and adds their gateway in the same turn. */
  join({ channel, gateway, isPresent, joiners }: JoinRequest): (Joined | "hidden")[] {
    this.called(channel);
    const state = this.state();
    const { epoch, offset } = state;
    if (this.fanout.add(gateway)) this.storage.addGateway(gateway);
    this.alarms.atLatest(this.clock() + PRESENCE_CHECK_MS);
    this.heard();
    return joiners.map(({ connectionId, ownerId, since, past }) => {
      if (!this.isLetIn(ownerId)) return "hidden";
      const recovered = since && this.storage.recover(state, since);
      if (isPresent) this.cameIn(gateway, connectionId, ownerId);
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
    this.wentOut(connectionId);
    if (!isLast) return;
    this.fanout.remove(gateway);
    this.storage.dropGateway(gateway);
  }

  /** Looks after what the clock asks for. Lets no error out: an alarm that fails would be tried a few times and then never again. */
  override alarm(): Promise<void> {
    return inOwnTrace(() => this.#wakeUp());
  }

  async #wakeUp(): Promise<void> {
    this.alarms.fired(this.clock() + PRESENCE_CHECK_MS);
    if (!this.storage.isOpen) {
      this.alarms.handled(Infinity);
      return;
    }
    this.state();
    try {
      this.storage.prune(this.clock());
      await this.fanout.resume();
      if (this.storage.countPresent() > 0) await this.checkPresence();
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

  /** Whether somebody may still come in: between the door and here they may have been put out. */
  protected isLetIn: (ownerId: string) => boolean = () => true;

  /** Does what else is owed to others; when to come back to it, or null where nothing is. */
  protected settle: () => Promise<number | null> = async () => null;

  /** Says what the server has to say here of itself; when it does so again, or null where it does not. */
  protected broadcast: () => Promise<number | null> = async () => null;

  /** Whether the channel is to stay although nothing is in it. */
  protected isKept: () => boolean = () => false;
}
