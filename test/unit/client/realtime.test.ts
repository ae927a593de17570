import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createNaru } from "#client/naru";
import type { Naru, NaruError, RealtimeState } from "#client/naru";
import { eventOf, fakeServer, subscribed } from "../../support/fake-line";
import type { FakeSocket } from "../../support/fake-line";

const A = "public:a";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A client that is on its way in: its first socket is there. */
async function begin(
  more: { onState?: (state: RealtimeState, error: NaruError | null) => void } = {},
) {
  const server = fakeServer();
  const naru = createNaru({
    ...server.options,
    realtime: { ...server.options.realtime, ...more },
  });
  return { ...server, naru };
}

async function comeIn(naru: Naru, sockets: FakeSocket[]): Promise<FakeSocket> {
  naru.realtime.connect();
  await vi.advanceTimersByTimeAsync(0);
  return socketAt(sockets, -1);
}

function socketAt(sockets: FakeSocket[], at: number): FakeSocket {
  const socket = sockets.at(at);
  if (!socket) throw new Error("There is no such socket.");
  return socket;
}

describe("a subscription", () => {
  test("takes each offset once, out of answers, events and batches", async () => {
    const { naru, sockets } = await begin();
    const seen: unknown[] = [];
    naru.realtime.subscribe(A, { onEvent: ({ payload }) => seen.push(payload) });
    const socket = await comeIn(naru, sockets);
    socket.accept({ [A]: { offset: 2, events: [eventOf(A, 1), eventOf(A, 2)] } });
    socket.tell("event", eventOf(A, 2));
    socket.tell("batch", { channel: A, items: [eventOf(A, 3), eventOf(A, 4)] });
    socket.tell("event", eventOf(A, 4));
    socket.tell("task.status", { ...eventOf(A, 5), status: "running" });
    expect(seen).toEqual([1, 2, 3, 4, 5]);
  });

  test("asks for what is missing before it goes on behind it", async () => {
    const { naru, sockets } = await begin();
    const seen: unknown[] = [];
    naru.realtime.subscribe(A, { onEvent: ({ payload }) => seen.push(payload) });
    const socket = await comeIn(naru, sockets);
    socket.accept({ [A]: { offset: 1, recovered: true } });
    socket.tell("event", eventOf(A, 4));
    socket.tell("event", eventOf(A, 5));
    expect(seen).toEqual([]);
    const ask = socket.last("subscribe");
    expect(ask.data).toMatchObject({ recover: { epoch: "e1", offset: 1 } });
    expect(socket.sent.filter(({ type }) => type === "subscribe")).toHaveLength(1);
    const events = [2, 3, 4, 5].map((offset) => eventOf(A, offset));
    socket.tell(
      "subscribed",
      subscribed(A, { offset: 5, recovered: true, events }),
      ask.request_id,
    );
    expect(seen).toEqual([2, 3, 4, 5]);
  });

  test("begins at the answer's place in a log that is another, and says so", async () => {
    const { naru, sockets } = await begin();
    const states: object[] = [];
    const since = { epoch: "old", offset: 90 };
    const one = naru.realtime.subscribe(A, { since, onSubscribed: (state) => states.push(state) });
    const socket = await comeIn(naru, sockets);
    socket.accept({ [A]: { offset: 3, was_recovering: true } });
    expect(socket.last("connect").data["subs"]).toEqual([{ channel: A, epoch: "old", offset: 90 }]);
    expect(states).toMatchObject([{ was_recovering: true, recovered: false }]);
    expect(one.position).toEqual({ epoch: "e1", offset: 3 });
  });

  test("that is refused ends, and is not asked for again", async () => {
    const { naru, sockets } = await begin();
    const one = naru.realtime.subscribe("room:other");
    const socket = await comeIn(naru, sockets);
    socket.accept();
    const { request_id: id } = socket.last("connect");
    const error = { code: "CHANNEL_NOT_FOUND", message: "?", temporary: false };
    socket.tell("error", { ...error, channel: "room:other" }, id);
    await expect(one.ready).rejects.toMatchObject({ code: "CHANNEL_NOT_FOUND" });
    socket.emit("close", { code: 4200 });
    await vi.advanceTimersByTimeAsync(500);
    socketAt(sockets, 1).emit("open");
    expect(socketAt(sockets, 1).last("connect").data["subs"]).toEqual([]);
  });
});

describe("the connection", () => {
  test("comes back with a new ticket and all channels in one frame, each at its place", async () => {
    const { naru, sockets } = await begin();
    naru.realtime.subscribe(A);
    naru.realtime.subscribe("public:b");
    const socket = await comeIn(naru, sockets);
    expect(socket.protocols).toEqual(["naru.v1", "naru.ticket.t1"]);
    socket.accept({ [A]: { offset: 7 }, "public:b": { offset: 9, epoch: "e2" } });
    socket.emit("close", { code: 1006 });
    await vi.advanceTimersByTimeAsync(500);
    const next = socketAt(sockets, 1);
    next.emit("open");
    expect(next.protocols).toEqual(["naru.v1", "naru.ticket.t2"]);
    expect(next.sent.map(({ type, data }) => [type, data["subs"]])).toEqual([
      [
        "connect",
        [
          { channel: A, epoch: "e1", offset: 7 },
          { channel: "public:b", epoch: "e2", offset: 9 },
        ],
      ],
    ]);
  });

  test("waits at most twice as long after each failure, up to 20 s, until one has stood 5 s", async () => {
    const { naru, sockets } = await begin();
    await comeIn(naru, sockets);
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      const before = sockets.length;
      const fromMs = Date.now();
      socketAt(sockets, -1).emit("close", { code: 1006 });
      while (sockets.length === before) await vi.advanceTimersByTimeAsync(100);
      waits.push(Date.now() - fromMs);
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
    socketAt(sockets, -1).accept();
    await vi.advanceTimersByTimeAsync(5_000);
    socketAt(sockets, -1).emit("close", { code: 1006 });
    const before = sockets.length;
    await vi.advanceTimersByTimeAsync(500);
    expect(sockets.length).toBe(before + 1);
  });

  test.each([
    [4001, "disconnected"],
    [4099, "disconnected"],
    [1009, "disconnected"],
    [4100, "connecting"],
    [4202, "connecting"],
    [1006, "connecting"],
  ])("after a close with %i is %s", async (code, state) => {
    const { naru, sockets } = await begin();
    const socket = await comeIn(naru, sockets);
    socket.accept();
    socket.emit("close", { code });
    expect(naru.realtime.state).toBe(state);
  });

  test("believes a goodbye more than the code", async () => {
    const { naru, sockets } = await begin();
    const socket = await comeIn(naru, sockets);
    socket.accept();
    socket.tell("goodbye", { code: 4100, reconnect: "backoff", delay_ms: 3_000 });
    socket.emit("close", { code: 4001 });
    await vi.advanceTimersByTimeAsync(3_400);
    expect(sockets).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(100);
    expect(sockets).toHaveLength(2);
  });

  test("stays away where a ticket is refused for who asks, and tries again where it is not", async () => {
    for (const [status, state] of [
      [403, "disconnected"],
      [503, "connecting"],
    ] as const) {
      const server = fakeServer(() => Response.json({ code: "X", error: "x" }, { status }));
      const naru = createNaru({ ...server.options, retries: 0 });
      naru.realtime.connect();
      await vi.advanceTimersByTimeAsync(0);
      expect(naru.realtime.state).toBe(state);
      naru.realtime.disconnect();
    }
  });

  test("pings by the constant text, and is given up after 10 s without a sign", async () => {
    const { naru, sockets } = await begin();
    const socket = await comeIn(naru, sockets);
    socket.accept();
    await vi.advanceTimersByTimeAsync(27_500);
    expect(socket.last("ping")).toEqual({
      type: "ping",
      request_id: null,
      data: {},
      timestamp: "1970-01-01T00:00:00.000Z",
    });
    await vi.advanceTimersByTimeAsync(9_000);
    socket.tell("pong", {});
    await vi.advanceTimersByTimeAsync(18_500);
    expect(naru.realtime.state).toBe("connected");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(naru.realtime.state).toBe("connecting");
    expect(socket.isClosed).toBe(true);
  });

  test("answers the server's ping at once, whatever waits its turn", async () => {
    const { naru, sockets } = await begin();
    const socket = await comeIn(naru, sockets);
    socket.accept();
    for (let n = 0; n < 100; n++) naru.realtime.publish(A, "note", n).catch(() => undefined);
    socket.tell("ping", {});
    expect(socket.sent.at(-1)).toMatchObject({ type: "pong", request_id: null, data: {} });
  });

  test("shows a renewed token before the old one ends", async () => {
    const server = fakeServer();
    const why: string[] = [];
    const token = (reason: string): string => {
      why.push(reason);
      return `token-${why.length}`;
    };
    const naru = createNaru({ ...server.options, credential: { token } });
    const socket = await comeIn(naru, server.sockets);
    socket.accept({}, { expires_at: new Date(Date.now() + 20_000).toISOString() });
    await vi.advanceTimersByTimeAsync(16_000);
    expect(why).toEqual(["use", "renew"]);
    expect(socket.last("refresh").data).toEqual({ token: "token-2" });
  });
});

describe("commands", () => {
  test("are rejected by a lost line, but for those that carry a message id: they are said again", async () => {
    const { naru, sockets } = await begin();
    const socket = await comeIn(naru, sockets);
    socket.accept();
    const presence = naru.realtime.presence(A);
    const published = naru.realtime.publish(A, "note", 1);
    const lost = expect(presence).rejects.toMatchObject({ code: "DISCONNECTED" });
    const said = socket.last("publish");
    socket.emit("close", { code: 1006 });
    await lost;
    await vi.advanceTimersByTimeAsync(500);
    const next = socketAt(sockets, 1);
    next.accept();
    const again = next.last("publish");
    expect(again.data).toEqual(said.data);
    expect(again.data["message_id"]).toMatch(/^[0-9a-f]{32}$/);
    next.tell("ack", { channel: A, offset: 4, duplicate: true }, again.request_id);
    expect(await published).toEqual({ offset: 4, duplicate: true });
  });

  test("that are published wait for a first connection, and end with the last", async () => {
    const { naru } = await begin();
    const published = expect(naru.realtime.publish(A, "note", 1)).rejects.toMatchObject({
      code: "DISCONNECTED",
    });
    naru.realtime.connect();
    naru.realtime.disconnect();
    await published;
    expect(naru.realtime.state).toBe("disconnected");
  });

  test("wait until the server has let their sender in, and go out once", async () => {
    const { naru, sockets } = await begin();
    const socket = await comeIn(naru, sockets);
    socket.emit("open");
    const published = naru.realtime.publish(A, "note", 1);
    await expect(naru.realtime.presence(A)).rejects.toMatchObject({ code: "DISCONNECTED" });
    expect(socket.sent.map(({ type }) => type)).toEqual(["connect"]);
    socket.accept();
    expect(socket.sent.filter(({ type }) => type === "publish")).toHaveLength(1);
    socket.tell("ack", { channel: A, offset: 1 }, socket.last("publish").request_id);
    expect(await published).toEqual({ offset: 1, duplicate: false });
  });

  test("leave no faster than the server allows", async () => {
    const { naru, sockets } = await begin();
    const socket = await comeIn(naru, sockets);
    socket.accept();
    for (let n = 0; n < 100; n++) naru.realtime.publish(A, "note", n).catch(() => undefined);
    expect(socket.sent.length).toBeLessThanOrEqual(50);
    const before = socket.sent.length;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(socket.sent.length - before).toBeLessThanOrEqual(20);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(socket.sent.filter(({ type }) => type === "publish")).toHaveLength(100);
  });

  test("are sent again when the server says that it may work later", async () => {
    const { naru, sockets } = await begin();
    const socket = await comeIn(naru, sockets);
    socket.accept();
    const published = naru.realtime.publish(A, "note", 1);
    const error = { code: "DEPENDENCY_UNAVAILABLE", message: "?", temporary: true };
    socket.tell("error", { ...error, retry_after_ms: 700 }, socket.last("publish").request_id);
    await vi.advanceTimersByTimeAsync(700);
    expect(socket.sent.filter(({ type }) => type === "publish")).toHaveLength(2);
    socket.tell("ack", { channel: A, offset: 1 }, socket.last("publish").request_id);
    expect(await published).toEqual({ offset: 1, duplicate: false });
  });
});
