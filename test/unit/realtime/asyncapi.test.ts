import { Parser } from "@asyncapi/parser";
import { describe, expect, test } from "vitest";
import { CLIENT_DATA } from "#realtime/core/frames";
import { SERVER_FRAMES, serverFrameFault } from "#realtime/core/server-frames";
import { createApp } from "#app";

/** Errors and warnings, as the parser counts them. */
const WORSE_THAN_HINTS: readonly number[] = [0, 1];

const readDocument = async (): Promise<string> => {
  const response = await createApp().request(
    "/asyncapi.json",
    {},
    { LOG_LEVEL: "error", ENABLE_METRICS: "0" },
  );
  expect(response.status).toBe(200);
  return response.text();
};

describe("/asyncapi.json", () => {
  test("is taken without a complaint by the reference parser, which resolves every reference", async () => {
    const { document, diagnostics } = await new Parser().parse(await readDocument());
    expect(diagnostics.filter(({ severity }) => WORSE_THAN_HINTS.includes(severity))).toEqual([]);
    expect(document?.version()).toBe("3.0.0");
    const [channel] = document?.channels().all() ?? [];
    expect(channel?.address()).toBe("/ws/realtime");
  });

  test("has every frame of either side, and an operation for all that goes by itself", async () => {
    const { document } = await new Parser().parse(await readDocument());
    const operations = document?.operations().all() ?? [];
    const received = operations.filter((one) => one.action() === "receive");
    expect(new Set(received.map((one) => one.id()))).toEqual(
      new Set(Object.keys(CLIENT_DATA).map((type) => `client.${type}`)),
    );
    const named = new Set(
      operations.flatMap((one) => [
        ...one.messages().all(),
        ...(one.reply()?.messages().all() ?? []),
      ]),
    );
    const ids = [...named].map((message) => message.id());
    for (const name of Object.keys(SERVER_FRAMES)) expect(ids).toContain(name);
  });

  test("says of each answer where the request's id stands", async () => {
    const { document } = await new Parser().parse(await readDocument());
    for (const message of document?.messages().all() ?? [])
      expect(message.correlationId()?.location()).toBe("$message.payload#/request_id");
  });

  test("refers to nothing that is not in it", async () => {
    const text = await readDocument();
    const document = JSON.parse(text) as object;
    for (const [, pointer = ""] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const found = pointer
        .split("/")
        .reduce<unknown>((node, part) => (node as Record<string, unknown>)[part], document);
      expect(found, pointer).toBeTypeOf("object");
    }
  });
});

describe("a frame of the server's", () => {
  const frame = { type: "ack", request_id: "c-1", data: { channel: "public:a", offset: 1 } };
  test.each([
    ["an answer", frame],
    [
      "another answer of the same type",
      { ...frame, data: { task_id: "t", status: "queued", channel: "task:t" } },
    ],
    [
      "a push",
      { type: "unsubscribed", request_id: null, data: { channel: "a", reason: "removed" } },
    ],
  ])("is known: %s", (_name, known) => expect(serverFrameFault(known)).toBeNull());
  test.each([
    ["a type that there is not", { ...frame, type: "nothing" }],
    ["a member too many", { ...frame, data: { ...frame.data, x: 1 } }],
    ["a member too few", { ...frame, data: { offset: 1 } }],
    ["a push under a request's id", { type: "ping", request_id: "c-1", data: {} }],
  ])("is told from what is none: %s", (_name, other) =>
    expect(serverFrameFault(other)).toEqual(expect.any(String)),
  );
});
