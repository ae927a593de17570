import { describe, expect, test } from "vitest";
import { createTestKey } from "../../support/api";
import { connect } from "../../support/sockets";

/** Has the object's method fail while `work` runs. */
async function whileBroken(
  method: "door" | "join" | "leave",
  work: () => Promise<void>,
): Promise<void> {
  const { Channel } = await import("../../../src/index");
  const inherited = Object.getOwnPropertyDescriptor(Channel.prototype, method);
  Object.defineProperty(Channel.prototype, method, {
    configurable: true,
    value: () => {
      throw new Error("lost");
    },
  });
  try {
    await work();
  } finally {
    Reflect.deleteProperty(Channel.prototype, method);
    if (inherited) Object.defineProperty(Channel.prototype, method, inherited);
  }
}

const ROOM = "room:room_01kcm4v7d03q6zr1w8n5tbe2y9";

describe("of the channels in one `connect` frame", () => {
  test("one whose door can't be asked is refused by name, and the others come in", async () => {
    const client = await connect((await createTestKey()).key);
    await whileBroken("door", async () => {
      const subs = [{ channel: ROOM }, { channel: "public:a" }];
      client.send("connect", { subs }, "all");
      const entered = await client.until(({ type }) => type === "subscribed");
      expect(entered).toMatchObject({ request_id: "all", data: { channel: "public:a" } });
    });
    expect(client.frames.find(({ type }) => type === "error")).toMatchObject({
      request_id: "all",
      data: { code: "DEPENDENCY_UNAVAILABLE", temporary: true, channel: ROOM },
    });
  });

  test("each that can't be reached is refused by name, to be asked for again", async () => {
    const client = await connect((await createTestKey()).key);
    const isRefused = (channel: string) => (frame: { type: string; data: object }) =>
      frame.type === "error" && (frame.data as { channel?: string }).channel === channel;
    await whileBroken("join", async () => {
      client.send("connect", { subs: [{ channel: "public:a" }, { channel: "public:b" }] }, "all");
      await client.until(isRefused("public:a"));
      const refused = await client.until(isRefused("public:b"));
      expect(refused.data).toMatchObject({ temporary: true, retry_after_ms: 1_000 });
    });
    expect(await client.ask("subscribe", { channel: "public:b" })).toMatchObject({
      type: "subscribed",
    });
  });

  test("one too many is refused by name", async () => {
    const client = await connect((await createTestKey()).key);
    const subs = Array.from({ length: 64 }, (_, n) => ({ channel: `public:n${n}` }));
    client.send("connect", { subs }, "all");
    await client.until(({ data }) => data["channel"] === "public:n63");
    expect(await client.ask("subscribe", { channel: "public:more" })).toMatchObject({
      data: { code: "TOO_MANY_CHANNELS", channel: "public:more" },
    });
  });
});

test("of many who come in together, one who is turned away costs the others nothing, and itself one answer", async () => {
  const { key } = await createTestKey();
  const all = await Promise.all(Array.from({ length: 4 }, () => connect(key)));
  await whileBroken("leave", async () => {
    const answers = all.map((client, n) =>
      client.ask("subscribe", {
        channel: "public:many",
        ...(n === 2 && { must_recover: true, recover: { epoch: "another", offset: 1 } }),
      }),
    );
    const types = (await Promise.all(answers)).map(({ type }) => type);
    expect(types).toEqual(["subscribed", "subscribed", "error", "subscribed"]);
    for (const client of all) {
      await client.ask("ping");
      expect(client.frames.filter(({ request_id: id }) => id === "c-1")).toHaveLength(1);
    }
  });
});
