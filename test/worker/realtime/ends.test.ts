import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { CLOSE } from "#realtime/core/codes";
import { gatewayNameFor, publishTo } from "#realtime/service";
import type { Gateway } from "../../../src/index";
import { api, createTestKey, gateOf } from "../../support/api";
import { connect } from "../../support/sockets";

const ROOM = "public:ends";
const gatewayOf = (ownerId: string) => env.GATEWAY.getByName(gatewayNameFor(env, ownerId));

describe("a socket whose credential is revoked", () => {
  test("is told goodbye and closed, and nobody else on the gateway is", async () => {
    const [bad, good] = await Promise.all([createTestKey(), createTestKey()]);
    const victim = await connect(bad.key);
    const other = await connect(good.key);
    await victim.ask("subscribe", { channel: ROOM });
    await other.ask("subscribe", { channel: ROOM });
    await gateOf(bad.ownerId).revokeKey(bad.keyId);
    expect(await victim.closed).toMatchObject({ code: CLOSE.unauthenticated.code });
    expect(victim.frames.at(-1)).toMatchObject({
      type: "goodbye",
      data: { code: CLOSE.unauthenticated.code, reconnect: "no" },
    });
    await publishTo(env, ROOM, { event: "note", payload: 1 });
    await other.until(({ type }) => type === "event");
    expect(victim.frames.some(({ type }) => type === "event")).toBe(false);
  });

  test("ends too where its gateway could not be told at first", async () => {
    const { key, keyId, ownerId } = await createTestKey();
    const client = await connect(key);
    const gateway = gatewayOf(ownerId);
    await runInDurableObject(gateway, (instance: Gateway) => {
      const own: object = Object.getPrototypeOf(instance);
      Object.defineProperty(own, "recheck", {
        configurable: true,
        value: () => {
          Reflect.deleteProperty(own, "recheck");
          throw new Error("lost");
        },
      });
    });
    await gateOf(ownerId).revokeKey(keyId);
    await runDurableObjectAlarm(gateOf(ownerId));
    expect(await client.closed).toMatchObject({ code: CLOSE.unauthenticated.code });
  });
});

test("a signed-in person's socket ends with the session, by logout", async () => {
  const email = `ends-${crypto.randomUUID()}@example.com`;
  const password = "correct horse battery";
  await api("/api/v1/auth/register", { json: { email, password, name: "Ends" } });
  const login = await api("/api/v1/auth/login", { json: { email, password } });
  const { access_token: token } = await login.json<{ access_token: string }>();
  const client = await connect(token);
  const connected = await client.ask("connect", {});
  expect(connected.data["expires_at"]).toMatch(/Z$/);
  expect((await api("/api/v1/auth/logout", { key: token, method: "POST" })).status).toBe(204);
  expect(await client.closed).toMatchObject({ code: CLOSE.unauthenticated.code });
});

test("a socket ends when its token has expired, unless a new one was shown in time", async () => {
  const email = `fresh-${crypto.randomUUID()}@example.com`;
  const password = "correct horse battery";
  await api("/api/v1/auth/register", { json: { email, password, name: "Fresh" } });
  const login = async () => {
    const answer = await api("/api/v1/auth/login", { json: { email, password } });
    return answer.json<{ access_token: string; user: { id: string } }>();
  };
  const first = await login();
  const client = await connect(first.access_token);
  const { data } = await client.ask("connect", {});
  const gateway = gatewayOf(String(data["user_id"]));
  const other = await createTestKey();
  expect(await client.ask("refresh", { token: other.key })).toMatchObject({
    type: "error",
    data: { code: "INVALID_TOKEN" },
  });
  expect(await client.ask("refresh", { token: (await login()).access_token })).toMatchObject({
    type: "refreshed",
  });
  await runInDurableObject(gateway, (instance: Gateway) => {
    instance.clock = () => Date.now() + 3_600_000;
  });
  await runDurableObjectAlarm(gateway);
  expect(await client.closed).toMatchObject({ code: CLOSE.expired.code });
});

describe("a frame that is", () => {
  test("too large ends its socket", async () => {
    const { key } = await createTestKey();
    const client = await connect(key);
    // Fewer characters than the limit, and more bytes.
    client.send("publish", { channel: ROOM, event: "x", payload: "가".repeat(30_000) });
    expect(await client.until(({ type }) => type === "error")).toMatchObject({
      data: { code: "FRAME_TOO_LARGE" },
    });
    expect(await client.closed).toMatchObject({ code: CLOSE.tooLarge.code });
  });

  test("binary ends its socket", async () => {
    const { key } = await createTestKey();
    const client = await connect(key);
    client.socket.send(new Uint8Array([1, 2, 3]));
    expect(await client.closed).toMatchObject({ code: CLOSE.binary.code });
  });

  test.each([
    ["no JSON", "{", "MALFORMED_FRAME"],
    ["without its four keys", '{"type":"ping"}', "MALFORMED_FRAME"],
    [
      "with a fifth key",
      '{"type":"ping","request_id":null,"data":{},"timestamp":"2026-01-01T00:00:00Z","x":1}',
      "MALFORMED_FRAME",
    ],
    [
      "nested without end",
      `{"type":"publish","request_id":null,"data":{"payload":${"[".repeat(9_000)}${"]".repeat(9_000)}},"timestamp":"2026-01-01T00:00:00Z"}`,
      "MALFORMED_FRAME",
    ],
    [
      "of a type that there is not",
      '{"type":"constructor","request_id":"q","data":{},"timestamp":"2026-01-01T00:00:00Z"}',
      "UNKNOWN_FRAME_TYPE",
    ],
    [
      "of another form than its type has",
      '{"type":"subscribe","request_id":"q","data":{"channel":7},"timestamp":"2026-01-01T00:00:00Z"}',
      "INVALID_FRAME",
    ],
  ])("%s is answered, and the socket goes on", async (_name, text, code) => {
    const { key } = await createTestKey();
    const client = await connect(key);
    client.socket.send(text);
    expect(await client.until(({ type }) => type === "error")).toMatchObject({ data: { code } });
    expect(await client.ask("subscribe", { channel: ROOM })).toMatchObject({ type: "subscribed" });
  });

  test("malformed again and again ends its socket", async () => {
    const { key } = await createTestKey();
    const client = await connect(key);
    for (let i = 0; i < 12; i++) client.socket.send("nonsense");
    expect(await client.closed).toMatchObject({ code: CLOSE.malformed.code });
  });
});

test("a flood is refused frame by frame, then ends its socket; others go on", async () => {
  const [bad, good] = await Promise.all([createTestKey(), createTestKey()]);
  const flooder = await connect(bad.key);
  const other = await connect(good.key);
  for (let i = 0; i < 150; i++) flooder.send("presence", { channel: ROOM }, `p-${i}`);
  expect(await flooder.closed).toMatchObject({ code: CLOSE.flood.code });
  expect(
    flooder.frames.find(({ data }) => data["code"] === "RATE_LIMITED")?.data["retry_after_ms"],
  ).toBeGreaterThan(0);
  expect(await other.ask("subscribe", { channel: ROOM })).toMatchObject({ type: "subscribed" });
});

test("one socket takes part in at most 64 channels", async () => {
  const { key } = await createTestKey();
  const client = await connect(key);
  const subs = Array.from({ length: 64 }, (_, i) => ({ channel: `public:c${i}` }));
  await client.ask("connect", { subs });
  await client.until(({ data }) => data["channel"] === "public:c63");
  expect(await client.ask("subscribe", { channel: "public:c64" })).toMatchObject({
    data: { code: "TOO_MANY_CHANNELS" },
  });
  expect(await client.ask("subscribe", { channel: "public:c0" })).toMatchObject({
    type: "subscribed",
  });
});

describe("who is there", () => {
  test("is told to those who ask, and who comes and goes", async () => {
    const [a, b] = await Promise.all([createTestKey(), createTestKey()]);
    const watcher = await connect(a.key);
    await watcher.ask("subscribe", { channel: ROOM, presence: true });
    const guest = await connect(b.key);
    await guest.ask("subscribe", { channel: ROOM });
    await watcher.until(
      ({ type, data }) =>
        type === "presence" && JSON.stringify(data["joined"] ?? []).includes(b.ownerId),
    );
    const { data } = await watcher.ask("presence", { channel: ROOM });
    expect(data).toMatchObject({ count: 2 });
    guest.socket.close();
    await watcher.until(
      ({ type, data }) =>
        type === "presence" && JSON.stringify(data["left"] ?? []).includes(b.ownerId),
    );
  });
});
