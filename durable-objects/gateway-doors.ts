import { readConfig } from "#platform/config";
import type { ChannelAct } from "#realtime/core/access";
import { channelObjectName } from "#realtime/core/channel-name";
import type { ChannelName } from "#realtime/core/channel-name";
import { enterChannel } from "#realtime/core/door";
import type { DoorPorts } from "#realtime/core/door";
import { KEEP_EVENTS_MS } from "#realtime/core/recovery";
import { shardName, shardNameOfTask } from "#tasks/core/task-id";
import { GatewayLines } from "./gateway-lines";
import type { Line } from "#realtime/core/line";

/** Which channels a socket may enter, and who has to be asked or told for that. */
export class GatewayDoors extends GatewayLines {
  /** Until when the shards tell of an owner's tasks; asking them again is harmless. */
  readonly #watched = new Map<string, number>();
  readonly #door: DoorPorts = {
    askRoom: (channel, ownerId, act) => this.channelOf(channel).door(ownerId, act),
    watchTask: (taskId, ownerId, isAnew) =>
      this.env.TASK_SHARD.getByName(shardNameOfTask(taskId)).watch(taskId, ownerId, isAnew),
    offsetOf: async (channel) => (await this.channelOf(channel).history(channel, null, 1)).offset,
  };

  protected readonly channelOf = (name: string) =>
    this.env.CHANNEL.getByName(channelObjectName(name));

  /** The channel where this socket may do this there; otherwise the refusal has been sent. */
  protected readonly enter = async (
    line: Line,
    requestId: string | null,
    name: string,
    act: ChannelAct,
  ): Promise<ChannelName | null> => {
    const entered = await enterChannel(name, line.attachment.identity, act, this.#door);
    if (entered.ok) return entered.value;
    const code = entered.error === "hidden" ? "CHANNEL_NOT_FOUND" : "CHANNEL_FORBIDDEN";
    this.refuse(line, requestId, code, { data: { channel: name } });
    return null;
  };

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
}
