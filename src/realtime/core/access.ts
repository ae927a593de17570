import type { Role } from "#platform/principal";
import type { ChannelKind, ChannelName } from "./channel-name";

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

const JUDGES: Record<
  ChannelKind,
  (subject: string, visitor: Visitor, act: ChannelAct) => AccessVerdict
> = {
  public: () => "allowed",
  room: () => "ask",
  user: (subject, { ownerId }) => (subject === ownerId ? "allowed" : "hidden"),
  task: (_subject, _visitor, act) => (act === "subscribe" ? "ask" : "forbidden"),
  system: (subject, { role }, act) => {
    // The status of the server is told by the server.
    const isOurs = act === "publish" && subject === "status";
    return role === "admin" && !isOurs ? "allowed" : "forbidden";
  },
};

export const judgeAccess = (
  { kind, subject }: ChannelName,
  visitor: Visitor,
  act: ChannelAct,
): AccessVerdict => JUDGES[kind](subject, visitor, act);
