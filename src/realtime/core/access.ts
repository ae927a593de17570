import type { Role } from "#platform/principal";
import type { ChannelName } from "./channel-name";

/** Who stands at the door of a channel. */
export interface Visitor {
  readonly ownerId: string;
  readonly role: Role;
}

export type ChannelAct = "subscribe" | "publish";

/**
 * Whether a visitor may do this in a channel. `ask` leaves it to the one who knows: a room's channel keeps its members, a task's shard its
 * owner. What is not allowed is hidden where its very existence is somebody's own (`hidden`), else refused.
 */
export type AccessVerdict = "allowed" | "ask" | "hidden" | "forbidden";

/** Events that only the server sends: a client that could would put words into its mouth. */
const RESERVED_EVENT = /^(?:task|chat|system|naru)\./;

export const isReservedEvent = (event: string): boolean => RESERVED_EVENT.test(event);

export function judgeAccess(
  channel: ChannelName,
  visitor: Visitor,
  act: ChannelAct,
): AccessVerdict {
  switch (channel.kind) {
    case "public":
      return "allowed";
    case "room":
      return "ask";
    case "user":
      return channel.subject === visitor.ownerId ? "allowed" : "hidden";
    case "task":
      return act === "subscribe" ? "ask" : "forbidden";
    case "system":
      if (visitor.role !== "admin") return "forbidden";
      // The status of the server is told by the server.
      return act === "publish" && channel.subject === "status" ? "forbidden" : "allowed";
  }
}
