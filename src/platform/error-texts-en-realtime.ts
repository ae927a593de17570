import type { ErrorText } from "#platform/errors";

/** What sockets and channels can meet. */
export const REALTIME_TEXTS_EN = {
  UPGRADE_REQUIRED: {
    title: "WebSocket expected",
    error: "This address speaks WebSocket.",
    detail: "Connect with a WebSocket client, offering the subprotocol naru.v1.",
  },
  UNSUPPORTED_SUBPROTOCOL: {
    title: "Unsupported subprotocol",
    error: "None of the offered subprotocols is spoken here.",
    detail: "Offer naru.v1 in Sec-WebSocket-Protocol.",
  },
  INVALID_TICKET: {
    title: "Invalid ticket",
    error: "The ticket was used before, has run out, or never was one.",
    detail: "Get a new one at POST /api/v1/realtime/tickets for each connection.",
  },
  MALFORMED_FRAME: {
    title: "Malformed frame",
    error: "The frame is no JSON object with exactly type, request_id, data and timestamp.",
    detail: "After several such frames the connection is closed.",
  },
  UNKNOWN_FRAME_TYPE: {
    title: "Unknown frame type",
    error: "There is no frame of this type.",
    detail: "/asyncapi.json lists them.",
  },
  INVALID_FRAME: {
    title: "Invalid frame",
    error: "The frame's data is not what its type asks for[: {where}].",
    detail: "/asyncapi.json describes it.",
  },
  FRAME_TOO_LARGE: {
    title: "Frame too large",
    error: "The frame is larger than is taken[: at most {max} bytes].",
    detail: "Send less, or send it elsewhere and publish where it is.",
  },
  CHANNEL_NOT_FOUND: {
    title: "No such channel",
    error: "There is no such channel, or it is not yours.",
    detail: "Check the name. Rooms are seen by their members, tasks and users by themselves.",
  },
  CHANNEL_FORBIDDEN: {
    title: "Not allowed in this channel",
    error: "You may not do this in this channel.",
    detail: "Publish in a channel of your own, or ask whoever leads this one.",
  },
  POSITION_NOT_KEPT: {
    title: "Position not kept",
    error: "Not everything since that position is kept any more.",
    detail: "Read the state anew, then subscribe without a position.",
  },
  TOO_MANY_CHANNELS: {
    title: "Too many channels",
    error: "The connection takes part in as many channels as it may[: {max}].",
    detail: "Leave one, or open another connection.",
  },
  ROOM_OWNER_STAYS: {
    title: "A room keeps its owner",
    error: "The owner of a room can't be taken out or given another role.",
    detail: "Delete the room instead.",
  },
  ROOM_FULL: {
    title: "Room full",
    error: "The room has as many members as it may[: {max}].",
    detail: "Take somebody out first, or open another room.",
  },
} satisfies Record<string, ErrorText>;
