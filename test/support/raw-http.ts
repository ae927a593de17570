/** Requests as bytes: what no client library would send. */
import { connect } from "node:net";

/** Writes a text to a port and gives all that came until the other side closed, or `until` was met. */
export function sendRaw(
  origin: string,
  text: string,
  until: (answer: string) => boolean = () => false,
): Promise<string> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(Number(port), hostname);
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
      if (until(answer)) socket.destroy();
    });
    // A server that refuses may reset what it did not read.
    socket.on("error", () => {});
    socket.on("close", () => resolve(answer));
    socket.write(text, "latin1");
  });
}

export interface RawRequest {
  readonly method?: string;
  /** Byte for byte. */
  readonly target: string;
  /** Whole lines, without their ends. */
  readonly lines?: readonly string[];
  readonly body?: string;
}

/** One request over a connection of its own; the answer's status line, head and body as text. */
export async function rawRequest(
  origin: string,
  { method = "GET", target, lines = [], body = "" }: RawRequest,
): Promise<{ readonly status: number; readonly head: string; readonly body: string }> {
  const head = [`${method} ${target} HTTP/1.1`, `Host: ${new URL(origin).host}`, ...lines];
  const text = `${[...head, "Connection: close"].join("\r\n")}\r\n\r\n${body}`;
  const answer = await sendRaw(origin, text);
  const end = answer.indexOf("\r\n\r\n");
  return {
    status: Number(answer.split(" ", 2)[1] ?? 0),
    head: answer.slice(0, end),
    body: answer.slice(end + 4),
  };
}
