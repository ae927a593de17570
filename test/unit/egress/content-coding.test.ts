import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { ACCEPT_ENCODING } from "#egress/content-coding";
import { failed, fetched, setUp, START, text } from "../../support/egress";

const HTML = "<title>Ferries</title>";

/** A target whose body is packed so, on a runtime that unpacks nothing. */
const packed = (body: Uint8Array, coding: string, status = 200) =>
  setUp({
    [START]: () =>
      new Response(new Uint8Array(body), { status, headers: { "content-encoding": coding } }),
  });

describe("a packed body", () => {
  test.each([
    ["deflate", deflateSync(HTML)],
    ["deflate", deflateRawSync(HTML)],
    ["Deflate", deflateSync(HTML)],
    ["GZIP", gzipSync(HTML)],
    ["x-gzip", gzipSync(HTML)],
    ["deflate, gzip", gzipSync(deflateSync(HTML))],
    ["identity", Buffer.from(HTML)],
    ["", Buffer.from(HTML)],
    // What the runtime itself has undone.
    ["gzip", Buffer.from(HTML)],
    ["br", Buffer.from(HTML)],
    ["deflate", Buffer.alloc(0)],
  ])("as %j is unpacked (%#)", async (coding, body) => {
    const { run } = packed(body, coding);
    expect(text(await fetched(run()))).toBe(body.length === 0 ? "" : HTML);
  });

  test.each(["zstd", "BR", "gzip, br", "gzip, gzip, gzip", "deflate; q=1"])(
    "as %j is refused, and its transfer ends",
    async (coding) => {
      const { run, time } = packed(Buffer.from("?"), coding);
      expect(await failed(run())).toMatchObject({
        code: "UNSUPPORTED_CONTENT",
        params: { content_encoding: coding },
        isRetryable: false,
      });
      expect(time.pending()).toBe(0);
    },
  );

  test("is counted as it unfolds: a small one that becomes huge is cut off", async () => {
    const bomb = deflateSync(Buffer.alloc(900_000));
    expect(bomb.length).toBeLessThan(1_000);
    const { run } = packed(bomb, "deflate");
    expect(await failed(run())).toMatchObject({ code: "RESPONSE_TOO_LARGE" });
    expect((await fetched(run({ truncate: true }))).bytes.length).toBe(1_000);
  });

  test("of exactly the cap passes", async () => {
    const { run } = packed(deflateSync(Buffer.alloc(1_000)), "deflate");
    expect((await fetched(run())).bytes.length).toBe(1_000);
  });

  test("that is damaged or ends early fails", async () => {
    for (const body of [deflateSync(HTML).subarray(0, 12), Buffer.from([0x78, 0x9c, 255, 255])]) {
      const { run } = packed(body, "deflate");
      expect(await failed(run())).toMatchObject({ code: "FETCH_FAILED", isTransport: false });
    }
  });

  test("of an error answer is left as it is", async () => {
    const { run } = packed(Buffer.from("?"), "zstd", 404);
    expect((await fetched(run())).status).toBe(404);
  });
});

test("a request says what can be unpacked, also across origins, and a caller's own wish wins", async () => {
  const { run, network } = setUp({
    [START]: () =>
      new Response(null, { status: 302, headers: { location: "https://b.example.com/" } }),
    "https://b.example.com/": () => new Response("x"),
  });
  await run();
  await run({ headers: { "Accept-Encoding": "identity" } });
  expect(
    network.requests.map(({ init }) => (init.headers as Record<string, string>)["accept-encoding"]),
  ).toEqual([ACCEPT_ENCODING, ACCEPT_ENCODING, "identity", "identity"]);
});
