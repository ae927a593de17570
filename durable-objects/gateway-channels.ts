import { utf8 } from "#platform/bytes";
import { readConfig } from "#platform/config";
import { describeError } from "#platform/log";
import { isReservedEvent, judgeAccess } from "#realtime/core/access";
import type { ChannelAct } from "#realtime/core/access";
import { withoutSubscription, withSubscription } from "#realtime/core/attachment";
import { channelObjectName, hasPresence, parseChannel } from "#realtime/core/channel-name";
import type { ChannelName } from "#realtime/core/channel-name";
import type { Delivered, Receipt } from "#realtime/core/fanout";
import type { Codec } from "#realtime/core/codec";
import { MAX_CHANNELS } from "#realtime/core/frames";
import type { Comer, PresenceChange } from "#realtime/core/presence-news";
import { KEEP_EVENTS_MS } from "#realtime/core/recovery";
import type { Position } from "#realtime/core/recovery";
import { EVERYBODY } from "#realtime/storage";
import { shardName, shardNameOfTask } from "#tasks/core/task-id";
import { codecOf, GatewayLines } from "./gateway-lines";
import type { Line } from "./gateway-lines";

export interface Subscribing {
  readonly channel: string;
  readonly since: Position | null;
  /** The missed events stand in the answer, instead of following it. */
  readonly isInAnswer: boolean;
  readonly wantsLatest: boolean;
  readonly wantsPresence: boolean;
  /** Rather no subscription than one with a gap. */
  readonly mustRecover: boolean;
}

/** Channels as seen from the sockets: who may come in, who takes part, what is handed on to whom. */
export class GatewayChannels extends GatewayLines {
  /** Changes of one channel's sockets go to it one after the other: a leave that overtakes a join would cut the joiner off. */
  readonly #turns = new Map<string, Promise<unknown>>();

  /** Until when the shards tell of an owner's tasks; asking them again is harmless. */
  readonly #watched = new Map<string, number>();

  protected override gone = (line: Line): void => {
    if (!this.lines.delete(line.socket)) return;
    for (const { channel } of line.attachment.subscriptions)
      this.ctx.waitUntil(this.leave(line, channel));
  };

  /** Hands events of a channel to its sockets, in order and each once. */
  deliver(channel: string, events: readonly Delivered[], head: number): Receipt {
    const { fresh, missingFrom, sockets } = this.index.accept(channel, events, head);
    if (fresh.length === 0) return { sockets, missingFrom };
    // Each protocol's texts are made once, and only where somebody speaks it.
    const texts = perCodec((codec) => textsOf(codec, channel, fresh, this.clock()));
    for (const [socket, { from }] of this.index.members(channel)) {
      const line = this.lines.get(socket);
      if (!line) continue;
      const { frames, batch } = texts(codecOf(line));
      // Only who said `connect` is known to read batches; who came in amid these events has some of them.
      const isWhole = frames.every((frame) => frame.offset > from);
      if (batch && isWhole && line.attachment.isFluent) this.send(line, batch.text, batch.bytes);
      else
        for (const { offset, text, bytes } of frames)
          if (offset > from) this.send(line, text, bytes);
    }
    return { sockets, missingFrom };
  }

  /** Tells those who asked for it who came and went. */
  announce(channel: string, change: PresenceChange): void {
    const tell = ({ ownerId, connectionId }: Comer): object => ({
      user_id: ownerId,
      connection_id: connectionId,
    });
    const { count } = change;
    const data = { channel, joined: change.joined.map(tell), left: change.left.map(tell), count };
    const frames = perCodec((codec) => {
      const text = codec.write("presence", null, data, this.clock());
      return text === null ? null : withSize(text);
    });
    for (const [socket, { wantsPresence }] of this.index.members(channel)) {
      const line = this.lines.get(socket);
      const frame = line && wantsPresence ? frames(codecOf(line)) : null;
      if (line && frame) this.send(line, frame.text, frame.bytes);
    }
  }

  /** Puts these people's sockets out of a channel, or everybody's. */
  putOut(channel: string, userIds: readonly string[]): void {
    const isAll = userIds.includes(EVERYBODY);
    for (const socket of this.index.members(channel).keys()) {
      const line = this.lines.get(socket);
      if (!line || !(isAll || userIds.includes(line.attachment.identity.ownerId))) continue;
      this.remember(line, withoutSubscription(line.attachment, channel));
      this.answer(line, "unsubscribed", null, { channel, reason: "removed" });
      this.ctx.waitUntil(this.leave(line, channel));
    }
  }

  /** Which of these connections do not take part in the channel here. */
  missing(channel: string, connectionIds: readonly string[]): string[] {
    const here = new Set(
      [...this.index.members(channel).keys()].map(
        (socket) => this.lines.get(socket)?.attachment.id,
      ),
    );
    return connectionIds.filter((id) => !here.has(id));
  }

  protected readonly subscribe = async (
    line: Line,
    requestId: string | null,
    wish: Subscribing,
  ): Promise<void> => {
    const channel = await this.enter(line, requestId, wish.channel, "subscribe");
    if (channel === null) return;
    const { subscriptions } = line.attachment;
    const isNew = !subscriptions.some((one) => one.channel === channel.name);
    if (isNew && subscriptions.length >= MAX_CHANNELS) {
      const data = { channel: channel.name };
      this.refuse(line, requestId, "TOO_MANY_CHANNELS", { params: { max: MAX_CHANNELS }, data });
      return;
    }
    if (channel.kind === "user") await this.watchTasks(channel.subject);
    await this.inTurn(channel.name, () => this.#join(line, requestId, channel, wish));
  };

  protected readonly leave = (line: Line, channel: string): Promise<void> =>
    this.inTurn(channel, async () => {
      if (!this.index.has(channel, line.socket)) return;
      const isLast = this.index.remove(channel, line.socket);
      const { id } = line.attachment;
      await this.channelOf(channel)
        .leave(id, this.ctx.id.name ?? "", isLast)
        .catch((error: unknown) => {
          // The channel finds out by itself: by deliveries that reach nobody, and when it looks after who is there.
          this.log.warn("realtime.leave_failed", describeError(error));
        });
    });

  /** The channel's name where this socket may do this there; otherwise the refusal has been sent. */
  protected readonly enter = async (
    line: Line,
    requestId: string | null,
    name: string,
    act: ChannelAct,
  ): Promise<ChannelName | null> => {
    const parsed = parseChannel(name);
    if (!parsed.ok) {
      this.refuse(line, requestId, "CHANNEL_NOT_FOUND", { data: { channel: name } });
      return null;
    }
    const { identity } = line.attachment;
    let verdict = judgeAccess(parsed.value, identity, act);
    if (verdict === "ask") verdict = await this.#askOwner(parsed.value, identity.ownerId, act);
    if (verdict === "allowed") return parsed.value;
    const code = verdict === "hidden" ? "CHANNEL_NOT_FOUND" : "CHANNEL_FORBIDDEN";
    this.refuse(line, requestId, code, { data: { channel: name } });
    return null;
  };

  protected readonly isReserved = isReservedEvent;

  protected readonly channelOf = (name: string) =>
    this.env.CHANNEL.getByName(channelObjectName(name));

  /** One after the other for each channel; what fails does not hold up the next. */
  protected readonly inTurn = <T>(channel: string, work: () => Promise<T>): Promise<T> => {
    const before = this.#turns.get(channel) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.#turns.set(channel, turn);
    const tidy = (): void => {
      if (this.#turns.get(channel) === turn) this.#turns.delete(channel);
    };
    void turn.then(tidy, tidy);
    return turn;
  };

  async #join(
    line: Line,
    requestId: string | null,
    channel: ChannelName,
    wish: Subscribing,
  ): Promise<void> {
    const { name } = channel;
    const { wantsPresence } = wish;
    const arrival = this.index.expect(name);
    let joined;
    try {
      joined = await this.channelOf(name).join({
        channel: name,
        gateway: this.ctx.id.name ?? "",
        connectionId: line.attachment.id,
        ownerId: line.attachment.identity.ownerId,
        since: wish.since,
        // What has happened to a task so far is not much, and whoever comes late has not missed it.
        past: wish.wantsLatest ? "latest" : channel.kind === "task" ? "all" : "none",
        isPresent: hasPresence(channel.kind),
      });
    } catch (error) {
      this.index.dismiss(name, arrival);
      this.log.warn("realtime.join_failed", describeError(error));
      this.refuse(line, requestId, "DEPENDENCY_UNAVAILABLE", {
        retryAfterMs: 1_000,
        data: { channel: name },
      });
      return;
    }
    const hasGap = wish.mustRecover && joined.wasRecovering && !joined.recovered;
    if (hasGap || !this.lines.has(line.socket)) {
      this.index.dismiss(name, arrival);
      const isLast = this.index.members(name).size === 0;
      await this.channelOf(name).leave(line.attachment.id, this.ctx.id.name ?? "", isLast);
      if (hasGap) this.refuse(line, requestId, "POSITION_NOT_KEPT", { data: { channel: name } });
      return;
    }
    const { epoch, offset, wasRecovering, recovered, events } = joined;
    const late = this.index.admit(name, arrival, line.socket, { wantsPresence, from: offset });
    this.remember(line, withSubscription(line.attachment, { channel: name, wantsPresence }));
    const raw = wish.isInAnswer ? events.map((event) => event.dataJson) : [];
    const data = { channel: name, epoch, offset, was_recovering: wasRecovering, recovered };
    const codec = codecOf(line);
    const asked = wish.since?.offset ?? null;
    this.send(line, codec.subscribed(requestId, data, raw, asked, this.clock()));
    const following = wish.isInAnswer ? late : [...events, ...late];
    for (const event of following) this.send(line, codec.event(event.dataJson, this.clock()));
  }

  /** Has the shards tell this owner's channel of all of their tasks, for as long as the channel keeps what it is told. */
  protected readonly watchTasks = async (ownerId: string): Promise<void> => {
    const nowMs = this.clock();
    if ((this.#watched.get(ownerId) ?? 0) > nowMs + KEEP_EVENTS_MS / 2) return;
    const { taskShards } = readConfig(this.env);
    const shards = Array.from({ length: taskShards }, (_, shard) =>
      this.env.TASK_SHARD.getByName(shardName(shard)),
    );
    await Promise.all(shards.map((shard) => shard.watchOwner(ownerId, nowMs + KEEP_EVENTS_MS)));
    this.#watched.set(ownerId, nowMs + KEEP_EVENTS_MS);
  };

  /** A task belongs to whoever its shard says; a room's channel keeps its members. */
  async #askOwner(
    channel: ChannelName,
    ownerId: string,
    act: ChannelAct,
  ): Promise<"allowed" | "hidden" | "forbidden"> {
    if (channel.kind === "room") return this.channelOf(channel.name).door(ownerId, act);
    const shard = this.env.TASK_SHARD.getByName(shardNameOfTask(channel.subject));
    if (!(await shard.watch(channel.subject, ownerId, false))) return "hidden";
    const { offset } = await this.channelOf(channel.name).history(channel.name, null, 1);
    // The channel has forgotten what it was told: it is told again.
    if (offset === 0) await shard.watch(channel.subject, ownerId, true);
    return "allowed";
  }
}

/** A frame is counted by its bytes once, however many sockets it goes to. */
const withSize = (text: string): { text: string; bytes: number } => ({
  text,
  bytes: utf8(text).byteLength,
});

/** What is made once for each protocol, when it is first asked for. */
function perCodec<T>(make: (codec: Codec) => T): (codec: Codec) => T {
  const made = new Map<Codec, T>();
  return (codec) => {
    const known = made.get(codec);
    if (known !== undefined) return known;
    const fresh = make(codec);
    made.set(codec, fresh);
    return fresh;
  };
}

function textsOf(codec: Codec, channel: string, fresh: readonly Delivered[], nowMs: number) {
  const frames = fresh.map(({ offset, dataJson }) => ({
    offset,
    ...withSize(codec.event(dataJson, nowMs)),
  }));
  const jsons = fresh.map((event) => event.dataJson);
  const batch = fresh.length > 1 ? withSize(codec.batch(channel, jsons, nowMs)) : null;
  return { frames, batch };
}
