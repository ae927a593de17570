/**
 * An OpenAI-compatible server on loopback that answers as it is told, or misbehaves as it is told: `script:<name>` in the last message
 * chooses, and a request for another script than the first of its nonce (`#<nonce>`) is counted. Runs in Node.
 */
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface ModelCall {
  readonly nonce: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly authorization: string | undefined;
}

export interface ModelServer {
  /** For `AI_MODEL_ENDPOINT`. */
  readonly endpoint: string;
  /** Requests with this nonce, in order. */
  readonly calls: (nonce: string) => readonly ModelCall[];
  /** Lets a script that waits at a gate (`gated`) send its next word. */
  readonly release: (nonce: string) => void;
  /** What became of the connection of the newest request with this nonce. */
  readonly isClosed: (nonce: string) => boolean;
  readonly stop: () => Promise<void>;
}

/** What the server says in an ordinary answer; the words are the chunks. */
export const WORDS = [
  "The",
  " capital",
  " of",
  " Korea",
  " is",
  " Seoul",
  ".",
  " 서울",
  "입니다",
  ".",
];
export const TEXT = WORDS.join("");
export const USAGE = { prompt_tokens: 21, completion_tokens: 13, total_tokens: 34 };
export const MODEL = "served-model";

interface Turn {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
  readonly body: Readonly<Record<string, unknown>>;
  /** How many requests of this nonce came before. */
  readonly earlier: number;
  /** Resolves when the test lets it go on. */
  readonly gate: () => Promise<void>;
}

export async function startModelServer(): Promise<ModelServer> {
  const calls = new Map<string, ModelCall[]>();
  const closed = new Map<string, boolean>();
  const gates = new Map<string, { credit: number; waiting: (() => void)[] }>();
  const gateOf = (nonce: string): { credit: number; waiting: (() => void)[] } => {
    const gate = gates.get(nonce) ?? { credit: 0, waiting: [] };
    gates.set(nonce, gate);
    return gate;
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url?.endsWith("/models") === true) {
      json(response, 200, { object: "list", data: [{ id: MODEL, object: "model" }] });
      return;
    }
    const body = JSON.parse(await textOf(request)) as Record<string, unknown>;
    const last = (body["messages"] as { content: string }[]).at(-1)?.content ?? "";
    const [, name = "fine", nonce = ""] = /script:([\w-]+)(?:#([\w-]+))?/.exec(last) ?? [];
    const known = calls.get(nonce) ?? [];
    calls.set(nonce, [...known, { nonce, body, authorization: request.headers.authorization }]);
    closed.set(nonce, false);
    request.socket.on("close", () => closed.set(nonce, true));
    const gate = (): Promise<void> =>
      new Promise((resolve) => {
        const state = gateOf(nonce);
        if (state.credit > 0) {
          state.credit--;
          resolve();
        } else state.waiting.push(resolve);
      });
    const script = SCRIPTS[name];
    if (script === undefined) throw new Error(`No script is called ${name}.`);
    await script({ request, response, socket: request.socket, body, earlier: known.length, gate });
  };

  const server: Server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}/v1`,
    calls: (nonce) => calls.get(nonce) ?? [],
    release: (nonce) => {
      const gate = gateOf(nonce);
      const next = gate.waiting.shift();
      if (next) next();
      else gate.credit++;
    },
    isClosed: (nonce) => closed.get(nonce) ?? false,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Script = (turn: Turn) => Promise<void> | void;

export const chunk = (delta: object, more: object = {}): string =>
  `data: ${JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    model: MODEL,
    choices: [{ index: 0, delta, finish_reason: null }],
    ...more,
  })}\n\n`;

const word = (content: string): string => chunk({ content });
const finish = (reason = "stop"): string =>
  chunk({}, { choices: [{ index: 0, delta: {}, finish_reason: reason }] });
const usage = (): string => chunk({}, { choices: [], usage: USAGE });
const DONE = "data: [DONE]\n\n";

function open(response: ServerResponse, contentType = "text/event-stream; charset=utf-8"): void {
  response.writeHead(200, { "content-type": contentType });
  response.flushHeaders();
}

/** Resolves when the bytes are on their way, so that what follows is a piece of its own. */
const write = (response: ServerResponse, text: string): Promise<void> =>
  new Promise((resolve) => {
    response.write(text, () => setImmediate(resolve));
  });

function json(response: ServerResponse, status: number, value: unknown, headers = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(value));
}

async function speak({ response, body }: Turn, words: readonly string[] = WORDS): Promise<void> {
  open(response);
  await write(response, chunk({ role: "assistant", content: "" }));
  for (const text of words) await write(response, word(text));
  await write(response, finish());
  const options = body["stream_options"] as { include_usage?: boolean } | undefined;
  if (options?.include_usage === true) await write(response, usage());
  response.end(DONE);
}

const fail = (response: ServerResponse, status: number, headers = {}): void =>
  json(
    response,
    status,
    { error: { message: "secret upstream text", type: "server_error" } },
    headers,
  );

/** Writes half an answer. */
async function half({ response }: Turn): Promise<void> {
  open(response);
  for (const text of WORDS.slice(0, 5)) await write(response, word(text));
}

const SCRIPTS: Readonly<Record<string, Script>> = {
  fine: (turn) => speak(turn),
  whole: ({ response }) =>
    json(response, 200, {
      model: MODEL,
      choices: [{ index: 0, message: { role: "assistant", content: TEXT }, finish_reason: "stop" }],
      usage: USAGE,
    }),
  /** Each word waits to be let go. */
  gated: async ({ response, gate }) => {
    open(response);
    for (const text of WORDS) {
      await gate();
      await write(response, word(text));
    }
    await write(response, finish() + usage());
    response.end(DONE);
  },
  reset: ({ socket }) => {
    socket.resetAndDestroy();
  },
  "500-twice": (turn) => (turn.earlier < 2 ? fail(turn.response, 500) : speak(turn)),
  "500-always": ({ response }) => fail(response, 500),
  "429-once": (turn) =>
    turn.earlier < 1 ? fail(turn.response, 429, { "retry-after": "1" }) : speak(turn),
  "429-long": ({ response }) => fail(response, 429, { "retry-after": "120" }),
  "401": ({ response }) => fail(response, 401),
  "400": ({ response }) =>
    json(response, 400, {
      error: { code: "context_length_exceeded", message: "maximum context length" },
    }),
  /** As servers do that do not know `stream_options`. */
  "no-usage-option": (turn) =>
    turn.body["stream_options"] === undefined
      ? speak(turn)
      : json(turn.response, 400, { error: { message: "Unrecognized field stream_options" } }),
  silent: () => {},
  "silent-after-headers": ({ response }) => open(response),
  "silent-once": (turn) => (turn.earlier < 1 ? undefined : speak(turn)),
  stalled: half,
  /** Signs of life, and never another word. */
  "stalled-with-comments": async (turn) => {
    await half(turn);
    const timer = setInterval(() => turn.response.write(": keep-alive\n\n"), 50);
    turn.socket.on("close", () => clearInterval(timer));
  },
  cut: async (turn) => {
    await half(turn);
    turn.socket.resetAndDestroy();
  },
  "cut-cleanly": async (turn) => {
    await half(turn);
    turn.response.end();
  },
  "half-closed": async (turn) => {
    await half(turn);
    // The chunked body is left open; only this side of the connection ends.
    turn.socket.end();
  },
  "half-closed-after-end": async (turn) => {
    await half(turn);
    await write(turn.response, finish());
    turn.socket.end();
  },
  garbage: async ({ response }) => {
    open(response);
    await write(response, "data: {not json\n\n");
    response.end();
  },
  "garbage-later": async (turn) => {
    await half(turn);
    await write(turn.response, 'data: {"choices": "none"}\n\n');
    turn.response.end(DONE);
  },
  "error-later": async (turn) => {
    await half(turn);
    await write(turn.response, 'data: {"error": {"message": "secret upstream text"}}\n\n');
    turn.response.end(DONE);
  },
  "wrong-type": ({ response }) => {
    response.writeHead(200, { "content-type": "application/octet-stream" });
    response.end(word("never") + DONE);
  },
  html: ({ response }) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end("<h1>Down for maintenance</h1>");
  },
  "html-502": ({ response }) => {
    response.writeHead(502, { "content-type": "text/html" });
    response.end("<h1>Bad gateway</h1>");
  },
  "empty-200": ({ response }) => {
    open(response);
    response.end();
  },
  "only-done": ({ response }) => {
    open(response);
    response.end(DONE);
  },
  "empty-json": ({ response }) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end();
  },
  "huge-line": async ({ response, socket }) => {
    open(response);
    await write(response, word("Before"));
    const block = "x".repeat(64 * 1024);
    await write(response, 'data: {"choices":[{"delta":{"content":"');
    for (let i = 0; i < 64 && !socket.destroyed; i++) await write(response, block);
  },
  endless: async ({ response, socket }) => {
    open(response);
    const line = word("y".repeat(500));
    while (!socket.destroyed) await write(response, line);
  },
  /** Never idle for long, never at its end. */
  trickle: async ({ response, socket }) => {
    open(response);
    while (!socket.destroyed) {
      await write(response, word("z"));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  },
  "done-twice": async (turn) => {
    const { response } = turn;
    open(response);
    for (const text of WORDS) await write(response, word(text));
    await write(response, finish() + usage() + DONE + DONE);
    response.end(word("after the end") + finish() + DONE);
  },
  /** Line ends of every kind, a byte order mark, a comment, an event name, a chunk in two data lines, no space behind the colon. */
  "odd-framing": async ({ response }) => {
    open(response);
    await write(
      response,
      `\uFEFF: hello\r\n\r\nevent: message\r\n${word(WORDS[0] ?? "").trim()}\r\n\r\n`,
    );
    for (const text of WORDS.slice(1, 9)) {
      const line = word(text).trim().replace("data: ", "data:");
      for (const byte of Buffer.from(`${line}\r\r`))
        await write(response, Buffer.from([byte]) as never);
    }
    const [head = "", tail = ""] = word(WORDS[9] ?? "")
      .trim()
      .split('"choices"');
    await write(response, `${head}\ndata: "choices"${tail}\n\n`);
    await write(response, finish() + usage());
    response.end("data: [DONE]");
  },
  tools: async ({ response }) => {
    open(response);
    const call = {
      index: 0,
      id: "call_a",
      type: "function",
      function: { name: "weather", arguments: "" },
    };
    await write(response, chunk({ tool_calls: [call] }));
    for (const part of ['{"city":', '"Seoul"}'])
      await write(response, chunk({ tool_calls: [{ index: 0, function: { arguments: part } }] }));
    await write(response, finish("tool_calls") + usage());
    response.end(DONE);
  },
};

export const SCRIPT_NAMES = Object.keys(SCRIPTS);

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}
