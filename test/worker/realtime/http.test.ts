import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { publishTo } from "#realtime/service";
import { api, createTestKey } from "../../support/api";
import { connect } from "../../support/sockets";

const NEWS = "public:http";
const path = (rest: string): string => `/api/v1/realtime/channels/${NEWS}/${rest}`;

describe("without a socket", () => {
  test("one publishes to those with one, and reads what was said", async () => {
    const { key } = await createTestKey();
    const client = await connect(key);
    await client.ask("subscribe", { channel: NEWS });
    const json = { event: "note", payload: { n: 1 }, message_id: "m1" };
    const headers = { "x-request-id": "from-http" };
    const first = await api(path("publish"), { key, json, headers });
    expect(first.status).toBe(201);
    expect(await first.json()).toEqual({ channel: NEWS, offset: 1, duplicate: false });
    expect(await (await api(path("publish"), { key, json })).json()).toMatchObject({
      offset: 1,
      duplicate: true,
    });
    expect(await client.until(({ type }) => type === "event")).toMatchObject({
      data: { payload: { n: 1 }, cause: "from-http" },
    });
    const history = await (await api(path("history"), { key })).json<{ epoch: string }>();
    expect(history).toMatchObject({ offset: 1, events: [{ payload: { n: 1 } }] });
    const later = `history?epoch=${history.epoch}&offset=1`;
    expect(await (await api(path(later), { key })).json()).toMatchObject({
      recovered: true,
      events: [],
    });
    expect(await (await api(path("presence"), { key })).json()).toMatchObject({ count: 1 });
  });

  test.each([
    ["a name of the server's", { event: "task.status", payload: 1 }, 403],
    ["no name", { event: "", payload: 1 }, 422],
    ["too much", { event: "x", payload: "a".repeat(70_000) }, 413],
    ["nothing", { event: "x" }, 422],
  ])("one can't publish %s", async (_name, json, status) => {
    const { key } = await createTestKey();
    expect((await api(path("publish"), { key, json })).status).toBe(status);
  });

  test("a key without the scope can't", async () => {
    const { key } = await createTestKey({ scopes: ["chat"] });
    expect((await api(path("history"), { key })).status).toBe(403);
  });
});

describe("a stream of channels", () => {
  /** Reads events of a stream until one holds, then leaves it. */
  async function readUntil(
    channels: string[],
    key: string,
    lastId: string | null,
    holds: (event: Record<string, string>) => boolean,
  ): Promise<Record<string, string>[]> {
    const query = channels.map((channel) => `channel=${channel}`).join("&");
    const headers: Record<string, string> = lastId === null ? {} : { "last-event-id": lastId };
    const response = await api(`/api/v1/realtime/sse?${query}`, { key, headers });
    expect(response.status).toBe(200);
    const events: Record<string, string>[] = [];
    let text = "";
    let isDone = false;
    if (!response.body) throw new Error("no stream");
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const fields = block.split("\n").map((line) => line.split(/: (.*)/s));
        if (!block.startsWith("id:")) continue;
        const event = Object.fromEntries(fields) as Record<string, string>;
        events.push(event);
        isDone ||= holds(event);
      }
      // Leaving the loop leaves the stream.
      if (isDone) break;
    }
    return events;
  }

  test("that is cut again and again gives each event once, in order, over all of its channels", async () => {
    const { key, ownerId } = await createTestKey();
    const channels = [NEWS, `user:${ownerId}`];
    let lastId: string | null = null;
    const seen: string[] = [];
    const [opened] = await readUntil(channels, key, null, ({ event }) => event === "subscribed");
    lastId = opened?.["id"] ?? null;
    for (let i = 1; i <= 10; i++) {
      for (const channel of channels) await publishTo(env, channel, { event: "n", payload: i });
      // Some readers leave after the first of the two, the last one stays for both.
      let missing = i === 10 ? 20 - seen.length : 1;
      const events = await readUntil(channels, key, lastId, ({ event }) => {
        if (event === "event") missing -= 1;
        return missing === 0;
      });
      for (const { event, data = "{}", id = "" } of events) {
        lastId = id;
        const parsed = JSON.parse(data) as { channel: string; payload: number };
        if (event === "event") seen.push(`${parsed.channel === NEWS ? "a" : "b"}${parsed.payload}`);
      }
    }
    for (const letter of ["a", "b"])
      expect(seen.filter((one) => one.startsWith(letter))).toEqual(
        Array.from({ length: 10 }, (_, i) => `${letter}${i + 1}`),
      );
  });

  test("says where something was lost", async () => {
    const { key } = await createTestKey();
    const [first] = await readUntil(
      [NEWS],
      key,
      "anotherlog:7",
      ({ event }) => event === "subscribed",
    );
    expect(JSON.parse(first?.["data"] ?? "{}")).toMatchObject({
      was_recovering: true,
      recovered: false,
    });
  });

  test.each(["x", "a:b", "a:1,b:2"])("refuses a place that is none: %s", async (lastId) => {
    const { key } = await createTestKey();
    const headers = { "last-event-id": lastId };
    const response = await api(`/api/v1/realtime/sse?channel=${NEWS}`, { key, headers });
    expect(response.status).toBe(400);
  });
});
