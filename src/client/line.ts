import { PING_TEXT, readFrame, SUBPROTOCOL, TICKET_PROTOCOL } from "./frames.ts";
import type { Frame, Goodbye } from "./frames.ts";
import type { Http } from "./http.ts";
import { NaruError } from "./naru-error.ts";

/** What is used of a WebSocket: that of browsers and Node ≥ 22, or of the package `ws`. */
export interface Socket {
  readonly send: (text: string) => void;
  readonly close: (code?: number, reason?: string) => void;
  readonly addEventListener: (
    type: "open" | "message" | "close" | "error",
    listener: (event: object) => void,
  ) => void;
}

export interface LineOptions {
  /**
   * How the socket shows who is calling: by a ticket of one use, which works everywhere, or by the header of the credential, which saves a request and
   * works where a WebSocket takes headers: not in browsers.
   */
  readonly auth?: "ticket" | "header";
  /**
   * Opens a socket where the runtime has no `WebSocket` of its own (Node 20): `(url, protocols, headers) => new WebSocket(url, protocols, { headers })`
   * with the package `ws`.
   */
  readonly socket?: (
    url: string,
    protocols: string[],
    headers: Readonly<Record<string, string>>,
  ) => Socket;
}

export interface LineEnd {
  /** The close code; 1006 where there was none. */
  readonly code: number;
  readonly goodbye: Goodbye | null;
  /** Why there was no socket at all. */
  readonly error: NaruError | null;
}

export interface LineEvents {
  readonly onOpen: () => void;
  readonly onFrame: (frame: Frame) => void;
  /** Once, unless it was closed from here. */
  readonly onEnd: (end: LineEnd) => void;
}

export interface Line {
  readonly send: (text: string) => void;
  /** Looks from now on whether the other side is there. */
  readonly beat: (everyMs: number) => void;
  /** What the server said of the close that follows. */
  readonly farewell: (goodbye: Goodbye) => void;
  readonly close: () => void;
}

const OPEN_WITHIN_MS = 15_000;
/** So long nothing at all after a ping: nobody is there. */
const SILENCE_MS = 10_000;
const NORMAL = 1000;

/** One socket from its ticket to its end. */
export function openLine(http: Http, options: LineOptions, events: LineEvents): Line {
  let socket: Socket | null = null;
  let goodbye: Goodbye | null = null;
  let isOver = false;
  let silence: ReturnType<typeof setTimeout> | null = null;
  let heartbeat: ReturnType<typeof setTimeout> | null = null;
  const asking = new AbortController();
  const opening = setTimeout(() => end(1006, null), OPEN_WITHIN_MS);

  /** Does not wait for the other side to agree: a dead one never does. */
  const end = (code: number, error: NaruError | null, isQuiet = false): void => {
    if (isOver) return;
    isOver = true;
    for (const timer of [opening, silence, heartbeat]) if (timer !== null) clearTimeout(timer);
    asking.abort();
    try {
      socket?.close(NORMAL);
    } catch {
      // It was never open.
    }
    if (!isQuiet) events.onEnd({ code, goodbye, error });
  };
  const send = (text: string): void => {
    try {
      if (!isOver) socket?.send(text);
    } catch {
      end(1006, null);
    }
  };
  const heard = (): void => {
    if (silence !== null) clearTimeout(silence);
    silence = null;
  };
  const beat = (everyMs: number): void => {
    clearTimeout(opening);
    // A tenth more or less: sockets that came together do not stay in step.
    heartbeat = setTimeout(
      () => {
        silence ??= setTimeout(() => end(1006, null), SILENCE_MS);
        beat(everyMs);
        send(PING_TEXT);
      },
      everyMs * (0.9 + http.random() * 0.2),
    );
  };
  const listen = (opened: Socket): void => {
    socket = opened;
    opened.addEventListener("open", () => {
      if (!isOver) events.onOpen();
    });
    opened.addEventListener("message", (event) => {
      if (isOver) return;
      heard();
      const frame = readFrame((event as { data?: unknown }).data);
      if (frame !== null) events.onFrame(frame);
    });
    // After an error there is a close, which tells more.
    opened.addEventListener("error", () => undefined);
    opened.addEventListener("close", (event) => {
      end((event as { code?: number }).code ?? 1006, null);
    });
  };

  const begin = async (): Promise<void> => {
    try {
      const opened = await open(http, options, asking.signal);
      listen(opened);
      if (isOver) opened.close();
    } catch (cause) {
      const isKnown = cause instanceof NaruError;
      end(1006, isKnown ? cause : new NaruError("NETWORK", "No socket was opened.", { cause }));
    }
  };
  void begin();
  return {
    send,
    beat,
    farewell: (said) => {
      goodbye = said;
    },
    close: () => end(NORMAL, null, true),
  };
}

async function open(
  http: Http,
  { auth = "ticket", socket = openOwn }: LineOptions,
  signal: AbortSignal,
): Promise<Socket> {
  const url = `${http.origin.replace(/^http/, "ws")}/ws/realtime`;
  if (auth === "header") return socket(url, [SUBPROTOCOL], await http.credentialHeaders());
  const answer = await http.send("realtime.tickets.create", { signal });
  const { ticket } = (await answer.json()) as { ticket: string };
  return socket(url, [SUBPROTOCOL, `${TICKET_PROTOCOL}${ticket}`], {});
}

/** The runtime's own WebSocket. Node's takes headers in place of the protocols (undici, `WebSocketInit`); a browser's never does. */
function openOwn(
  url: string,
  protocols: string[],
  headers: Readonly<Record<string, string>>,
): Socket {
  const Own = (
    globalThis as {
      WebSocket?: new (
        url: string,
        protocols: string[] | { protocols: string[]; headers: object },
      ) => Socket;
    }
  ).WebSocket;
  if (Own === undefined)
    throw new NaruError(
      "NETWORK",
      "This runtime has no WebSocket (Node has one from 22 on): give the option `socket`.",
    );
  return Object.keys(headers).length === 0
    ? new Own(url, protocols)
    : new Own(url, { protocols, headers });
}
