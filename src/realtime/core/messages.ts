import type { Delivered } from "./fanout";
import type { Position } from "./recovery";

/** Something to be said in a channel. */
export interface NewMessage {
  readonly channel: string;
  readonly event: string;
  readonly payloadJson: string;
  /** With the publisher, what makes the message the same when it is sent again. */
  readonly messageId: string | null;
  readonly publisher: string;
  /** The request that led to it. */
  readonly cause: string | null;
}

export interface Published {
  readonly offset: number;
  readonly isDuplicate: boolean;
}

/** A page of a channel's past, and where the channel stands. */
export interface ChannelHistory extends Position {
  readonly events: readonly Delivered[];
  /** False where what was asked for is no longer kept. */
  readonly recovered: boolean;
}

/** An event's data around its offset, as the JSON that every reader gets. */
export function eventJson(message: NewMessage, id: string): (offset: number) => string {
  const { channel, event, payloadJson, cause } = message;
  const head = JSON.stringify({ channel, event, id }).slice(0, -1);
  const tail = cause === null ? "" : `,"cause":${JSON.stringify(cause)}`;
  return (offset) => `${head},"offset":${offset},"payload":${payloadJson}${tail}}`;
}
