import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { GUEST_MS } from "#realtime/core/attachment";
import { CENTRIFUGE } from "#realtime/core/centrifuge";
import { gatewayNameFor, publishTo } from "#realtime/service";
import type { Gateway } from "../../../src/index";
import { createTestKey, gateOf, uniqueAddress } from "../../support/api";

const NEWS = "public:news";

type Reply = Record<string, unknown>;

interface Line {
  readonly address: string;
  readonly replies: Reply[];
  readonly send: (...commands: object[]) => void;
  readonly sendText: (text: string) => void;
  readonly until: (holds: (reply: Reply) => boolean) => Promise<Reply>;
  readonly closed: Promise<number>;
}

async function open(headers: Record<string, string> = {}): Promise<Line> {
  const address = uniqueAddress();
  const response = await exports.default.fetch("http://naru.test/ws/centrifuge", {
    headers: { upgrade: "websocket", "cf-connecting-ip": address, ...headers },
  });
  const { webSocket: socket } = response;
  if (!socket) throw new Error(`${response.status}`);
  const replies: Reply[] = [];
  const waiting = new Set<() => void>();
  const closing = Promise.withResolvers<number>();
  socket.addEventListener("message", ({ data }) => {
    for (const line of String(data).split("\n")) replies.push(JSON.parse(line) as Reply);
    for (const look of waiting) look();
  });
  socket.addEventListener("close", ({ code }) => {
    closing.resolve(code);
  });
  socket.accept();
  const sendText = (text: string): void => {
    socket.send(text);
  };
  return {
    address,
    replies,
    sendText,
    send: (...commands) => {
      sendText(commands.map((command) => JSON.stringify(command)).join("\n"));
    },
    until: (holds) => {
      const { promise, resolve } = Promise.withResolvers<Reply>();
      const look = (): void => {
        const found = replies.find(holds);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
      return promise;
    },
    closed: closing.promise,
  };
}

const replyTo = (id: number) => (reply: Reply) => reply["id"] === id;
/** Where a guest is held: nobody knows yet whose socket it is. */
const gatewayOf = (line: Line) => env.GATEWAY.getByName(gatewayNameFor(env, line.address));

async function connected(key: string): Promise<Line> {
  const line = await open();
  line.send({ id: 1, connect: { token: key } });
  expect(await line.until(replyTo(1))).toMatchObject({ connect: { pong: true } });
  return line;
}

/** As `connected`, at a gateway that is not the owner's own. */
async function connectedElsewhere(key: string, ownerId: string): Promise<Line> {
  for (;;) {
    const line = await connected(key);
    if (gatewayNameFor(env, line.address) !== gatewayNameFor(env, ownerId)) return line;
  }
}

describe("a guest", () => {
  test("that shows a key comes in, takes part and publishes", async () => {
    const { key } = await createTestKey();
    const line = await connected(key);
    line.send(
      { id: 2, subscribe: { channel: NEWS, recoverable: true } },
      { id: 3, publish: { channel: NEWS, data: { n: 1 } } },
    );
    expect(await line.until(replyTo(2))).toMatchObject({
      subscribe: { recoverable: true, offset: 0, publications: [] },
    });
    expect(await line.until(replyTo(3))).toEqual({ id: 3, publish: {} });
    expect(await line.until((reply) => "push" in reply)).toMatchObject({
      push: { channel: NEWS, pub: { data: { n: 1 }, offset: 1, tags: { event: "publication" } } },
    });
  });

  test("that shows none in time is told stale, by the alarm and not by a timer", async () => {
    const line = await open();
    const gateway = gatewayOf(line);
    await runInDurableObject(gateway, async (instance: Gateway, state) => {
      expect(await state.storage.getAlarm()).toBeLessThanOrEqual(Date.now() + GUEST_MS);
      instance.clock = () => Date.now() + GUEST_MS + 1;
    });
    await runDurableObjectAlarm(gateway);
    expect(await line.closed).toBe(CENTRIFUGE.close.stale.code);
  });

  test.each([
    ["asks for something first", { id: 1, subscribe: { channel: NEWS } }, "malformed"],
    [
      "shows a key that is none",
      { id: 1, connect: { token: "nk_test_made-up" } },
      "unauthenticated",
    ],
    ["shows nothing", { id: 1, connect: {} }, "unauthenticated"],
  ] as const)("that %s is cut off", async (_name, command, cause) => {
    const line = await open();
    line.send(command);
    expect(await line.closed).toBe(CENTRIFUGE.close[cause].code);
    expect(line.replies).toEqual([]);
  });

  test("whose key lacks the scope is cut off", async () => {
    const { key } = await createTestKey({ scopes: ["chat"] });
    const line = await open();
    line.send({ id: 1, connect: { token: key } });
    expect(await line.closed).toBe(CENTRIFUGE.close.unauthenticated.code);
  });
});

test("a credential in a header needs no token", async () => {
  const { key } = await createTestKey();
  const line = await open({ authorization: `Bearer ${key}` });
  line.send({ id: 1, connect: {} });
  expect(await line.until(replyTo(1))).toHaveProperty("connect.client");
});

test("a page of another origin does not come in, nor a header that names whose socket it is", async () => {
  await expect(open({ origin: "https://evil.example" })).rejects.toThrow("403");
  const { ownerId } = await createTestKey();
  const forged = JSON.stringify({ ownerId, role: "admin", scopes: ["*"] });
  const line = await open({ "x-naru-identity": forged });
  line.send({ id: 1, connect: {} });
  expect(await line.closed).toBe(CENTRIFUGE.close.unauthenticated.code);
});

test("a revoked key ends its socket at whichever gateway it is", async () => {
  const { key, keyId, ownerId } = await createTestKey();
  const line = await connectedElsewhere(key, ownerId);
  await gateOf(ownerId).revokeKey(keyId);
  expect(await line.closed).toBe(CENTRIFUGE.close.unauthenticated.code);
});

test("what a socket is and takes part in outlives its gateway's sleep", async () => {
  const { key } = await createTestKey();
  const line = await connected(key);
  line.send({ id: 2, subscribe: { channel: NEWS } });
  await line.until(replyTo(2));
  await evictDurableObject(gatewayOf(line), { webSockets: "hibernate" });
  await publishTo(env, NEWS, { event: "note", payload: "after sleep" });
  expect(await line.until((reply) => "push" in reply)).toMatchObject({
    push: { pub: { data: "after sleep", tags: { event: "note" } } },
  });
});

test("an epoch that is no more is told, with the new one's place", async () => {
  const { key } = await createTestKey();
  await publishTo(env, NEWS, { event: "note", payload: 1 });
  const line = await connected(key);
  line.send({ id: 2, history: { channel: NEWS } });
  const { history } = (await line.until(replyTo(2))) as { history: { epoch: string } };
  const channel = env.CHANNEL.getByName(`ch:${NEWS}`);
  await runInDurableObject(channel, async (_instance, state) => {
    await state.storage.deleteAll();
    await state.storage.deleteAlarm();
  });
  await evictDurableObject(channel);
  line.send({
    id: 3,
    subscribe: { channel: NEWS, recover: true, epoch: history.epoch, offset: 1 },
  });
  const { subscribe } = (await line.until(replyTo(3))) as { subscribe: { epoch: string } };
  expect(subscribe).toMatchObject({ was_recovering: true, recovered: false, offset: 0 });
  expect(subscribe.epoch).not.toBe(history.epoch);
});

test("a sweep asks for a sign of life: who gives it stays, who does not is gone by a later one", async () => {
  const { key } = await createTestKey();
  const line = await connected(key);
  const gateway = gatewayOf(line);
  const sweepAt = async (ms: number): Promise<void> => {
    await runInDurableObject(gateway, (instance: Gateway) => {
      instance.clock = () => ms;
    });
    await runDurableObjectAlarm(gateway);
  };
  const start = Date.now();
  await sweepAt(start + 90_000);
  await line.until((reply) => Object.keys(reply).length === 0);
  line.send({});
  // The answer to a command shows that the pong before it was taken.
  line.send({ id: 2, presence_stats: { channel: NEWS } });
  await line.until(replyTo(2));
  await sweepAt(start + 180_000);
  line.send({ id: 3, presence_stats: { channel: NEWS } });
  await line.until(replyTo(3));
  await sweepAt(start + 270_000);
  expect(await line.closed).toBe(CENTRIFUGE.close.silent.code);
});

test("each command counts: those beyond the pace are refused by name, then the line ends", async () => {
  const { key } = await createTestKey();
  const line = await connected(key);
  const commands = Array.from({ length: 120 }, (_, i) => ({
    id: i + 2,
    unsubscribe: { channel: NEWS },
  }));
  line.send(...commands);
  expect(await line.closed).toBe(CENTRIFUGE.close.flood.code);
  expect(line.replies.find(replyTo(100))).toMatchObject({ error: { code: 111, temporary: true } });
});

test("what is no command ends the line; what no method of ours is does not", async () => {
  const { key } = await createTestKey();
  const line = await connected(key);
  line.send({ id: 2, rpc: { method: "x", data: {} } });
  expect(await line.until(replyTo(2))).toMatchObject({ error: { code: 104 } });
  line.sendText("nonsense");
  expect(await line.closed).toBe(CENTRIFUGE.close.malformed.code);
});
