import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { until } from "../../support/server";
import { PAGE_ORIGIN } from "./stage";
import type { Stage } from "./stage";

interface Opened {
  readonly socket: WebSocket;
  readonly messages: (string | Buffer)[];
  readonly closed: Promise<readonly [code: number, reason: string]>;
}

interface Shown {
  readonly headers?: Record<string, string>;
  readonly protocols?: readonly string[];
}

function open(stage: Stage, path: string, shown: Shown = {}): Opened {
  const { headers = { "X-API-Key": stage.key }, protocols = [] } = shown;
  const url = `${stage.runtime.origin.replace("http", "ws")}/api/v1/gw/${path}`;
  const socket = new WebSocket(url, [...protocols], { headers });
  const messages: (string | Buffer)[] = [];
  socket.on("message", (data: Buffer, isBinary) => {
    messages.push(isBinary ? data : data.toString());
  });
  const closed = new Promise<readonly [number, string]>((resolve) => {
    socket.on("close", (code, reason) => resolve([code, reason.toString()]));
  });
  return { socket, messages, closed };
}

/** The status with which an upgrade is refused, and what is said of it. */
async function refusal(stage: Stage, path: string, shown?: Shown): Promise<[number, string]> {
  const { socket } = open(stage, path, shown);
  const [, answer] = (await once(socket, "unexpected-response")) as [unknown, IncomingMessage];
  const text = String(Buffer.concat(await answer.toArray()));
  return [answer.statusCode ?? 0, text];
}

/** The upstream's end of the socket that was opened last. */
const lastSocket = (stage: Stage): WebSocket => {
  const socket = [...stage.upstream.sockets].at(-1);
  if (socket === undefined) throw new Error("no socket is open at the upstream");
  return socket;
};

export interface Revoked {
  readonly socket: Opened;
  /** All that came of a stream of events, or null where it broke off. */
  readonly events: Promise<string | null>;
}

/** Opens a socket and a stream, and takes the key from whoever opened them. What becomes of both is looked at later: it takes seconds. */
export async function openAndRevoke(stage: Stage): Promise<Revoked> {
  const { key, id } = await stage.newKey();
  const socket = open(stage, "svc/revoked", { headers: { Authorization: `Bearer ${key}` } });
  await once(socket.socket, "open");
  stage.upstream.on.set("/unending", (_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("data: first\n\n");
  });
  const stream = await stage.gw("svc/unending", {}, key);
  expect(stream.status).toBe(200);
  const gone = await stage.send(`/api/v1/api-keys/${id}`, { method: "DELETE" });
  expect(gone.status).toBeLessThan(300);
  return { socket, events: stream.text().catch(() => null) };
}

export function socketTests(stageOf: () => Stage): void {
  describe("a WebSocket", () => {
    test("passes text and bytes both ways, with the protocol that the upstream chose", async () => {
      const stage = stageOf();
      const { socket, messages, closed } = open(stage, "svc/echo?room=1", {
        headers: {
          "X-API-Key": stage.key,
          "X-Forwarded-User": "forged",
          Cookie: "a=1; __Host-csrf=x",
        },
        protocols: ["other", "chat"],
      });
      await once(socket, "open");
      expect(socket.protocol).toBe("chat");
      for (let i = 0; i < 50; i++) {
        socket.send(`text ${i}`);
        socket.send(Buffer.from([i, 255]));
      }
      await until(async () => messages.length === 100, 5_000);
      expect(messages.slice(-2)).toEqual(["text 49", Buffer.from([49, 255])]);
      const got = stage.upstream.received.at(-1);
      expect(got?.target).toBe("/echo?room=1");
      expect(got?.headers).toMatchObject({
        "sec-websocket-protocol": "other, chat",
        "x-forwarded-user": expect.stringMatching(/^usr_/),
        cookie: "a=1",
      });
      socket.close();
      await closed;
    });

    test.each([
      [4001, "by the client"],
      [1000, ""],
      [null, ""],
    ])("closed by the client with %s closes the upstream's alike", async (code, reason) => {
      const stage = stageOf();
      const { socket, closed } = open(stage, "svc/close");
      await once(socket, "open");
      const theirs = once(lastSocket(stage), "close");
      if (code === null) socket.close();
      else socket.close(code, reason);
      const [seen, why] = (await theirs) as [number, Buffer];
      expect([seen, String(why)]).toEqual([code ?? 1005, reason]);
      expect(await closed).toEqual([code ?? 1005, reason]);
    });

    test.each([
      [
        "with a code of its own",
        (ws: WebSocket) => ws.close(4002, "by the upstream"),
        [4002, "by the upstream"],
      ],
      ["without a code", (ws: WebSocket) => ws.close(), [1005, ""]],
      ["without a word", (ws: WebSocket) => ws.terminate(), [1014, expect.any(String)]],
    ])("closed by the upstream %s closes the client's", async (_name, close, expected) => {
      const stage = stageOf();
      const { socket, closed } = open(stage, "svc/close");
      await once(socket, "open");
      close(lastSocket(stage));
      expect(await closed).toEqual(expected);
    });

    test("that the client leaves without a word ends at the upstream", async () => {
      const stage = stageOf();
      const { socket } = open(stage, "svc/close");
      await once(socket, "open");
      const theirs = once(lastSocket(stage), "close");
      socket.terminate();
      expect((await theirs)[0]).toBe(1001);
    });

    test("that the upstream refuses is refused with its own answer", async () => {
      expect(await refusal(stageOf(), "svc/refuse")).toEqual([409, "no"]);
    });

    test("opens for a page that offers its ticket alone, of which the upstream hears nothing", async () => {
      const stage = stageOf();
      const made = await stage.send("/api/v1/realtime/tickets", { method: "POST" }, stage.key);
      const { ticket } = (await made.json()) as { ticket: string };
      stage.shown.push(ticket);
      const protocol = `naru.ticket.${ticket}`;
      const { socket, closed } = open(stage, "svc/echo", {
        headers: { Origin: PAGE_ORIGIN },
        protocols: [protocol],
      });
      await once(socket, "open");
      expect(socket.protocol).toBe(protocol);
      expect(stage.upstream.received.at(-1)?.headers).not.toHaveProperty("sec-websocket-protocol");
      socket.close();
      await closed;
    });

    test("comes in by a ticket, once, which the upstream never sees; and from our own pages alone", async () => {
      const stage = stageOf();
      const made = await stage.send("/api/v1/realtime/tickets", { method: "POST" }, stage.key);
      const { ticket } = (await made.json()) as { ticket: string };
      stage.shown.push(ticket);
      const shown = {
        headers: { Origin: PAGE_ORIGIN },
        protocols: ["chat", `naru.ticket.${ticket}`],
      };
      const { socket, closed } = open(stage, "svc/echo", shown);
      await once(socket, "open");
      expect(stage.upstream.received.at(-1)?.headers["sec-websocket-protocol"]).toBe("chat");
      socket.close();
      await closed;
      const before = stage.upstream.received.length;
      expect(await refusal(stage, "svc/echo", shown)).toMatchObject([
        401,
        expect.stringContaining("INVALID_TICKET"),
      ]);
      const foreign = { headers: { "X-API-Key": stage.key, Origin: "https://evil.example" } };
      expect(await refusal(stage, "svc/echo", foreign)).toMatchObject([
        403,
        expect.stringContaining("ORIGIN_NOT_ALLOWED"),
      ]);
      expect(await refusal(stage, "svc/echo", { headers: {} })).toMatchObject([
        401,
        expect.stringContaining("AUTHENTICATION_REQUIRED"),
      ]);
      expect(stage.upstream.received).toHaveLength(before);
    });
  });
}
