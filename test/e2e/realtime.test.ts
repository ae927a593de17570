import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket as PartySocket } from "partysocket";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NaruError } from "#client/naru";
import type { ChannelEvent } from "#client/naru";
import { findChromium, servePages, startChromium } from "../support/chromium";
import { follow, publish, startRealtimeStage, ticketOf } from "../support/realtime-stage";
import type { RealtimeStage } from "../support/realtime-stage";
import { until } from "../support/server";

const FRONT = 18_860;
const PAGES = 18_861;
const FOREIGN_PAGES = 18_862;
const ROOT = join(import.meta.dirname, "..", "..");
const BUILT = mkdtempSync(join(tmpdir(), "naru-client-"));

const ADMIN = { email: "chief@naru.test", password: "the last ferry is at ten" };

let stage: RealtimeStage;
const client: RealtimeStage["client"] = (options) => stage.client(options);

beforeAll(async () => {
  execFileSync("tsc", ["-p", "src/client", "--outDir", BUILT], { cwd: ROOT });
  stage = await startRealtimeStage(FRONT, {
    CORS_ORIGINS: `http://127.0.0.1:${PAGES}`,
    RATE_LIMITS: JSON.stringify({ burst: null, client: null }),
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
  });
});

afterAll(async () => {
  await stage?.stop();
  rmSync(BUILT, { recursive: true });
});

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe("our own client", () => {
  test.each(["ticket", "header"] as const)(
    "is told what is published, let in by a %s",
    async (auth) => {
      const naru = client({ auth });
      const heard = await follow(naru, `public:${auth}`);
      const first = await naru.realtime.publish(`public:${auth}`, "note", { n: 1 });
      await publish(naru, `public:${auth}`, { n: 2 });
      await until(async () => heard.payloads.length === 2);
      expect(heard.payloads).toEqual([{ n: 1 }, { n: 2 }]);
      expect(first).toEqual({ offset: 1, duplicate: false });
      expect(naru.states).toEqual(["connecting", "connected"]);
    },
  );

  test("goes on in order after a broken line, and hears what was said meanwhile", async () => {
    const naru = client();
    const other = client();
    const [one, two] = [await follow(naru, "public:cut-a"), await follow(naru, "public:cut-b")];
    await publish(other, "public:cut-a", 1);
    await until(async () => one.payloads.length === 1);
    stage.front.cut();
    const waiting = naru.realtime.publish("public:cut-b", "note", "said into the gap");
    for (const n of [2, 3, 4]) await publish(other, "public:cut-a", n);
    await until(async () => one.payloads.length === 4 && two.payloads.length === 1);
    expect(one.payloads).toEqual([1, 2, 3, 4]);
    expect(two.payloads).toEqual(["said into the gap"]);
    expect(await waiting).toMatchObject({ offset: 1 });
    expect(one.entries.at(-1)).toEqual({ recovered: true, was_recovering: true });
  });

  test("hears 1,000 numbered events across a restart of the server, none lost, none twice", async () => {
    const naru = client();
    const publisher = client();
    const heard = await follow(naru, "public:numbers");
    const quiet = await follow(naru, "public:quiet");
    let restarted: Promise<void> | undefined;
    for (const n of numbers(1, 1_000)) {
      if (n === 500) restarted = stage.runtime.restart();
      await publish(publisher, "public:numbers", n);
    }
    await restarted;
    await publish(publisher, "public:quiet", "still here");
    await until(async () => heard.payloads.length >= 1_000 && quiet.payloads.length === 1);
    expect(heard.payloads).toEqual(numbers(1, 1_000));
    expect(heard.offsets).toEqual(numbers(1, 1_000));
    expect(heard.entries.length).toBeGreaterThan(1);
    expect(heard.entries.slice(1).filter(({ recovered }) => !recovered)).toEqual([]);
    expect(quiet.payloads).toEqual(["still here"]);
  });

  test("reads a channel's past over its socket", async () => {
    const naru = client();
    await follow(naru, "public:past");
    for (const n of [1, 2, 3]) await publish(naru, "public:past", n);
    const { events, offset } = await naru.realtime.history("public:past", {
      limit: 2,
      order: "newest_first",
    });
    expect(events.map(({ payload }) => payload)).toEqual([3, 2]);
    expect(offset).toBe(3);
  });

  test("is told where events are gone that it missed", async () => {
    const naru = client();
    await publish(naru, "public:gone", 1);
    const entries: object[] = [];
    const subscription = naru.realtime.subscribe("public:gone", {
      since: { epoch: "another", offset: 1 },
      onSubscribed: (state) => entries.push(state),
    });
    naru.realtime.connect();
    await subscription.ready;
    expect(entries).toMatchObject([{ was_recovering: true, recovered: false, offset: 1 }]);
    expect(subscription.position).toMatchObject({ offset: 1 });
    expect(subscription.position?.epoch).not.toBe("another");
  });

  test("follows a task that it submits, to its result", async () => {
    const naru = client();
    naru.realtime.connect();
    const told: string[] = [];
    const { taskId } = await naru.realtime.submitTask(
      "echo",
      { n: 1 },
      { onEvent: ({ event }) => told.push(event) },
    );
    await until(async () => told.includes("task.result"));
    expect(told.filter((event) => event === "task.result")).toHaveLength(1);
    const events: string[] = [];
    for await (const { event } of naru.stream("tasks.events", { params: { id: taskId } }))
      events.push(event);
    expect(events.slice(-2)).toEqual(["result", "done"]);
  });

  test("comes back at once when the server ends its socket, and goes on where it was", async () => {
    const email = "carol@naru.test";
    const password = "a ferry leaves at dawn";
    const chief = await client().call("auth.login", { body: ADMIN });
    const admin = client({ credential: { token: () => chief.access_token } });
    const { id } = await admin.call("auth.register", { body: { email, password, name: "Carol" } });
    const { access_token: token } = await admin.call("auth.login", { body: { email, password } });
    const naru = client({ credential: { token: () => token } });
    const heard = await follow(naru, "public:role");
    await publish(admin, "public:role", 1);
    await until(async () => heard.payloads.length === 1);
    await admin.call("admin.changeUser", { params: { id }, body: { role: "admin" } });
    await until(async () => naru.states.length > 2);
    await publish(admin, "public:role", 2);
    await until(async () => heard.payloads.length === 2);
    expect(heard.payloads).toEqual([1, 2]);
    expect(heard.entries.at(-1)).toEqual({ recovered: true, was_recovering: true });
    expect(naru.states).toEqual(["connecting", "connected", "connecting", "connected"]);
  });

  test("stays away for good when its key is revoked, and rejects what is on its way", async () => {
    const owner = client();
    const made = await owner.call("apiKeys.create", {
      body: { name: "short-lived", scopes: ["realtime"] },
    });
    const naru = client({ credential: { apiKey: made.key } });
    await follow(naru, "public:revoked");
    await owner.call("apiKeys.revoke", { params: { id: made.id } });
    await until(async () => naru.realtime.state === "disconnected");
    expect(naru.errors.map(({ code }) => code)).toEqual(["CLOSE_4001"]);
    await expect(naru.realtime.presence("public:revoked")).rejects.toThrow(NaruError);
  });

  test("is refused another person's channel, and keeps its own", async () => {
    const naru = client();
    const heard = await follow(naru, "public:own");
    const foreign = naru.realtime.subscribe("user:usr_01h2xcejqtf2nbrexx3vqjhp41");
    await expect(foreign.ready).rejects.toMatchObject({ code: "CHANNEL_NOT_FOUND" });
    await naru.realtime.publish("public:own", "note", 1);
    await until(async () => heard.payloads.length === 1);
  });

  test("reads channels as a stream that goes on behind a broken line", async () => {
    const naru = client();
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const { event, data } of naru.stream("realtime.sse", {
        query: { channel: ["public:sse"] },
      })) {
        seen.push(event === "event" ? (data as ChannelEvent).payload : event);
        if (seen.includes(4)) return;
      }
    })();
    await until(async () => seen.length === 1);
    await publish(client(), "public:sse", 1);
    await until(async () => seen.length === 2);
    stage.front.cut();
    for (const n of [2, 3, 4]) await publish(client(), "public:sse", n);
    await reading;
    expect(seen.filter((one) => typeof one === "number")).toEqual([1, 2, 3, 4]);
  });
});

describe("ws", () => {
  test("is let in once by a ticket, and is refused the second time", async () => {
    const ticket = await ticketOf(client());
    const protocols = ["naru.v1", `naru.ticket.${ticket}`];
    const first = stage.rawSocket(protocols);
    await first.opened;
    expect(first.socket.protocol).toBe("naru.v1");
    expect(await stage.rawSocket(protocols).refused).toBe(401);
    first.socket.terminate();
  });

  test("is closed with 4101 when it does not read, while others hear everything", async () => {
    const naru = client();
    const heard = await follow(naru, "public:heavy");
    const stalled = stage.rawSocket(["naru.v1"], { "X-API-Key": stage.runtime.demoKey });
    await stalled.opened;
    stalled.send("subscribe", { channel: "public:heavy" });
    await until(async () => stalled.frames.some(({ type }) => type === "subscribed"));
    stalled.socket.pause();
    const text = "x".repeat(60_000);
    for (const n of numbers(1, 40)) await publish(naru, "public:heavy", `${n} ${text}`);
    await until(async () => heard.payloads.length === 40);
    expect(heard.payloads.map((one) => Number.parseInt(String(one), 10))).toEqual(numbers(1, 40));
    expect(heard.entries).toHaveLength(1);
    stalled.socket.resume();
    expect(await stalled.closed).toBe(4101);
    expect(stalled.frames.at(-1)).toMatchObject({
      type: "goodbye",
      data: { code: 4101, reconnect: "backoff" },
    });
  });
});

interface PartyData {
  readonly epoch: string;
  readonly offset: number;
  readonly payload: number;
  readonly events: readonly PartyData[];
  readonly items: readonly PartyData[];
}

test("partysocket comes back with a new ticket and goes on where it was", async () => {
  const naru = client();
  const seen: number[] = [];
  let place: { epoch: string; offset: number } | undefined;
  const socket = new PartySocket(
    `${stage.front.origin.replace("http", "ws")}/ws/realtime`,
    async () => ["naru.v1", `naru.ticket.${await ticketOf(naru)}`],
    { minReconnectionDelay: 50, maxReconnectionDelay: 100 },
  );
  const note = (data: { offset: number; payload: number }): void => {
    seen.push(data.payload);
    if (place) place.offset = data.offset;
  };
  socket.addEventListener("open", () => {
    const subs = [{ channel: "public:party", ...place }];
    const frame = {
      type: "connect",
      request_id: "c",
      data: { subs },
      timestamp: "2026-11-21T06:00:00.000Z",
    };
    socket.send(JSON.stringify(frame));
  });
  socket.addEventListener("message", ({ data }) => {
    const frame = JSON.parse(String(data)) as { type: string; data: PartyData };
    const { epoch, offset, events, items } = frame.data;
    if (frame.type === "subscribed") {
      place = { epoch, offset };
      for (const event of events) note(event);
    } else if (frame.type === "event") note(frame.data);
    else if (frame.type === "batch") for (const event of items) note(event);
  });
  await until(async () => place !== undefined);
  await publish(naru, "public:party", 1);
  await until(async () => seen.length === 1);
  stage.front.cut();
  for (const n of [2, 3]) await publish(naru, "public:party", n);
  await until(async () => seen.length === 3);
  socket.close();
  expect(seen).toEqual([1, 2, 3]);
});

const chromium = findChromium();

describe.skipIf(chromium === null)("Chromium (skipped where none is installed)", () => {
  test("is told what is published at a listed origin, and is not let in from another", async () => {
    const browser = await startChromium(chromium ?? "");
    const pages = [await servePages(PAGES, BUILT), await servePages(FOREIGN_PAGES, BUILT)] as const;
    try {
      const heard = await browser.run(
        pages[0].origin,
        `const { createNaru } = await import("/naru.js");
        const naru = createNaru({ url: ${JSON.stringify(stage.front.origin)}, credential: { apiKey: ${JSON.stringify(stage.runtime.demoKey)} } });
        const heard = new Promise((resolve) => {
          naru.realtime.subscribe("public:page", { onEvent: ({ payload }) => resolve(payload) }).ready
            .then(() => naru.realtime.publish("public:page", "note", "from a page"));
        });
        naru.realtime.connect();
        return heard;`,
      );
      expect(heard).toBe("from a page");
      const ticket = await ticketOf(client());
      const protocols = ["naru.v1", `naru.ticket.${ticket}`];
      const foreign = await browser.run(
        pages[1].origin,
        `const socket = new WebSocket(${JSON.stringify(`${stage.front.origin.replace("http", "ws")}/ws/realtime`)}, ${JSON.stringify(protocols)});
        return new Promise((resolve) => {
          socket.onopen = () => resolve("open");
          socket.onclose = ({ code }) => resolve(code);
        });`,
      );
      expect(foreign).toBe(1006);
      // It was the page's origin: the ticket is good, and was not used up.
      const own = stage.rawSocket(protocols);
      await own.opened;
      own.socket.terminate();
    } finally {
      await browser.stop();
      for (const page of pages) await page.stop();
    }
  });
});
