import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { channelObjectName } from "#realtime/core/channel-name";
import { gatewayNameFor, publishTo } from "#realtime/service";
import { createTestKey } from "../../support/api";
import { connect, offsetsOf, upgrade } from "../../support/sockets";

const NEWS = "public:news";

describe("a subscriber", () => {
  test("hears what is published from then on, by anybody, in order", async () => {
    const [a, b] = await Promise.all([createTestKey(), createTestKey()]);
    const [reader, writer] = await Promise.all([connect(a.key), connect(b.key)]);
    const joined = await reader.ask("subscribe", { channel: NEWS });
    expect(joined).toMatchObject({
      type: "subscribed",
      data: { channel: NEWS, offset: 0, was_recovering: false, recovered: false, events: [] },
    });
    for (let i = 1; i <= 3; i++)
      expect(
        await writer.ask("publish", { channel: NEWS, event: "note", payload: { i } }),
      ).toMatchObject({
        type: "ack",
        data: { channel: NEWS, offset: i },
      });
    const last = await reader.until(
      (frame) => frame.data["offset"] === 3 && frame.type === "event",
    );
    expect(last).toMatchObject({ request_id: null, data: { event: "note", payload: { i: 3 } } });
    expect(offsetsOf(reader, NEWS)).toEqual([1, 2, 3]);
  });

  test("that was away gets all that it missed, once, in the answer or behind it", async () => {
    const { key } = await createTestKey();
    const client = await connect(key);
    const { data } = await client.ask("subscribe", { channel: NEWS });
    client.socket.close();
    for (let i = 1; i <= 5; i++) await publishTo(env, NEWS, { event: "note", payload: i });
    const again = await connect(key);
    const recover = { epoch: data["epoch"], offset: 2 };
    const answer = await again.ask("subscribe", { channel: NEWS, recover });
    expect(answer.data).toMatchObject({ recovered: true, was_recovering: true, offset: 5 });
    expect(offsetsOf(again, NEWS)).toEqual([3, 4, 5]);
    const third = await connect(key);
    await third.ask("subscribe", { channel: NEWS, since: recover });
    await third.until((frame) => frame.type === "event" && frame.data["offset"] === 5);
    expect(offsetsOf(third, NEWS)).toEqual([3, 4, 5]);
  });

  test("among more than are written to at once hears all in order, and so does who comes in amid it", async () => {
    const { key } = await createTestKey();
    const early = await Promise.all(Array.from({ length: 80 }, () => connect(key)));
    await Promise.all(early.map((client) => client.ask("subscribe", { channel: NEWS })));
    const late = await Promise.all(Array.from({ length: 20 }, () => connect(key)));
    const from = new Map(early.map((client) => [client, 0]));
    const publishing = (async () => {
      for (let i = 1; i <= 10; i++) await publishTo(env, NEWS, { event: "note", payload: i });
    })();
    for (const client of late) {
      const { data } = await client.ask("subscribe", { channel: NEWS });
      from.set(client, Number(data["offset"]));
    }
    await publishing;
    await publishTo(env, NEWS, { event: "note", payload: 11 });
    for (const [client, offset] of from) {
      await client.until((frame) => frame.type === "event" && frame.data["offset"] === 11);
      const due = Array.from({ length: 11 - offset }, (_, i) => offset + 1 + i);
      expect(offsetsOf(client, NEWS)).toEqual(due);
    }
  });

  test("hears what its channel was in the middle of telling when it went down", async () => {
    const { key } = await createTestKey();
    const clients = await Promise.all(Array.from({ length: 90 }, () => connect(key)));
    await Promise.all(clients.map((client) => client.ask("subscribe", { channel: NEWS })));
    // Long enough between two parts of the readers for the crash to come in between.
    const wait = scheduler.wait.bind(scheduler);
    Object.defineProperty(scheduler, "wait", { configurable: true, value: () => wait(100) });
    try {
      await publishTo(env, NEWS, { event: "note", payload: 1 });
      const isHeard = (frame: { type: string }): boolean => frame.type === "event";
      await Promise.any(clients.map((client) => client.until(isHeard)));
      expect(clients.filter(({ frames }) => !frames.some(isHeard)).length).toBeGreaterThan(0);
      const channel = env.CHANNEL.getByName(channelObjectName(NEWS));
      await runInDurableObject(channel, (_channel, ctx) => {
        ctx.abort("a crash");
      }).catch(() => undefined);
      await Promise.all(clients.map((client) => client.until(isHeard)));
    } finally {
      Reflect.deleteProperty(scheduler, "wait");
    }
    expect(clients.filter((client) => offsetsOf(client, NEWS).join() !== "1")).toEqual([]);
  });

  test("that would rather not come in than with a gap is refused, and hears nothing", async () => {
    const client = await connect((await createTestKey()).key);
    const lost = { epoch: "another", offset: 1 };
    const wish = { channel: NEWS, recover: lost, must_recover: true };
    expect(await client.ask("subscribe", wish)).toMatchObject({
      type: "error",
      data: { code: "POSITION_NOT_KEPT", channel: NEWS, temporary: false },
    });
    await client.ask("publish", { channel: NEWS, event: "note", payload: 1 });
    const { data } = await client.ask("presence", { channel: NEWS });
    expect(data).toMatchObject({ members: [], count: 0 });
    expect(offsetsOf(client, NEWS)).toEqual([]);
  });

  test("reads the past from either end, and on or back from a position", async () => {
    const client = await connect((await createTestKey()).key);
    for (let i = 1; i <= 5; i++) await publishTo(env, NEWS, { event: "note", payload: i });
    const read = async (wish: object): Promise<unknown> => {
      const { data } = await client.ask("history", { channel: NEWS, limit: 2, ...wish });
      return (data["events"] as { offset: number }[]).map(({ offset }) => offset);
    };
    const { data } = await client.ask("history", { channel: NEWS });
    const since = { epoch: data["epoch"], offset: 3 };
    expect(await read({})).toEqual([4, 5]);
    expect(await read({ order: "oldest_first" })).toEqual([1, 2]);
    expect(await read({ order: "newest_first" })).toEqual([5, 4]);
    expect(await read({ since })).toEqual([4, 5]);
    expect(await read({ since, order: "oldest_first" })).toEqual([4, 5]);
    expect(await read({ since, order: "newest_first" })).toEqual([2, 1]);
    const foreign = { since: { ...since, epoch: "another" }, order: "newest_first" };
    expect(await client.ask("history", { channel: NEWS, ...foreign })).toMatchObject({
      data: { recovered: false, events: [] },
    });
  });

  test("keeps its channels, its limits and its name while its gateway sleeps", async () => {
    const { key, ownerId } = await createTestKey();
    const client = await connect(key);
    await client.ask("subscribe", { channel: NEWS });
    await client.ask("subscribe", { channel: `user:${ownerId}` });
    const gateway = env.GATEWAY.getByName(gatewayNameFor(env, ownerId));
    await evictDurableObject(gateway, { webSockets: "hibernate" });
    await publishTo(env, NEWS, { event: "note", payload: "after sleep" });
    await publishTo(env, `user:${ownerId}`, { event: "note", payload: "mine" });
    await client.until(({ data }) => data["payload"] === "after sleep");
    await client.until(({ data }) => data["payload"] === "mine");
    expect(await client.ask("publish", { channel: NEWS, event: "note", payload: 2 })).toMatchObject(
      {
        type: "ack",
      },
    );
  });

  test.each([
    ["an earlier release", { id: "con_1", identity: {}, isFluent: true, subscriptions: [] }],
    ["a later release", [99, "con_1"]],
    ["nobody", null],
  ])("whose attachment is of %s is told to come back at once", async (_, attachment) => {
    const { key, ownerId } = await createTestKey();
    const client = await connect(key);
    const gateway = env.GATEWAY.getByName(gatewayNameFor(env, ownerId));
    await runInDurableObject(gateway, (_instance, state) => {
      for (const socket of state.getWebSockets()) socket.serializeAttachment(attachment);
    });
    await evictDurableObject(gateway, { webSockets: "hibernate" });
    expect(await gateway.recheck(ownerId)).toBe(0);
    expect(await client.closed).toMatchObject({ code: 4200 });
    expect(client.frames.at(-1)).toMatchObject({ type: "goodbye", data: { reconnect: "now" } });
  });

  test("never sees another user's channel, nor that there is one", async () => {
    const [a, b] = await Promise.all([createTestKey(), createTestKey()]);
    const client = await connect(a.key);
    const other = await client.ask("subscribe", { channel: `user:${b.ownerId}` });
    const none = await client.ask("subscribe", { channel: "user:nobody" });
    expect(other).toMatchObject({ type: "error", data: { code: "CHANNEL_NOT_FOUND" } });
    expect({ ...other.data, channel: "" }).toEqual({ ...none.data, channel: "" });
    expect(await client.ask("subscribe", { channel: "system:status" })).toMatchObject({
      data: { code: "CHANNEL_FORBIDDEN" },
    });
  });
});

test("a message that is sent again is kept once, under its first offset", async () => {
  const { key } = await createTestKey();
  const client = await connect(key);
  const message = { channel: NEWS, event: "note", payload: 1, message_id: "m-1" };
  const first = await client.ask("publish", message);
  const second = await client.ask("publish", message);
  expect(first.data).toEqual({ channel: NEWS, offset: 1 });
  expect(second.data).toEqual({ channel: NEWS, offset: 1, duplicate: true });
});

test(
  "subscribing amid a thousand publishes leaves no gap and repeats nothing",
  { timeout: 60_000 },
  async () => {
    const { key } = await createTestKey();
    const writing = (async () => {
      for (let i = 0; i < 1_000; i++) await publishTo(env, NEWS, { event: "n", payload: i });
    })();
    const clients = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const client = await connect(key);
        const { data } = await client.ask("subscribe", { channel: NEWS });
        return { client, from: Number(data["offset"]) };
      }),
    );
    await writing;
    for (const { client, from } of clients) {
      await client.until(({ data }) => data["offset"] === 1_000 && data["payload"] !== undefined);
      const offsets = offsetsOf(client, NEWS);
      expect(offsets).toEqual(Array.from({ length: 1_000 - from }, (_, i) => from + 1 + i));
    }
  },
);

describe("the door", () => {
  test("opens to a ticket once", async () => {
    const { api } = await import("../../support/api");
    const { key } = await createTestKey();
    const response = await api("/api/v1/realtime/tickets", { key, method: "POST" });
    expect(response.status).toBe(201);
    const { ticket, expires_in } = await response.json<{ ticket: string; expires_in: number }>();
    expect(expires_in).toBe(30);
    const protocols = { "sec-websocket-protocol": `naru.v1, naru.ticket.${ticket}` };
    const opened = await upgrade(protocols);
    expect(opened.status).toBe(101);
    expect(opened.headers.get("sec-websocket-protocol")).toBe("naru.v1");
    expect((await upgrade(protocols)).status).toBe(401);
    opened.webSocket?.accept();
    opened.webSocket?.close();
  });

  test.each([
    ["no credential", {}, 401],
    ["a page of another origin", { origin: "https://evil.example" }, 403],
    ["another subprotocol", { "sec-websocket-protocol": "naru.v9" }, 400],
    ["no upgrade", { upgrade: "" }, 426],
    ["a made-up ticket", { "sec-websocket-protocol": "naru.v1, naru.ticket.0.x.y" }, 401],
  ])("stays shut: %s", async (name, headers, status) => {
    const { key } = await createTestKey();
    const credential = name === "no credential" ? {} : { authorization: `Bearer ${key}` };
    expect((await upgrade({ ...credential, ...headers })).status).toBe(status);
  });
});
