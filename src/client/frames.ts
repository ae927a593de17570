/** The one ping that the server answers without waking: byte by byte as it stands here. */
export const PING_TEXT =
  '{"type":"ping","request_id":null,"data":{},"timestamp":"1970-01-01T00:00:00.000Z"}';

export const SUBPROTOCOL = "naru.v1";
export const TICKET_PROTOCOL = "naru.ticket.";

/** A place in a channel. An offset means something only with its epoch. */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/** Something that happened in a channel. */
export interface ChannelEvent {
  readonly channel: string;
  /** What happened: `task.status`, or whatever a publisher called it. */
  readonly event: string;
  readonly id: string;
  readonly offset: number;
  readonly payload: unknown;
  /** The request that led to it. */
  readonly cause?: string;
}

/** One connection of somebody's. */
export interface Comer {
  readonly user_id: string;
  readonly connection_id: string;
}

/** Who came and went, of a channel whose presence was asked for. */
export interface PresenceChange {
  readonly channel: string;
  readonly joined: readonly Comer[];
  readonly left: readonly Comer[];
  readonly count: number;
}

export interface Connected {
  readonly connection_id: string;
  readonly user_id: string;
  readonly expires_at: string | null;
  readonly heartbeat_s: number;
  readonly limits: {
    readonly frame_bytes: number;
    readonly channels: number;
    readonly frames_per_second: number;
    readonly burst: number;
  };
}

export interface Subscribed extends Position {
  readonly channel: string;
  readonly was_recovering: boolean;
  readonly recovered: boolean;
  readonly events: readonly ChannelEvent[];
}

/** A part of a channel's past, and where the channel stands. */
export interface HistoryPage extends Position {
  readonly events: readonly ChannelEvent[];
  /** False where something behind the position is gone. */
  readonly recovered: boolean;
}

export interface ErrorData {
  readonly code: string;
  readonly message: string;
  readonly temporary: boolean;
  readonly retry_after_ms?: number;
  readonly channel?: string;
}

export interface Goodbye {
  readonly code: number;
  readonly reconnect: Reconnect;
  readonly delay_ms: number;
}

export interface Frame {
  readonly type: string;
  readonly request_id: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

export type Reconnect = "no" | "backoff" | "now";

/** What a close code says of coming back: its range tells, also of codes of later days. */
export function reconnectAfter(code: number): Reconnect {
  if (code === 1003 || code === 1009 || (code >= 4000 && code <= 4099)) return "no";
  return code >= 4200 && code <= 4299 ? "now" : "backoff";
}

export const writeFrame = (type: string, requestId: string | null, data: object): string =>
  JSON.stringify({ type, request_id: requestId, data, timestamp: new Date().toISOString() });

/** A frame of the server's, or null where a text is none. */
export function readFrame(text: unknown): Frame | null {
  try {
    const frame = JSON.parse(String(text)) as Partial<Frame> | null;
    return typeof frame?.type === "string" && typeof frame.data === "object"
      ? (frame as Frame)
      : null;
  } catch {
    return null;
  }
}
