/** A service behind the gateway, over real HTTP, that remembers all that it got. Runs in Node. */
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";

export interface Received {
  readonly method: string;
  /** As it came over the wire. */
  readonly target: string;
  readonly headers: IncomingMessage["headers"];
  /** The head of the request as it was written: every byte that could hold a credential. */
  readonly raw: string;
  body: string;
}

export type Behaviour = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface TestUpstream {
  readonly origin: string;
  readonly port: number;
  readonly received: Received[];
  /** By path without its query; the longest beginning that fits. All else is answered with what came. */
  readonly on: Map<string, Behaviour>;
  readonly sockets: Set<WebSocket>;
  readonly stop: () => Promise<void>;
}

const MAX_KEPT_BODY = 4096;

/** Starts one on a port of its own, or on one that is told: so that it can come back where it was. */
export async function startUpstream(port = 0): Promise<TestUpstream> {
  const received: Received[] = [];
  const on = new Map<string, Behaviour>();
  const sockets = new Set<WebSocket>();
  const server = createServer((request, response) => {
    const record = keep(request, received);
    // A client that leaves is no failure of this server.
    request.on("error", () => {});
    response.on("error", () => {});
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    const names = [...on.keys()].filter((name) => path.startsWith(name));
    const behaviour = on.get(names.sort((a, b) => b.length - a.length)[0] ?? "");
    if (behaviour) behaviour(request, response);
    else echo(request, response, record);
  });
  const wss = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has("chat") ? "chat" : false),
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    keep(request, received);
    if (request.url?.startsWith("/refuse")) {
      socket.end("HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
      return;
    }
    wss.handleUpgrade(request, socket, head, (ws) => {
      sockets.add(ws);
      ws.on("error", () => {});
      ws.on("close", () => sockets.delete(ws));
      ws.on("message", (data, isBinary) => ws.send(data, { binary: isBinary }));
    });
  });
  await listen(server, port);
  const { port: actual } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${actual}`,
    port: actual,
    received,
    on,
    sockets,
    stop: async () => {
      for (const ws of sockets) ws.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });

function keep(request: IncomingMessage, received: Received[]): Received {
  const record: Received = {
    method: request.method ?? "",
    target: request.url ?? "",
    headers: request.headers,
    raw: `${request.method} ${request.url}\n${request.rawHeaders.join("\n")}`,
    body: "",
  };
  received.push(record);
  return record;
}

/** Reads to the end, then tells what came. */
function echo(request: IncomingMessage, response: ServerResponse, record: Received): void {
  let length = 0;
  request.on("data", (chunk: Buffer) => {
    length += chunk.byteLength;
    if (record.body.length < MAX_KEPT_BODY) record.body += chunk.toString("latin1");
  });
  request.on("end", () => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ method: record.method, target: record.target, length }));
  });
}
