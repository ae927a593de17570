/** A canary on loopback for tests inside workerd, and a redirector that leads to wherever it is told. Runs in Node, beside them. */
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Ports on loopback. `GET /hits` of the redirector says how often anything reached the canary. */
    canary: { readonly port: number; readonly redirectorPort: number };
  }
}

const listen = (server: Server, host: string): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, host, () => resolve((server.address() as AddressInfo).port));
  });

export async function setup(project: TestProject): Promise<() => void> {
  let hits = 0;
  const canary = createServer((_request, response) => {
    hits++;
    response.end("reached");
  });
  // A connection is a hit, whether or not it speaks HTTP.
  canary.on("connection", () => hits++);
  const redirector = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://redirector");
    if (url.pathname === "/hits") {
      response.end(String(hits));
      return;
    }
    response.writeHead(Number(url.searchParams.get("status") ?? 302), {
      location: url.searchParams.get("to") ?? "/",
    });
    response.end();
  });
  // All addresses of both families, so that every spelling of loopback would reach it.
  const port = await listen(canary, "::");
  project.provide("canary", { port, redirectorPort: await listen(redirector, "127.0.0.1") });
  return () => {
    canary.close();
    redirector.close();
  };
}
