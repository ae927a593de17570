/** A web site on loopback for tests that scrape from outside; counts what reaches it. */
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Site {
  readonly origin: string;
  readonly port: number;
  /** Paths in the order in which they were asked for, without robots.txt. */
  readonly hits: string[];
  readonly stop: () => Promise<void>;
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Serves `pages` by path; what is not there is a 404, and robots.txt allows everything unless a page says otherwise. */
export async function startSite(pages: Readonly<Record<string, Handler>>): Promise<Site> {
  const hits: string[] = [];
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://site").pathname;
    if (path !== "/robots.txt") hits.push(path);
    const page = pages[path];
    if (page) page(request, response);
    else response.writeHead(404, { "content-type": "text/plain" }).end("nothing here");
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    hits,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export const html =
  (body: string | Buffer, contentType = "text/html; charset=utf-8"): Handler =>
  (_request, response) =>
    response.writeHead(200, { "content-type": contentType }).end(body);

/** Takes the request and never answers. */
export const hang: Handler = () => undefined;

export const redirectTo =
  (location: string): Handler =>
  (_request, response) =>
    response.writeHead(302, { location }).end();
