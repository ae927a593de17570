import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { api, createTestKey } from "../../support/api";
import type { TestKey } from "../../support/api";
import { connect, offsetsOf } from "../../support/sockets";

interface Room {
  readonly id: string;
  readonly channel: string;
}

const codeOf = async (response: Response): Promise<string> =>
  `${response.status} ${(await response.json<{ code?: string }>()).code}`;

async function openRoom(): Promise<{ room: Room; owner: TestKey; guest: TestKey }> {
  const [owner, guest] = await Promise.all([createTestKey(), createTestKey()]);
  const made = await api("/api/v1/rooms", { key: owner.key, json: { name: "Crew" } });
  expect(made.status).toBe(201);
  return { room: await made.json<Room>(), owner, guest };
}

const bring = (room: Room, by: TestKey, whom: TestKey, role = "member") =>
  api(`/api/v1/rooms/${room.id}/members`, {
    key: by.key,
    json: { user_id: whom.ownerId, role },
  });

describe("a room", () => {
  test("is seen by its members alone, over the socket and over HTTP", async () => {
    const { room, owner, guest } = await openRoom();
    const inside = await connect(owner.key);
    const outside = await connect(guest.key);
    expect(await inside.ask("subscribe", { channel: room.channel })).toMatchObject({
      type: "subscribed",
    });
    for (const act of ["subscribe", "presence", "history"])
      expect((await outside.ask(act, { channel: room.channel })).data["code"]).toBe(
        "CHANNEL_NOT_FOUND",
      );
    const publish = { channel: room.channel, event: "note", payload: 1 };
    expect((await outside.ask("publish", publish)).data["code"]).toBe("CHANNEL_NOT_FOUND");
    for (const path of [
      `/api/v1/rooms/${room.id}`,
      `/api/v1/rooms/${room.id}/members`,
      `/api/v1/realtime/channels/${room.channel}/history`,
      `/api/v1/realtime/channels/${room.channel}/presence`,
      `/api/v1/realtime/sse?channel=${room.channel}`,
    ])
      expect((await api(path, { key: guest.key })).status, path).toBe(404);
  });

  test("is entered by whoever was brought in, and left for good by whoever was put out, sockets at once", async () => {
    const { room, owner, guest } = await openRoom();
    expect((await bring(room, owner, guest)).status).toBe(201);
    const inside = await connect(guest.key);
    await inside.ask("subscribe", { channel: room.channel });
    const list = await api("/api/v1/rooms", { key: guest.key });
    expect(await list.json()).toMatchObject({ items: [{ id: room.id, role: "member" }] });
    const member = `/api/v1/rooms/${room.id}/members/${guest.ownerId}`;
    expect((await api(member, { key: owner.key, method: "DELETE" })).status).toBe(204);
    await inside.until(({ type, data }) => type === "unsubscribed" && data["reason"] === "removed");
    const speaker = await connect(owner.key);
    await speaker.ask("publish", { channel: room.channel, event: "note", payload: "secret" });
    expect((await inside.ask("history", { channel: room.channel })).type).toBe("error");
    expect(offsetsOf(inside, room.channel)).toEqual([]);
    expect(await (await api("/api/v1/rooms", { key: guest.key })).json()).toMatchObject({
      items: [],
    });
  });

  test("puts out whoever was removed although its gateway could not be told at first", async () => {
    const { room, owner, guest } = await openRoom();
    await bring(room, owner, guest);
    const inside = await connect(guest.key);
    await inside.ask("subscribe", { channel: room.channel });
    const { Gateway } = await import("../../../src/index");
    const own: object = Gateway.prototype;
    Object.defineProperty(own, "putOut", {
      configurable: true,
      value: () => {
        Reflect.deleteProperty(own, "putOut");
        throw new Error("lost");
      },
    });
    await api(`/api/v1/rooms/${room.id}/members/${guest.ownerId}`, {
      key: owner.key,
      method: "DELETE",
    });
    await runDurableObjectAlarm(env.CHANNEL.getByName(`ch:${room.channel}`));
    await inside.until(({ type }) => type === "unsubscribed");
  });

  test("lets nobody in who was put out between its door and it, and tells nothing to their other sockets", async () => {
    const { room, owner, guest } = await openRoom();
    await bring(room, owner, guest);
    const [inside, coming] = await Promise.all([connect(guest.key), connect(guest.key)]);
    await inside.ask("subscribe", { channel: room.channel });
    const { ChannelReaders } = await import("../../../durable-objects/channel-readers");
    const original = Object.getOwnPropertyDescriptor(ChannelReaders.prototype, "join");
    const join = original?.value as (...call: unknown[]) => unknown;
    const asked = { count: 0 };
    // The channel hears of the arrival only when its member has been taken out.
    Object.defineProperty(ChannelReaders.prototype, "join", {
      configurable: true,
      async value(...call: unknown[]) {
        asked.count += 1;
        while (
          (this as unknown as { door: (id: string) => string }).door(guest.ownerId) !== "hidden"
        )
          await scheduler.wait(1);
        return join.apply(this, call);
      },
    });
    try {
      const answer = coming.ask("subscribe", { channel: room.channel });
      while (asked.count === 0) await scheduler.wait(1);
      const member = `/api/v1/rooms/${room.id}/members/${guest.ownerId}`;
      expect((await api(member, { key: owner.key, method: "DELETE" })).status).toBe(204);
      expect((await answer).data["code"]).toBe("CHANNEL_NOT_FOUND");
    } finally {
      if (original) Object.defineProperty(ChannelReaders.prototype, "join", original);
    }
    await inside.until(({ type }) => type === "unsubscribed");
    const speaker = await connect(owner.key);
    await speaker.ask("subscribe", { channel: room.channel });
    await speaker.ask("publish", { channel: room.channel, event: "note", payload: "secret" });
    await speaker.until(({ type }) => type === "event");
    for (const client of [inside, coming]) {
      await client.ask("ping");
      expect(offsetsOf(client, room.channel)).toEqual([]);
    }
  });

  test("is ruled by rank: members by nobody, roles by the owner, who stays", async () => {
    const { room, owner, guest } = await openRoom();
    const [moderator, stranger] = await Promise.all([createTestKey(), createTestKey()]);
    await bring(room, owner, moderator, "moderator");
    await bring(room, moderator, guest);
    expect(await codeOf(await bring(room, guest, stranger))).toBe("403 CHANNEL_FORBIDDEN");
    expect(await codeOf(await bring(room, moderator, guest, "moderator"))).toBe(
      "403 CHANNEL_FORBIDDEN",
    );
    expect(await codeOf(await bring(room, owner, owner))).toBe("409 ROOM_OWNER_STAYS");
    expect(await codeOf(await bring(room, stranger, stranger))).toBe("404 RESOURCE_NOT_FOUND");
    const remove = (by: TestKey, whom: TestKey) =>
      api(`/api/v1/rooms/${room.id}/members/${whom.ownerId}`, { key: by.key, method: "DELETE" });
    expect(await codeOf(await remove(guest, moderator))).toBe("403 CHANNEL_FORBIDDEN");
    expect(await codeOf(await remove(moderator, owner))).toBe("409 ROOM_OWNER_STAYS");
    expect((await remove(guest, guest)).status).toBe(204);
    expect(await codeOf(await remove(owner, stranger))).toBe("404 RESOURCE_NOT_FOUND");
  });

  test("that is deleted is gone with all that was said", async () => {
    const { room, owner, guest } = await openRoom();
    await bring(room, owner, guest);
    const inside = await connect(guest.key);
    await inside.ask("subscribe", { channel: room.channel });
    await inside.ask("publish", { channel: room.channel, event: "note", payload: "old" });
    const path = `/api/v1/rooms/${room.id}`;
    expect((await api(path, { key: guest.key, method: "DELETE" })).status).toBe(403);
    const stale = { "if-match": '"stale"' };
    expect((await api(path, { key: owner.key, method: "DELETE", headers: stale })).status).toBe(
      412,
    );
    expect((await api(path, { key: owner.key, method: "DELETE" })).status).toBe(204);
    await inside.until(({ type }) => type === "unsubscribed");
    expect((await api(path, { key: owner.key })).status).toBe(404);
    const past = `/api/v1/realtime/channels/${room.channel}/history`;
    expect((await api(past, { key: owner.key })).status).toBe(404);
    const { results } = await env.DB.prepare("SELECT id FROM rooms").all();
    expect(results).toEqual([]);
  });
});
