/** The world outside of a chaos run: sites that answer, hang and fail, a receiver of webhooks, and an ear for late reports. */
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pause } from "../../scripts/process-group.ts";

export interface LateReport {
  readonly taskId: string;
  readonly fence: number;
  readonly verdict: string;
}

export interface Outside {
  readonly good: string;
  readonly hanging: string;
  readonly failing: string;
  readonly late: readonly LateReport[];
  /** Number of the task → the ids under which it was told. */
  readonly hooks: ReadonlyMap<number, ReadonlySet<string>>;
  readonly calls: () => number;
  /** From now on the failing site works. */
  readonly heal: () => void;
  /** Resolves when no late report has come for longer than one takes. */
  readonly quiet: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const QUIET_MS = 20_000;
const PAGE = "<!doctype html><title>ferry</title><h1>나루</h1><p>text</p>";

export async function startOutside(): Promise<Outside> {
  const late: LateReport[] = [];
  const hooks = new Map<number, Set<string>>();
  const called = new Set<string>();
  let lateAtMs = Date.now();
  let calls = 0;
  let isHealed = false;
  const page = (response: ServerResponse): void => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(PAGE);
  };

  async function answerGood(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, part = "", number = ""] = (request.url ?? "").split("/");
    if (part === "robots.txt") response.writeHead(404).end();
    else if (part === "late") {
      lateAtMs = Date.now();
      late.push(...(JSON.parse(await bodyOf(request)) as LateReport[]));
      response.end();
    } else if (part === "hook") {
      await bodyOf(request);
      calls += 1;
      const seen = hooks.get(Number(number)) ?? new Set();
      const isFirst = !called.has(number);
      called.add(number);
      // One in ten receivers is away when it is called first; it is called again after 5 s. After another failure it would be minutes.
      if (isFirst && Math.random() < 0.1) response.writeHead(503).end();
      else {
        seen.add(String(request.headers["webhook-id"]));
        hooks.set(Number(number), seen);
        response.writeHead(204).end();
      }
    } else {
      if (part === "slow") await pause(1_500);
      page(response);
    }
  }

  const servers = [
    await serve((request, response) => void answerGood(request, response)),
    await serve((request, response) => {
      if (request.url === "/robots.txt") response.writeHead(404).end();
    }),
    await serve((request, response) => {
      if (request.url === "/robots.txt") response.writeHead(404).end();
      else if (isHealed) page(response);
      else response.writeHead(500).end();
    }),
  ];
  const [good = "", hanging = "", failing = ""] = servers.map(originOf);
  return {
    good,
    hanging,
    failing,
    late,
    hooks,
    calls: () => calls,
    heal: () => {
      isHealed = true;
    },
    quiet: async () => {
      lateAtMs = Date.now();
      while (Date.now() - lateAtMs < QUIET_MS) await pause(500);
    },
    stop: async () => {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

const originOf = (server: Server): string =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return server;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}
