import { describeError } from "#platform/log";
import { withoutSubscription, withSubscription } from "#realtime/core/attachment";
import { hasPresence } from "#realtime/core/channel-name";
import type { ChannelName } from "#realtime/core/channel-name";
import { MAX_CHANNELS } from "#realtime/core/frames";
import { isRefusedGap, joinWeight, MAX_JOIN_WEIGHT, subscribedTexts } from "#realtime/core/joining";
import type { Joined, Joiner, Wish } from "#realtime/core/joining";
import { Turns } from "#realtime/core/turns";
import { GatewayDoors } from "./gateway-doors";
import { codecOf } from "#realtime/core/line";
import type { Line } from "#realtime/core/line";

/** A socket on its way into a channel. */
interface Joining {
  readonly line: Line;
  readonly requestId: string | null;
  readonly wish: Wish;
  readonly joiner: Joiner;
}

/** Who comes into a channel and who leaves it. Many who come at once are brought in by one call: after a restart all of them do. */
export class GatewayJoins extends GatewayDoors {
  readonly #here = this.ctx.id.name ?? "";
  /** Changes of one channel's sockets go to it one after the other: a leave that overtakes a join would cut the joiner off. */
  readonly #turns = new Turns<Joining>(MAX_JOIN_WEIGHT);

  protected override gone = (line: Line): void => {
    if (!this.lines.delete(line.socket)) return;
    for (const { channel } of line.attachment.subscriptions)
      this.ctx.waitUntil(this.leave(line, channel));
  };

  protected readonly subscribe = async (
    line: Line,
    requestId: string | null,
    name: string,
    wish: Wish,
  ): Promise<void> => {
    const channel = await this.enter(line, requestId, name, "subscribe");
    if (channel === null) return;
    const { id, identity, subscriptions } = line.attachment;
    const isNew = !subscriptions.some((one) => one.channel === channel.name);
    if (isNew && subscriptions.length >= MAX_CHANNELS) {
      const data = { channel: channel.name };
      this.refuse(line, requestId, "TOO_MANY_CHANNELS", { params: { max: MAX_CHANNELS }, data });
      return;
    }
    if (channel.kind === "user") await this.watchTasks(channel.subject);
    const joiner: Joiner = {
      connectionId: id,
      ownerId: identity.ownerId,
      since: wish.since,
      // What has happened to a task so far is not much, and whoever comes late has not missed it.
      past: wish.wantsLatest ? "latest" : channel.kind === "task" ? "all" : "none",
    };
    const joining = { line, requestId, wish, joiner };
    await this.#turns.together(channel.name, joining, joinWeight(joiner), (all) =>
      this.#join(channel, all),
    );
  };

  protected readonly leave = (line: Line, channel: string): Promise<void> =>
    this.#turns.take(channel, async () => {
      if (!this.index.has(channel, line.socket)) return;
      const isLast = this.index.remove(channel, line.socket);
      await this.#tellLeft(line, channel, isLast);
    });

  /** Puts sockets out of a channel. It is their turn when whoever was just coming in is in, so nobody slips by; from then on they hear nothing. */
  protected readonly expel = (channel: string, isMeant: (line: Line) => boolean): Promise<void> =>
    this.#turns.take(channel, async () => {
      const out = [...this.index.members(channel).keys()].flatMap((socket) => {
        const line = this.lines.get(socket);
        return line && isMeant(line) ? [line] : [];
      });
      for (const line of out) {
        this.index.remove(channel, line.socket);
        this.remember(line, withoutSubscription(line.attachment, channel));
        this.answer(line, "unsubscribed", null, { channel, reason: "removed" });
      }
      const isEmpty = this.index.members(channel).size === 0;
      await Promise.all(out.map((line) => this.#tellLeft(line, channel, isEmpty)));
    });

  async #join({ name, kind }: ChannelName, all: readonly Joining[]): Promise<void> {
    const arrivals = all.map((joining) => ({ joining, arrival: this.index.expect(name) }));
    let answers: readonly (Joined | "hidden")[];
    try {
      answers = await this.channelOf(name).join({
        channel: name,
        gateway: this.#here,
        isPresent: hasPresence(kind),
        joiners: all.map(({ joiner }) => joiner),
      });
    } catch (error) {
      this.log.warn("realtime.join_failed", describeError(error));
      const more = { retryAfterMs: 1_000, data: { channel: name } };
      for (const { joining, arrival } of arrivals) {
        this.index.dismiss(name, arrival);
        this.refuse(joining.line, joining.requestId, "DEPENDENCY_UNAVAILABLE", more);
      }
      return;
    }
    const unwanted: Joining[] = [];
    for (const [at, { joining, arrival }] of arrivals.entries()) {
      const joined = answers[at];
      if (!joined) throw new Error("A channel has answered fewer than have asked.");
      const { line, requestId, wish } = joining;
      if (joined === "hidden") {
        this.refuse(line, requestId, "CHANNEL_NOT_FOUND", { data: { channel: name } });
        this.index.dismiss(name, arrival);
        unwanted.push(joining);
        continue;
      }
      const hasGap = isRefusedGap(wish, joined);
      if (hasGap) this.refuse(line, requestId, "POSITION_NOT_KEPT", { data: { channel: name } });
      if (hasGap || !this.lines.has(line.socket)) {
        this.index.dismiss(name, arrival);
        unwanted.push(joining);
        continue;
      }
      const { wantsPresence } = wish;
      const membership = { wantsPresence, from: joined.offset };
      const late = this.index.admit(name, arrival, line.socket, membership);
      this.remember(line, withSubscription(line.attachment, { channel: name, wantsPresence }));
      const codec = codecOf(line);
      const nowMs = this.clock();
      for (const text of subscribedTexts(codec, name, requestId, wish, joined, late, nowMs))
        this.send(line, text);
    }
    // Only when the others are in does it show whether anybody is left here.
    for (const { line } of unwanted)
      if (!this.index.has(name, line.socket))
        await this.#tellLeft(line, name, this.index.members(name).size === 0);
  }

  /** Lets no error out: the channel finds out by itself, by deliveries that reach nobody, and when it looks after who is there. */
  async #tellLeft({ attachment }: Line, channel: string, isLast: boolean): Promise<void> {
    try {
      await this.channelOf(channel).leave(attachment.id, this.#here, isLast);
    } catch (error) {
      this.log.warn("realtime.leave_failed", describeError(error));
    }
  }
}
