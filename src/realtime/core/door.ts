import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import { judgeAccess } from "./access";
import type { ChannelAct, Visitor } from "./access";
import { parseChannel } from "./channel-name";
import type { ChannelName } from "./channel-name";

/** Those who know what a name alone does not tell. */
export interface DoorPorts {
  /** Whether a room's channel counts somebody among its members. */
  readonly askRoom: (
    channel: string,
    ownerId: string,
    act: ChannelAct,
  ) => Promise<"allowed" | "hidden">;
  /** Whether a task is this owner's; from then on its shard tells the channel of it, of all so far where `isAnew`. */
  readonly watchTask: (taskId: string, ownerId: string, isAnew: boolean) => Promise<boolean>;
  /** The newest offset of a channel. */
  readonly offsetOf: (channel: string) => Promise<number>;
}

/** The channel, where this visitor may do this there. What is somebody else's own is hidden, as is what has no possible name. */
export async function enterChannel(
  name: string,
  visitor: Visitor,
  act: ChannelAct,
  ports: DoorPorts,
): Promise<Result<ChannelName, "hidden" | "forbidden">> {
  const parsed = parseChannel(name);
  if (!parsed.ok) return err("hidden");
  const channel = parsed.value;
  const judged = judgeAccess(channel, visitor, act);
  const verdict = judged === "ask" ? await askOwner(channel, visitor.ownerId, act, ports) : judged;
  return verdict === "allowed" ? ok(channel) : err(verdict);
}

/** A task belongs to whoever its shard says; a room's channel keeps its members. */
async function askOwner(
  { kind, name, subject }: ChannelName,
  ownerId: string,
  act: ChannelAct,
  { askRoom, watchTask, offsetOf }: DoorPorts,
): Promise<"allowed" | "hidden"> {
  if (kind === "room") return askRoom(name, ownerId, act);
  if (!(await watchTask(subject, ownerId, false))) return "hidden";
  // The channel has forgotten what it was told: it is told again.
  if ((await offsetOf(name)) === 0) await watchTask(subject, ownerId, true);
  return "allowed";
}
