/**
 * An OpenAI-compatible server on loopback that answers as it is told, or misbehaves as it is told: `script:<name>` in the last message
 * chooses, and a request for another script than the first of its nonce (`#<nonce>`) is counted. Runs in Node.
 */
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json, MODEL, sayAs, SCRIPTS } from "./model-scripts.ts";

export { HOSTILE, MODEL, TEXT, USAGE, WORDS } from "./model-scripts.ts";

export interface ModelCall {
  readonly nonce: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly authorization: string | undefined;
  readonly traceparent?: string | string[] | undefined;
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
    if (request.url?.endsWith("/embeddings") === true) {
      const nonce = JSON.stringify(body["input"]);
      calls.set(nonce, [...(calls.get(nonce) ?? []), { nonce, body, authorization: undefined }]);
      if (body["input"] === "script:stream") {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.end(`${sayAs(MODEL).word("no vector")}data: [DONE]\n\n`);
        return;
      }
      json(response, 200, {
        object: "list",
        data: [{ object: "embedding", index: 0, embedding: [0.25, -0.5] }],
        model: MODEL,
        usage: { prompt_tokens: 5, total_tokens: 5 },
      });
      return;
    }
    const last = (body["messages"] as { content: string }[]).at(-1)?.content ?? "";
    const [, name = "fine", nonce = ""] = /script:([\w-]+)(?:#([\w-]+))?/.exec(last) ?? [];
    const known = calls.get(nonce) ?? [];
    const { authorization, traceparent } = request.headers;
    calls.set(nonce, [...known, { nonce, body, authorization, traceparent }]);
    closed.set(nonce, false);
    // A connection that is used again has a listener for each request.
    request.socket.setMaxListeners(0);
    request.socket.once("close", () => closed.set(nonce, true));
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
    await script({
      request,
      response,
      socket: request.socket,
      body,
      gate,
      earlier: known.length,
      model: `${MODEL}-${nonce}`,
      say: sayAs(`${MODEL}-${nonce}`),
    });
  };

  const server: Server = createServer({ keepAlive: false }, (request, response) => {
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

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}
