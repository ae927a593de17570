import { describe, expect, test } from "vitest";
import { CENTRIFUGE, CENTRIFUGE_PING_S, MAX_COMMANDS } from "#realtime/core/centrifuge";
import { CLOSE, reconnectAfter } from "#realtime/core/codes";
import type { CloseCause } from "#realtime/core/codes";

const NOW = 1_700_000_000_000;
const read = (...commands: object[]) =>
  CENTRIFUGE.read(commands.map((command) => JSON.stringify(command)).join("\n"));
const frames = (...commands: object[]) =>
  read(...commands).map((reading) => (reading.ok ? reading.frame : reading.fault));
const write = (type: string, id: string | null, data: object): unknown => {
  const text = CENTRIFUGE.write(type, id, data, NOW);
  return text === null ? null : text.split("\n").map((line) => JSON.parse(line) as unknown);
};

describe("a command becomes a frame", () => {
  test.each([
    [
      { id: 1, subscribe: { channel: "public:a", flag: 1, recoverable: true } },
      {
        type: "subscribe",
        request_id: "1 subscribe",
        data: { channel: "public:a", presence: false },
      },
    ],
    [
      {
        id: 2,
        subscribe: { channel: "public:a", recover: true, epoch: "e", offset: 7, join_leave: true },
      },
      {
        type: "subscribe",
        request_id: "2 subscribe",
        data: { channel: "public:a", presence: true, recover: { epoch: "e", offset: 7 } },
      },
    ],
    [
      // A client leaves zeros and empty texts out.
      { id: 3, subscribe: { channel: "public:a", recover: true, flag: 3 } },
      {
        type: "subscribe",
        request_id: "3 subscribe",
        data: {
          channel: "public:a",
          presence: false,
          must_recover: true,
          recover: { epoch: "-", offset: 0 },
        },
      },
    ],
    [
      { id: 4, publish: { channel: "public:a", data: { x: [1] } } },
      {
        type: "publish",
        request_id: "4 publish",
        data: { channel: "public:a", event: "publication", payload: { x: [1] } },
      },
    ],
    [
      { id: 5, history: { channel: "public:a", limit: -1 } },
      {
        type: "history",
        request_id: "5 history",
        data: { channel: "public:a", limit: 300, order: "oldest_first" },
      },
    ],
    [
      { id: 6, history: { channel: "public:a" } },
      {
        type: "history",
        request_id: "6 history none",
        data: { channel: "public:a", limit: 1, order: "oldest_first" },
      },
    ],
    [
      { id: 7, presence_stats: { channel: "public:a" } },
      { type: "presence", request_id: "7 presence_stats", data: { channel: "public:a" } },
    ],
    [{}, { type: "pong", request_id: null, data: {} }],
    [
      { id: 8, rpc: { method: "x" } },
      { kind: "unknown_type", requestId: "8 ?" },
    ],
    [
      { id: 9, subscribe: { channel: "public:a", type: 4 } },
      { kind: "unknown_type", requestId: "9 subscribe" },
    ],
    [
      {
        id: 10,
        history: { channel: "a", limit: 1, reverse: true, since: { offset: 1, epoch: "e" } },
      },
      {
        type: "history",
        request_id: "10 history",
        data: {
          channel: "a",
          limit: 1,
          order: "newest_first",
          since: { offset: 1, epoch: "e" },
        },
      },
    ],
    [{ subscribe: { channel: "public:a" } }, { kind: "malformed", requestId: null }],
    [
      { id: 11, subscribe: { channel: 7 } },
      { kind: "invalid", requestId: "11 ?" },
    ],
    [
      { id: -1, subscribe: {} },
      { kind: "malformed", requestId: null },
    ],
  ])("%j", (command, frame) => expect(frames(command)).toMatchObject([frame]));

  test("several of one text, in order", () => {
    expect(
      frames({ id: 1, unsubscribe: { channel: "a" } }, { id: 2, refresh: { token: "t" } }).map(
        (frame) => "type" in frame && frame.type,
      ),
    ).toEqual(["unsubscribe", "refresh"]);
  });

  test("with the credential that came with it, an empty one being none", () => {
    expect(read({ id: 1, connect: { token: "t" } })).toMatchObject([{ token: "t" }]);
    expect(read({ id: 1, connect: { token: "" } })[0]).not.toHaveProperty("token");
  });

  test.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["a list", "[]"],
    ["nesting without end", `{"id":1,"publish":{"channel":"a","data":${"[".repeat(9_000)}`],
    ["too many at once", Array.from({ length: MAX_COMMANDS + 1 }, () => "{}").join("\n")],
  ])("never out of %s", (_name, text) =>
    expect(CENTRIFUGE.read(text)).toEqual([
      { ok: false, fault: { kind: "malformed", requestId: null } },
    ]),
  );
});

const EVENT = {
  channel: "public:a",
  event: "note",
  id: "evt_1",
  offset: 3,
  payload: { n: 1 },
  cause: "req-1",
};
const PUBLICATION = {
  data: { n: 1 },
  offset: 3,
  tags: { event: "note", id: "evt_1", cause: "req-1" },
};

describe("a frame becomes a reply or a push", () => {
  test.each([
    [
      "connected",
      "1 connect",
      { connection_id: "con_1", expires_at: new Date(NOW + 90_500).toISOString() },
      {
        id: 1,
        connect: { client: "con_1", ping: CENTRIFUGE_PING_S, pong: true, expires: true, ttl: 90 },
      },
    ],
    [
      "connected",
      "1 connect",
      { connection_id: "con_1", expires_at: null },
      { connect: { client: "con_1" } },
    ],
    [
      "refreshed",
      "1 refresh",
      { expires_at: new Date(NOW + 100).toISOString() },
      { id: 1, refresh: { expires: true, ttl: 1 } },
    ],
    ["ack", "2 publish", { channel: "public:a", offset: 1 }, { id: 2, publish: {} }],
    ["unsubscribed", "3 unsubscribe", { channel: "public:a" }, { id: 3, unsubscribe: {} }],
    [
      "unsubscribed",
      null,
      { channel: "room:a", reason: "removed" },
      { push: { channel: "room:a", unsubscribe: { code: 2000, reason: "removed" } } },
    ],
    [
      "presence",
      "4 presence",
      { members: [{ user_id: "u", connection_id: "c" }], count: 1 },
      { id: 4, presence: { presence: { c: { client: "c", user: "u" } } } },
    ],
    [
      "presence",
      "4 presence_stats",
      { members: [{ user_id: "u" }, { user_id: "u" }], count: 2 },
      { id: 4, presence_stats: { num_clients: 2, num_users: 1 } },
    ],
    [
      "history",
      "5 history",
      { epoch: "e", offset: 3, recovered: true, events: [EVENT] },
      { id: 5, history: { epoch: "e", offset: 3, publications: [PUBLICATION] } },
    ],
    [
      "history",
      "5 history none",
      { epoch: "e", offset: 3, recovered: true, events: [EVENT] },
      { history: { epoch: "e", offset: 3, publications: [] } },
    ],
    [
      "history",
      "5 history",
      { epoch: "e", offset: 3, recovered: false, events: [] },
      { id: 5, error: { code: 112 } },
    ],
    ["error", "6 subscribe", { code: "CHANNEL_NOT_FOUND" }, { id: 6, error: { code: 102 } }],
    ["error", "6 subscribe", { code: "CHANNEL_FORBIDDEN" }, { error: { code: 103 } }],
    ["error", "6 ?", { code: "UNKNOWN_FRAME_TYPE" }, { error: { code: 104 } }],
    ["error", "6 subscribe", { code: "TOO_MANY_CHANNELS" }, { error: { code: 106 } }],
    ["error", "6 subscribe", { code: "POSITION_NOT_KEPT" }, { error: { code: 112 } }],
    ["error", "6 connect", { code: "INVALID_TOKEN" }, { error: { code: 109 } }],
    ["error", "6 publish", { code: "RATE_LIMITED" }, { error: { code: 111, temporary: true } }],
    [
      "error",
      "6 publish",
      { code: "DEPENDENCY_UNAVAILABLE" },
      { error: { code: 100, temporary: true } },
    ],
    ["ping", null, {}, {}],
  ])("%s %s", (type, id, data, reply) => expect(write(type, id, data)).toMatchObject([reply]));

  test("of who came and went, a push each", () => {
    const data = {
      channel: "public:a",
      joined: [{ user_id: "a", connection_id: "1" }],
      left: [{ user_id: "b", connection_id: "2" }],
    };
    expect(write("presence", null, data)).toEqual([
      { push: { channel: "public:a", join: { info: { user: "a", client: "1" } } } },
      { push: { channel: "public:a", leave: { info: { user: "b", client: "2" } } } },
    ]);
    expect(
      write("presence", null, { channel: "public:a", joined: [], left: [], count: 9 }),
    ).toBeNull();
  });

  test.each(["goodbye", "error", "connected"])("and %s without a request is not said", (type) =>
    expect(write(type, null, {})).toBeNull(),
  );

  test("of an event, with the payload as its data", () => {
    const json = JSON.stringify(EVENT);
    const push = { push: { channel: "public:a", pub: PUBLICATION } };
    expect(JSON.parse(CENTRIFUGE.event(json, NOW))).toEqual(push);
    expect(
      CENTRIFUGE.batch("public:a", [json, json], NOW)
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([push, push]);
  });

  test("of a subscription, which after a recovery counts on from where the client was", () => {
    const data = { channel: "public:a", epoch: "e", offset: 3, was_recovering: true };
    const answer = (recovered: boolean): unknown =>
      JSON.parse(
        CENTRIFUGE.subscribed(
          "1 subscribe",
          { ...data, recovered },
          [JSON.stringify(EVENT)],
          2,
          NOW,
        ),
      );
    expect(answer(true)).toMatchObject({
      id: 1,
      subscribe: {
        epoch: "e",
        offset: 2,
        recovered: true,
        recoverable: true,
        publications: [PUBLICATION],
      },
    });
    expect(answer(false)).toMatchObject({ subscribe: { offset: 3, recovered: false } });
  });
});

test.each(Object.keys(CLOSE) as CloseCause[])(
  "a line that ends because of '%s' is told the same about coming back in either protocol",
  (cause) => {
    const { code } = CENTRIFUGE.close[cause];
    // A client of theirs stays away after these, and after a frame that is too large.
    const staysAway = (code >= 3500 && code < 4000) || code === 1009;
    expect(staysAway).toBe(reconnectAfter(CLOSE[cause].code) === "no");
  },
);
