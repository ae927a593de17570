/** The three Workers behind a door that can be shut, and clients of several makes that come in by it. */
import { createNaru } from "#client/naru";
import type { ChannelEvent, Credential, Naru, NaruError, RealtimeState } from "#client/naru";
import { WebSocket } from "ws";
import { startFront } from "./front";
import type { Front } from "./front";
import { startRuntime } from "./runtime";
import type { Runtime } from "./runtime";

export interface OwnClient extends Naru {
  readonly states: RealtimeState[];
  /** Why it gave up. */
  readonly errors: NaruError[];
}

/** A socket of the package `ws`, with the frames that it got. */
export interface RawSocket {
  readonly socket: WebSocket;
  readonly frames: { readonly type: string; readonly data: Record<string, unknown> }[];
  readonly opened: Promise<void>;
  /** The close code. */
  readonly closed: Promise<number>;
  /** The status where no socket came of it. */
  readonly refused: Promise<number>;
  readonly send: (type: string, data: object) => void;
}

export interface Follower {
  readonly payloads: unknown[];
  readonly offsets: number[];
  readonly entries: { recovered: boolean; was_recovering: boolean }[];
}

export interface RealtimeStage {
  readonly runtime: Runtime;
  readonly front: Front;
  /** Our own client, through the door. */
  readonly client: (options?: { credential?: Credential; auth?: "ticket" | "header" }) => OwnClient;
  /** Past the door. */
  readonly rawSocket: (protocols: string[], headers?: Record<string, string>) => RawSocket;
  readonly stop: () => Promise<void>;
}

export async function startRealtimeStage(
  port: number,
  vars: Readonly<Record<string, string>>,
): Promise<RealtimeStage> {
  const runtime = await startRuntime(vars);
  const front = await startFront(port, () => runtime.origin);
  const clients: Naru[] = [];
  return {
    runtime,
    front,
    client: ({ credential = { apiKey: runtime.demoKey }, auth = "ticket" } = {}) => {
      const states: RealtimeState[] = [];
      const errors: NaruError[] = [];
      const naru = createNaru({
        url: front.origin,
        credential,
        // However long a busy machine takes to start a server anew.
        retries: 20,
        retryBudgetMs: 90_000,
        realtime: {
          auth,
          onState: (state, error) => {
            states.push(state);
            if (error) errors.push(error);
          },
        },
      });
      clients.push(naru);
      return { ...naru, states, errors };
    },
    rawSocket: (protocols, headers = {}) => {
      const url = `${runtime.origin.replace("http", "ws")}/ws/realtime`;
      return listen(new WebSocket(url, protocols, { headers }));
    },
    stop: async () => {
      for (const { realtime } of clients) realtime.disconnect();
      await front.stop();
      await runtime.stop();
    },
  };
}

function listen(socket: WebSocket): RawSocket {
  const frames: RawSocket["frames"] = [];
  socket.on("message", (data: Buffer) => frames.push(JSON.parse(data.toString()) as never));
  socket.on("error", () => undefined);
  return {
    socket,
    frames,
    opened: new Promise((resolve) => {
      socket.on("open", () => resolve());
    }),
    closed: new Promise((resolve) => {
      socket.on("close", (code) => resolve(code));
    }),
    refused: new Promise((resolve) => {
      socket.on("unexpected-response", (_request, answer) => {
        resolve(answer.statusCode ?? 0);
        socket.terminate();
      });
    }),
    send: (type, data) => {
      const timestamp = new Date().toISOString();
      socket.send(JSON.stringify({ type, request_id: "r", data, timestamp }));
    },
  };
}

/** Follows a channel, and is in when this resolves. */
export async function follow(naru: Naru, channel: string): Promise<Follower> {
  const follower: Follower = { payloads: [], offsets: [], entries: [] };
  const subscription = naru.realtime.subscribe(channel, {
    onEvent: ({ payload, offset }: ChannelEvent) => {
      follower.payloads.push(payload);
      follower.offsets.push(offset);
    },
    onSubscribed: ({ recovered, was_recovering }) => {
      follower.entries.push({ recovered, was_recovering });
    },
  });
  naru.realtime.connect();
  await subscription.ready;
  return follower;
}

/** Says something in a channel over HTTP; what is said twice is kept once. */
export const publish = (naru: Naru, channel: string, payload: unknown): Promise<unknown> =>
  naru.call("realtime.publish", {
    params: { channel },
    body: { event: "note", payload, message_id: `m-${JSON.stringify(payload).slice(0, 40)}` },
  });

export const ticketOf = async (naru: Naru): Promise<string> =>
  (await naru.call("realtime.tickets.create")).ticket;
