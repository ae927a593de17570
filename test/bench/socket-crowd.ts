/**
 * A crowd of WebSocket clients in a process of its own, so that the descriptors and the memory of those who load are not those of what is loaded. It speaks just
 * as much of RFC 6455 as a reader needs, over bare TCP: ten thousand clients of a library would be measured instead of the server.
 *
 * Told over IPC: `{ open }` opens them, `{ report }` asks what came. Latency is from the moment in a message's `sent_at`, in milliseconds of the machine's
 * monotonic clock, which all processes share.
 */
import { randomBytes } from "node:crypto";
import { connect } from "node:net";

export interface CrowdOrder {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly count: number;
  /** Sent by the clients in turn; none where nothing is asked for. */
  readonly credentials: readonly string[];
  /** The first text of each client, and what its answer contains; none where nothing is said. */
  readonly first: string | null;
  readonly answer: string;
}

export interface CrowdReport {
  readonly open: number;
  readonly lost: number;
  readonly received: number;
  readonly latenciesMs: readonly number[];
}

/** Handshakes under way at once: a queue of connections that is full drops them without a word. */
const AT_ONCE = 64;
const SENT_AT = /"sent_at":([\d.]+)/;

let open = 0;
let lost = 0;
let received = 0;
let latenciesMs: number[] = [];

process.on("message", (message: { open?: CrowdOrder; report?: true }) => {
  if (message.open)
    void openAll(message.open).then((connectMs) => process.send?.({ opened: connectMs }));
  if (message.report) {
    const report: CrowdReport = { open, lost, received, latenciesMs };
    process.send?.({ report });
    received = 0;
    latenciesMs = [];
  }
});

/** Opens them all and gives how long each took, from its first packet to its answer. */
async function openAll(order: CrowdOrder): Promise<number[]> {
  const tookMs: number[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < order.count) {
        const index = next++;
        const startedAt = performance.now();
        await openOne(order, index);
        tookMs.push(performance.now() - startedAt);
      }
    }),
  );
  return tookMs;
}

function openOne(order: CrowdOrder, index: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const credential = order.credentials[index % Math.max(1, order.credentials.length)];
  const socket = connect({ host: order.host, port: order.port, noDelay: true });
  let buffer: Buffer = Buffer.alloc(0);
  let isUpgraded = false;
  let isReady = false;
  const ready = (): void => {
    isReady = true;
    open += 1;
    resolve();
  };
  socket.on("connect", () => {
    socket.write(
      [
        `GET ${order.path} HTTP/1.1`,
        `Host: ${order.host}:${order.port}`,
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
        "Sec-WebSocket-Protocol: naru.v1",
        ...(credential === undefined ? [] : [`Authorization: Bearer ${credential}`]),
        "\r\n",
      ].join("\r\n"),
    );
  });
  const take = (text: string): void => {
    if (!isReady) {
      if (text.includes(order.answer)) ready();
      return;
    }
    const sentAt = SENT_AT.exec(text)?.[1];
    if (sentAt === undefined) return;
    received += 1;
    latenciesMs.push(performance.timeOrigin + performance.now() - Number(sentAt));
  };
  socket.on("data", (chunk) => {
    buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk]);
    if (!isUpgraded) {
      const end = buffer.indexOf("\r\n\r\n");
      if (end < 0) return;
      if (!buffer.subarray(0, 12).equals(Buffer.from("HTTP/1.1 101"))) {
        console.error(buffer.subarray(0, 400).toString());
        process.exit(1);
      }
      buffer = buffer.subarray(end + 4);
      isUpgraded = true;
      if (order.first === null) ready();
      else socket.write(masked(order.first));
    }
    for (;;) {
      const frame = readFrame(buffer);
      if (frame === null) break;
      buffer = frame.rest;
      if (frame.opcode === 1) take(frame.text);
    }
    // What is left is a part of a large chunk that would be kept alive whole.
    if (buffer.length > 0) buffer = Buffer.from(buffer);
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    lost += 1;
    if (isReady) open -= 1;
    else resolve();
  });
  return promise;
}

/** A frame of the server's, which is not masked (RFC 6455 section 5.2); null where it is not whole yet. */
function readFrame(buffer: Buffer): { opcode: number; text: string; rest: Buffer } | null {
  if (buffer.length < 2) return null;
  const short = (buffer[1] ?? 0) & 0x7f;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (buffer.length < start) return null;
  const length =
    short === 126
      ? buffer.readUInt16BE(2)
      : short === 127
        ? Number(buffer.readBigUInt64BE(2))
        : short;
  if (buffer.length < start + length) return null;
  return {
    opcode: (buffer[0] ?? 0) & 0x0f,
    text: buffer.toString("utf8", start, start + length),
    rest: buffer.subarray(start + length),
  };
}

/** A text of a client's, under a mask of zeros: it is allowed to be any. */
function masked(text: string): Buffer {
  const body = Buffer.from(text);
  const head =
    body.length < 126
      ? Buffer.from([0x81, 0x80 | body.length])
      : Buffer.from([0x81, 0x80 | 126, body.length >> 8, body.length & 0xff]);
  return Buffer.concat([head, Buffer.alloc(4), body]);
}
