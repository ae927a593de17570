import { Centrifuge } from "centrifuge";
import type { PublicationContext, SubscribedContext, Subscription } from "centrifuge";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startRuntime } from "../support/runtime";
import type { Runtime } from "../support/runtime";

/** The client of Centrifugo as it is published, over the bundles that a deployment would upload. */

let runtime: Runtime;
const clients: Centrifuge[] = [];

beforeAll(async () => {
  runtime = await startRuntime({ LOG_LEVEL: "error" });
});

afterAll(async () => {
  for (const client of clients) client.disconnect();
  await runtime.stop();
});

/** The sockets that a client has opened, so that a test can cut its line. */
interface Cut {
  readonly client: Centrifuge;
  readonly cut: () => void;
}

function newClient(token = runtime.demoKey): Cut {
  const sockets: WebSocket[] = [];
  class Watched extends WebSocket {
    constructor(url: string, protocols?: string | string[]) {
      super(url, protocols);
      sockets.push(this);
    }
  }
  const client = new Centrifuge(`${runtime.origin.replace("http", "ws")}/ws/centrifuge`, {
    token,
    websocket: Watched,
    minReconnectDelay: 300,
    maxReconnectDelay: 600,
  });
  clients.push(client);
  return { client, cut: () => sockets.at(-1)?.close() };
}

const subscribed = (subscription: Subscription): Promise<SubscribedContext> =>
  new Promise((resolve) => {
    subscription.once("subscribed", resolve);
  });

/** What a subscription gets, until it holds. */
function collect(subscription: Subscription): {
  readonly got: PublicationContext[];
  readonly until: (count: number) => Promise<void>;
} {
  const got: PublicationContext[] = [];
  let look = (): void => undefined;
  subscription.on("publication", (context) => {
    got.push(context);
    look();
  });
  return {
    got,
    until: (count) =>
      new Promise((resolve) => {
        look = () => {
          if (got.length >= count) resolve();
        };
        look();
      }),
  };
}

test("a client that closes is answered, and not left to its own timeout", async () => {
  const socket = new WebSocket(`${runtime.origin.replace("http", "ws")}/ws/centrifuge`);
  await new Promise((resolve) => {
    socket.addEventListener("open", resolve);
  });
  const closed = new Promise<CloseEvent>((resolve) => {
    socket.addEventListener("close", resolve);
  });
  socket.close();
  expect(await closed).toMatchObject({ code: 1000, wasClean: true });
});

describe("the published client of Centrifugo", () => {
  test("gets what it missed, in order and once, after its line was cut", async () => {
    const channel = "public:centrifuge-cut";
    const [reader, writer] = [newClient(), newClient()];
    reader.client.connect();
    writer.client.connect();
    await Promise.all([reader.client.ready(), writer.client.ready()]);
    const subscription = reader.client.newSubscription(channel);
    const { got, until } = collect(subscription);
    const first = subscribed(subscription);
    subscription.subscribe();
    expect(await first).toMatchObject({ recoverable: true, wasRecovering: false });
    await writer.client.publish(channel, { n: 1 });
    await until(1);
    const again = subscribed(subscription);
    // Nothing comes back before 300 ms are over: all of these are missed.
    reader.cut();
    for (let n = 2; n <= 6; n++) await writer.client.publish(channel, { n });
    expect(await again).toMatchObject({ wasRecovering: true, recovered: true });
    await writer.client.publish(channel, { n: 7 });
    await until(7);
    expect(got.map(({ data }) => data as unknown)).toEqual(
      [1, 2, 3, 4, 5, 6, 7].map((n) => ({ n })),
    );
    expect(got.map(({ offset }) => offset)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test("is told that it lost its place where the log is another", async () => {
    const channel = "public:centrifuge-epoch";
    const { client } = newClient();
    client.connect();
    await client.ready();
    await client.publish(channel, { n: 1 });
    const subscription = client.newSubscription(channel, {
      since: { epoch: "of-another-log", offset: 1 },
    });
    const opened = subscribed(subscription);
    subscription.subscribe();
    const context = await opened;
    expect(context).toMatchObject({ wasRecovering: true, recovered: false });
    expect(context.streamPosition).toMatchObject({ offset: 1 });
    expect(context.streamPosition?.epoch).not.toBe("of-another-log");
  });

  test("reads history and presence", async () => {
    const channel = "public:centrifuge-reads";
    const { client } = newClient();
    client.connect();
    await client.ready();
    const subscription = client.newSubscription(channel, { joinLeave: true });
    subscription.subscribe();
    await subscription.ready();
    for (let n = 1; n <= 3; n++) await subscription.publish({ n });
    const newest = await subscription.history({ limit: 2, reverse: true });
    expect(newest.publications.map(({ data }) => data as unknown)).toEqual([{ n: 3 }, { n: 2 }]);
    const { epoch } = newest;
    const rest = await subscription.history({ limit: 10, since: { epoch, offset: 1 } });
    expect(rest.publications.map(({ offset }) => offset)).toEqual([2, 3]);
    const oldest = await subscription.history({ limit: 2 });
    expect(oldest.publications.map(({ offset }) => offset)).toEqual([1, 2]);
    const back = await subscription.history({
      limit: 5,
      since: { epoch, offset: 3 },
      reverse: true,
    });
    expect(back.publications.map(({ offset }) => offset)).toEqual([2, 1]);
    expect(await subscription.history({})).toMatchObject({ publications: [], offset: 3, epoch });
    await expect(
      subscription.history({ limit: 1, since: { epoch: "other", offset: 1 } }),
    ).rejects.toMatchObject({ code: 112 });
    const { clients: present } = await subscription.presence();
    expect(Object.keys(present)).toHaveLength(1);
    expect(await subscription.presenceStats()).toEqual({ numClients: 1, numUsers: 1 });
    subscription.unsubscribe();
    expect(await client.presenceStats(channel)).toEqual({ numClients: 0, numUsers: 0 });
  });

  test("reads its state anew where not all that it missed is kept", async () => {
    const channel = "public:centrifuge-state";
    const { client } = newClient();
    client.connect();
    await client.ready();
    await client.publish(channel, { n: 1 });
    const { epoch } = await client.history(channel, {});
    const places = [
      { epoch: "of-another-log", offset: 1 },
      { epoch, offset: 0 },
    ];
    let reads = 0;
    const subscription = client.newSubscription(channel, {
      getState: async () => places[Math.min(reads++, 1)] ?? { epoch, offset: 0 },
    });
    const { got, until } = collect(subscription);
    const opened = subscribed(subscription);
    subscription.subscribe();
    expect(await opened).toMatchObject({ wasRecovering: true, recovered: true });
    await until(1);
    expect(reads).toBe(2);
    expect(got.map(({ offset }) => offset)).toEqual([1]);
  });

  test("is told which connections come and go", async () => {
    const channel = "public:centrifuge-comers";
    const [host, guest] = [newClient().client, newClient().client];
    const id = (client: Centrifuge): Promise<string> =>
      new Promise((resolve) => {
        client.once("connected", ({ client: given }) => {
          resolve(given);
        });
      });
    const ids = [id(host), id(guest)];
    host.connect();
    guest.connect();
    const [, guestId] = await Promise.all(ids);
    const subscription = host.newSubscription(channel, { joinLeave: true });
    subscription.subscribe();
    await subscription.ready();
    const told = (word: "join" | "leave"): Promise<string> =>
      new Promise((resolve) => {
        subscription.on(word, ({ info }) => {
          if (info.client === guestId) resolve(info.client);
        });
      });
    const [joins, leaves] = [told("join"), told("leave")];
    const visit = guest.newSubscription(channel);
    visit.subscribe();
    expect(await joins).toBe(guestId);
    visit.unsubscribe();
    expect(await leaves).toBe(guestId);
  });

  test("is refused where it may not go, and stays away with a credential that is none", async () => {
    const { client } = newClient();
    client.connect();
    await client.ready();
    await expect(client.publish("user:somebody", {})).rejects.toMatchObject({ code: 102 });
    await expect(client.rpc("anything", {})).rejects.toMatchObject({ code: 104 });
    const stranger = newClient("nobody").client;
    const ended = new Promise((resolve) => {
      stranger.once("disconnected", resolve);
    });
    stranger.connect();
    expect(await ended).toMatchObject({ code: 3500 });
  });

  test("shows a new token before the old one ends", async () => {
    const email = `centrifuge-${Date.now()}@example.com`;
    const call = async (path: string, body: object): Promise<{ access_token: string }> => {
      const response = await fetch(`${runtime.origin}/api/v1/auth/${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      return (await response.json()) as { access_token: string };
    };
    const password = "correct horse battery";
    await call("register", { email, password, name: "Centrifuge" });
    const { access_token: token } = await call("login", { email, password });
    const { client } = newClient(token);
    client.connect();
    await client.ready();
    const next = await call("login", { email, password });
    const replies: unknown[] = [];
    // The client asks for it by a timer of its own, a good while from here; the command is the same.
    const own = client as unknown as {
      _call: (command: object) => Promise<{ reply: unknown; next?: () => void }>;
    };
    const asked = own._call({ refresh: { token: next.access_token } });
    const answer = await asked;
    answer.next?.();
    replies.push(answer.reply);
    expect(replies).toMatchObject([{ refresh: { expires: true } }]);
  });
});
