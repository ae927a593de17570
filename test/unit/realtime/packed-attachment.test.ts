import { serialize } from "node:v8";
import { describe, expect, test } from "vitest";
import type { Attachment, SocketIdentity } from "#realtime/core/attachment";
import { MAX_CHANNEL_CHARS } from "#realtime/core/channel-name";
import { MAX_CHANNELS } from "#realtime/core/frames";
import { packAttachment, unpackAttachment } from "#realtime/core/packed-attachment";

const session: SocketIdentity = {
  ownerId: "usr_1",
  role: "user",
  scopes: ["chat", "realtime"],
  credential: {
    kind: "session",
    ownerId: "usr_1",
    sessionId: "ses_1",
    tokenId: "t1",
    clientId: "",
    scopes: ["chat", "realtime"],
    expiresAtMs: 1_800_000_000_000,
  },
  gate: "gate:usr_1",
  locale: "ko",
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
};
const base: Attachment = { id: "con_1", identity: session, isFluent: false, subscriptions: [] };

describe("what a socket remembers", () => {
  test.each<[string, Attachment]>([
    ["a session's", base],
    ["a key's", { ...base, identity: { ...session, credential: { keyId: "k", hash: "h" } } }],
    [
      "a token's with fewer scopes, and a service's",
      {
        ...base,
        identity: {
          ...session,
          scopes: [],
          credential: {
            kind: "session",
            ownerId: null,
            sessionId: null,
            tokenId: "t",
            clientId: "c",
            scopes: ["realtime"],
            expiresAtMs: 1,
          },
        },
      },
    ],
    [
      "channels with and without presence",
      {
        ...base,
        isFluent: true,
        subscriptions: [
          { channel: "public:a", wantsPresence: true },
          { channel: "room:b", wantsPresence: false },
        ],
      },
    ],
    ["another protocol's", { ...base, protocol: "centrifuge", address: "::1", askedAtMs: 0 }],
    ["another protocol's, asked nothing", { ...base, protocol: "centrifuge", address: "::1" }],
  ])("%s comes back whole", (_name, attachment) => {
    expect(unpackAttachment(structuredClone(packAttachment(attachment)))).toEqual(attachment);
  });

  test("fits into 16 KiB with as many channels as there may be", () => {
    const subscriptions = Array.from({ length: MAX_CHANNELS }, (_, i) => ({
      channel: `public:${i}`.padEnd(MAX_CHANNEL_CHARS, "x"),
      wantsPresence: true,
    }));
    expect(serialize(packAttachment({ ...base, subscriptions })).length).toBeLessThan(16_384);
  });

  test.each([[null], [{ v: 1, id: "con_1" }], [[1, "con_1"]], ["con_1"]])(
    "%j of another release is nothing",
    (packed) => expect(unpackAttachment(packed)).toBeNull(),
  );
});
