/** A server's end of the client's sockets, in memory: what the client sent, and what it is told. */
import type { NaruOptions } from "#client/naru";
import type { Socket } from "#client/line";

export interface SentFrame {
  readonly type: string;
  readonly request_id: string | null;
  readonly data: Record<string, unknown>;
}

export class FakeSocket implements Socket {
  readonly protocols: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly sent: SentFrame[] = [];
  isClosed = false;
  readonly #listeners = new Map<string, ((event: object) => void)[]>();

  constructor(protocols: readonly string[], headers: Readonly<Record<string, string>>) {
    this.protocols = protocols;
    this.headers = headers;
  }

  readonly send = (text: string): void => {
    this.sent.push(JSON.parse(text) as SentFrame);
  };

  readonly close = (): void => {
    this.isClosed = true;
  };

  readonly addEventListener: Socket["addEventListener"] = (type, listener) => {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  };

  emit(type: string, event: { data?: unknown; code?: number } = {}): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event);
  }

  /** Tells the client something. */
  tell(type: string, data: object, requestId: string | null = null): void {
    this.emit("message", { data: JSON.stringify({ type, request_id: requestId, data }) });
  }

  /** The newest frame of this kind that the client sent. */
  last(type: string): SentFrame {
    const frame = this.sent.findLast((one) => one.type === type);
    if (!frame) throw new Error(`No ${type} was sent.`);
    return frame;
  }

  /** Opens, and answers `connect`; each channel in the frame is answered as given. */
  accept(answers: Readonly<Record<string, object>> = {}, more: object = {}): void {
    this.emit("open");
    const { request_id: id } = this.last("connect");
    const limits = { frame_bytes: 65_536, channels: 64, frames_per_second: 20, burst: 50 };
    this.tell("connected", { expires_at: null, heartbeat_s: 25, limits, ...more }, id);
    for (const [channel, answer] of Object.entries(answers))
      this.tell("subscribed", subscribed(channel, answer), id);
  }
}

export const subscribed = (channel: string, answer: object): object => ({
  channel,
  epoch: "e1",
  offset: 0,
  was_recovering: false,
  recovered: false,
  events: [],
  ...answer,
});

export const eventOf = (channel: string, offset: number): object => ({
  channel,
  event: "note",
  id: `evt_${offset}`,
  offset,
  payload: offset,
});

/** Options of a client whose sockets and tickets are made here. */
export function fakeServer(answer?: (url: string, init: RequestInit) => Response): {
  readonly options: NaruOptions;
  readonly sockets: FakeSocket[];
  readonly requests: { readonly url: string; readonly init: RequestInit }[];
} {
  const sockets: FakeSocket[] = [];
  const requests: { url: string; init: RequestInit }[] = [];
  const options: NaruOptions = {
    url: "http://naru.test/",
    credential: { apiKey: "key" },
    // The longest wait that chance allows.
    random: () => 1,
    fetch: async (url, init) => {
      requests.push({ url, init });
      return (
        answer?.(url, init) ?? Response.json({ ticket: `t${requests.length}` }, { status: 201 })
      );
    },
    realtime: {
      socket: (_url, protocols, headers) => {
        const socket = new FakeSocket(protocols, headers);
        sockets.push(socket);
        return socket;
      },
    },
  };
  return { options, sockets, requests };
}
