import { exports } from "cloudflare:workers";
import { serverFrameFault } from "#realtime/core/server-frames";
import { uniqueAddress } from "./api";

export interface Frame {
  readonly type: string;
  readonly request_id: string | null;
  readonly data: Record<string, unknown>;
  readonly timestamp: string;
}

/** A WebSocket client that keeps every frame in the order of its coming, and waits for nothing more after one that the schemas do not know. */
export interface Client {
  readonly socket: WebSocket;
  readonly frames: Frame[];
  /** Sends a command and resolves with the answer to it. */
  readonly ask: (type: string, data?: object) => Promise<Frame>;
  readonly send: (type: string, data: object, requestId?: string | null) => void;
  /** The first frame, past or to come, for which this holds. */
  readonly until: (holds: (frame: Frame) => boolean) => Promise<Frame>;
  readonly closed: Promise<{ code: number; reason: string }>;
}

/** Opens a socket as a client with this key does. */
export async function connect(key: string, headers: Record<string, string> = {}): Promise<Client> {
  const response = await upgrade({ authorization: `Bearer ${key}`, ...headers });
  if (!response.webSocket) throw new Error(`${response.status} ${await response.text()}`);
  return clientOf(response.webSocket);
}

export const upgrade = (headers: Record<string, string>): Promise<Response> =>
  exports.default.fetch("http://naru.test/ws/realtime", {
    headers: {
      upgrade: "websocket",
      "sec-websocket-protocol": "naru.v1",
      "cf-connecting-ip": uniqueAddress(),
      ...headers,
    },
  });

const MAX_HELD = 20;

export function clientOf(socket: WebSocket): Client {
  const frames: Frame[] = [];
  const waiting = new Set<() => void>();
  const counts = new Map<string, number>();
  let fault: string | null = null;
  const closing = Promise.withResolvers<{ code: number; reason: string }>();
  socket.addEventListener("message", ({ data }) => {
    const frame = JSON.parse(String(data)) as Frame;
    frames.push(frame);
    // A thousand events are of one form: a few of each type are held against the schemas.
    const seen = (counts.get(frame.type) ?? 0) + 1;
    counts.set(frame.type, seen);
    if (seen <= MAX_HELD) fault ??= serverFrameFault(frame);
    for (const look of waiting) look();
  });
  socket.addEventListener("close", ({ code, reason }) => {
    closing.resolve({ code, reason });
  });
  socket.accept();
  let count = 0;
  const until: Client["until"] = (holds) => {
    const { promise, resolve, reject } = Promise.withResolvers<Frame>();
    const look = (): void => {
      if (fault !== null) reject(new Error(fault));
      const found = frames.find(holds);
      if (!found) return;
      waiting.delete(look);
      resolve(found);
    };
    waiting.add(look);
    look();
    return promise;
  };
  const send: Client["send"] = (type, data, requestId = null) => {
    socket.send(
      JSON.stringify({ type, request_id: requestId, data, timestamp: new Date().toISOString() }),
    );
  };
  return {
    socket,
    frames,
    send,
    until,
    ask: (type, data = {}) => {
      count += 1;
      const id = `c-${count}`;
      send(type, data, id);
      return until((frame) => frame.request_id === id);
    },
    closed: closing.promise,
  };
}

/** The offsets of a channel's events, as they came. */
export const offsetsOf = (client: Client, channel: string): number[] =>
  client.frames.flatMap(({ type, data }) => {
    const items = type === "event" ? [data] : type === "batch" ? (data["items"] as object[]) : [];
    const missed = type === "subscribed" ? (data["events"] as object[]) : [];
    return [...missed, ...items].flatMap((item) => {
      const event = item as { channel: string; offset: number };
      return event.channel === channel ? [event.offset] : [];
    });
  });
