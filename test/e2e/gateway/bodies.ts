import { request as openRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { pipeline } from "node:stream/promises";
import { Readable, Writable } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { residentMib, workerdOf } from "../../support/process-memory";
import { rawRequest, sendRaw } from "../../support/raw-http";
import { until } from "../../support/server";
import { MAX_STREAMS } from "./stage";
import type { Stage } from "./stage";

const MIB = 1024 * 1024;
const LARGE = 100 * MIB;
/** What V8 leaves lying before it looks, and what the sockets hold. */
const GROWTH_MIB = 64;

/** So many bytes, made as they are read. */
function* bytesOf(length: number): Generator<Buffer> {
  const piece = Buffer.alloc(65_536, "naru ");
  for (let left = length; left > 0; left -= piece.byteLength)
    yield left < piece.byteLength ? piece.subarray(0, left) : piece;
}

/** Counts what is written and keeps nothing. */
class Counter extends Writable {
  length = 0;
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.length += chunk.byteLength;
    done();
  }
}

async function countOf(source: Readable): Promise<number> {
  const counter = new Counter();
  await pipeline(source, counter);
  return counter.length;
}

/** How much larger the server ever was than before, in MiB, while something ran; 0 where the system does not tell. */
async function growthDuring(work: () => Promise<void>): Promise<number> {
  const pid = workerdOf(process.pid);
  if (pid === null) {
    await work();
    return 0;
  }
  const before = residentMib(pid);
  let highest = before;
  const timer = setInterval(() => {
    highest = Math.max(highest, residentMib(pid));
  }, 10);
  await work();
  clearInterval(timer);
  return highest - before;
}

/** Opens a request whose body is written by hand. */
function open(stage: Stage, path: string, headers: Record<string, string>) {
  const request = openRequest(`${stage.runtime.origin}/api/v1/gw/${path}`, {
    method: "POST",
    headers: { "X-API-Key": stage.key, ...headers },
  });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    request.on("response", resolve);
    request.on("error", reject);
  });
  return { request, answer };
}

export function bodyTests(stageOf: () => Stage): void {
  describe("a body", () => {
    test.each([
      ["of a length that is told", { "Content-Length": String(LARGE) }],
      ["of a length that nobody knows", { "Transfer-Encoding": "chunked" }],
    ])("of 100 MB %s goes up in flat memory", async (_name, headers) => {
      const stage = stageOf();
      const growth = await growthDuring(async () => {
        const { request, answer } = open(stage, "svc/up", headers);
        await pipeline(Readable.from(bytesOf(LARGE)), request);
        const told = await (await answer).toArray();
        expect(JSON.parse(String(told))).toMatchObject({ length: LARGE });
      });
      const framing = stage.upstream.received.at(-1)?.headers;
      expect(framing?.["content-length"]).toBe(headers["Content-Length" as keyof typeof headers]);
      expect(growth).toBeLessThan(GROWTH_MIB);
    });

    test.each([
      ["of a length that is told", String(LARGE)],
      ["of a length that nobody knows", null],
    ])("of 100 MB %s comes down in flat memory", async (_name, length) => {
      const stage = stageOf();
      stage.upstream.on.set("/down", (_request, response) => {
        if (length !== null) response.setHeader("content-length", length);
        Readable.from(bytesOf(LARGE)).pipe(response);
      });
      const growth = await growthDuring(async () => {
        const answer = await stage.gw("svc/down");
        expect(answer.headers.get("content-length")).toBe(length);
        expect(await countOf(Readable.fromWeb(answer.body as never))).toBe(LARGE);
      });
      expect(growth).toBeLessThan(GROWTH_MIB);
    });

    test("that is too long is refused before it is read, or cut off where it is", async () => {
      const stage = stageOf();
      await stage.define({ name: "small", max_body_bytes: 1000 });
      const before = stage.upstream.received.length;
      const told = await stage.gw("small/x", { method: "POST", body: "a".repeat(1001) });
      expect([told.status, stage.upstream.received.length]).toEqual([413, before]);
      const endless = `3e8\r\n${"a".repeat(1000)}\r\n`;
      const cut = await sendRaw(
        stage.runtime.origin,
        `POST /api/v1/gw/small/x HTTP/1.1\r\nHost: naru\r\nX-API-Key: ${stage.key}\r\nTransfer-Encoding: chunked\r\n\r\n${endless.repeat(20)}`,
        (answer) => answer.includes("BODY_TOO_LARGE"),
      );
      expect(cut).toMatch(/^HTTP\/1.1 413 /);
      // What it got of it is no request that ended.
      const sent = stage.upstream.received.slice(before);
      expect(sent.filter(({ body }) => body.length > 1000)).toEqual([]);
    });

    test("of events arrives event by event, while the upstream still speaks", async () => {
      const stage = stageOf();
      const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      stage.upstream.on.set("/events", async (_request, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        for (const [at, gate] of gates.entries()) {
          response.write(`data: ${at}\n\n`);
          await gate.promise;
        }
        response.end("data: end\n\n");
      });
      const answer = await stage.gw("svc/events", { headers: { "Accept-Encoding": "gzip" } });
      expect(answer.headers.get("content-encoding")).toBeNull();
      const pieces = answer.body?.pipeThrough(new TextDecoderStream()).values();
      // Each is only sent when the one before was read: held back, they would wait for each other for good.
      for (const [at, gate] of gates.entries()) {
        expect((await pieces?.next())?.value).toBe(`data: ${at}\n\n`);
        gate.resolve();
      }
      expect((await pieces?.next())?.value).toBe("data: end\n\n");
      expect((await pieces?.next())?.done).toBe(true);
    });

    test("of events takes a place among the caller's streams, and gives it back", async () => {
      const stage = stageOf();
      stage.upstream.on.set("/endless", (_request, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        const timer = setInterval(() => response.write("data: more\n\n"), 20);
        response.on("close", () => {
          clearInterval(timer);
          left.resolve();
        });
      });
      const left = Promise.withResolvers<void>();
      const opened = await Promise.all(
        Array.from({ length: MAX_STREAMS }, () => stage.gw("svc/endless")),
      );
      const full = await stage.gw("svc/endless");
      expect([full.status, await full.json()]).toMatchObject([
        429,
        { code: "TOO_MANY_CONCURRENT" },
      ]);
      // Whoever leaves is no longer spoken to, and their place is free.
      await Promise.all(opened.map(async (answer) => answer.body?.cancel()));
      await left.promise;
      await until(async () => {
        const again = await stage.gw("svc/endless");
        await again.body?.cancel();
        return again.status === 200;
      }, 5_000);
    });

    test.each([
      ["told", { "content-length": "1000" }],
      ["not told", {}],
    ])("that breaks off is broken for the client too, its length %s", async (_name, headers) => {
      const stage = stageOf();
      stage.upstream.on.set("/cut", (_request, response) => {
        response.writeHead(200, headers);
        response.write("x".repeat(500), () => response.destroy());
      });
      const answer = await stage.gw("svc/cut");
      expect(answer.status).toBe(200);
      await expect(answer.text()).rejects.toThrow();
    });

    test("that is compressed passes byte for byte, and is not compressed where it is not", async () => {
      const { runtime, upstream, key } = stageOf();
      const packed = gzipSync("naru ".repeat(2000));
      upstream.on.set("/packed", (_request, response) => {
        response.writeHead(200, {
          "content-type": "text/plain",
          "content-encoding": "gzip",
          etag: '"packed"',
        });
        response.end(packed);
      });
      upstream.on.set("/plain", (_request, response) => {
        response.writeHead(200, { "content-type": "text/plain", etag: '"plain"' });
        response.end("naru ".repeat(2000));
      });
      const ask = (path: string) =>
        rawRequest(runtime.origin, {
          target: `/api/v1/gw/svc${path}`,
          lines: [`X-API-Key: ${key}`, "Accept-Encoding: gzip"],
        });
      const asIs = await ask("/packed");
      expect(asIs.head).toMatch(/etag: "packed"/i);
      expect(asIs.body).toContain(packed.toString("latin1"));
      const plain = await ask("/plain");
      expect(plain.head).not.toMatch(/content-encoding/i);
      expect(plain.head).toMatch(/etag: "plain"/i);
    });

    test("may be empty, both ways", async () => {
      const stage = stageOf();
      stage.upstream.on.set("/empty", (_request, response) =>
        response.writeHead(200, { "content-length": 0, "x-none": "1" }).end(),
      );
      const answer = await stage.gw("svc/empty", { method: "POST" });
      expect([answer.status, await answer.text()]).toEqual([200, ""]);
      expect(answer.headers.get("x-none")).toBe("1");
      const { runtime, key } = stage;
      const chunked = await rawRequest(runtime.origin, {
        method: "POST",
        target: "/api/v1/gw/svc/none",
        lines: [`X-API-Key: ${key}`, "Transfer-Encoding: chunked"],
        body: "0\r\n\r\n",
      });
      expect([chunked.status, chunked.body]).toEqual([200, expect.stringContaining('"length":0')]);
    });

    test("is not there for HEAD, whose headers are those of GET", async () => {
      const stage = stageOf();
      stage.upstream.on.set("/sized", (_request, response) => {
        response.writeHead(200, { "content-type": "text/x-sized", "content-length": "11" });
        response.end("hello there");
      });
      const head = await stage.gw("svc/sized", { method: "HEAD" });
      expect([head.status, head.headers.get("content-length")]).toEqual([200, "11"]);
      expect(head.headers.get("content-type")).toBe("text/x-sized");
      expect(stage.upstream.received.at(-1)?.method).toBe("HEAD");
    });
  });
}
