import { describe, expect, test } from "vitest";
import { createResolver } from "#egress/dns-client";
import { manualTimer } from "../../support/outside";

interface Records {
  readonly A?: unknown;
  readonly AAAA?: unknown;
}

const answer = (...addresses: string[]): object => ({
  Status: 0,
  Answer: addresses.map((data) => ({ type: data.includes(":") ? 28 : 1, TTL: 300, data })),
});
const NONE = { Status: 0 };

function setUp(records: Records | (() => Response | Promise<Response>)) {
  const time = manualTimer();
  const asked: URL[] = [];
  const resolve = createResolver({
    dohUrl: "https://doh.example/dns-query?ct=1",
    timer: time.timer,
    clock: time.now,
    fetch: async (url) => {
      asked.push(new URL(url));
      if (typeof records === "function") return records();
      const type = new URL(url).searchParams.get("type") as keyof Records;
      return Response.json(records[type] ?? NONE);
    },
  });
  return { resolve, asked, time };
}

test("both families are asked, at the configured resolver", async () => {
  const { resolve, asked } = setUp({ A: answer("93.184.216.34") });
  expect(await resolve("example.com")).toEqual({ ok: true, value: ["93.184.216.34"] });
  expect(asked.map((url) => url.href).sort()).toEqual([
    "https://doh.example/dns-query?ct=1&name=example.com&type=A",
    "https://doh.example/dns-query?ct=1&name=example.com&type=AAAA",
  ]);
});

test("a CNAME on the way is no address", async () => {
  const alias = { type: 5, TTL: 60, data: "other.example.com." };
  const { resolve } = setUp({
    A: { Status: 0, Answer: [alias, { type: 1, TTL: 60, data: "93.184.216.34" }] },
  });
  expect(await resolve("example.com")).toMatchObject({ ok: true });
});

describe("a name that lies is refused", () => {
  test.each([
    ["loopback", { A: answer("127.0.0.1") }],
    ["one private among public", { A: answer("93.184.216.34", "10.0.0.1") }],
    ["public by IPv4, private by IPv6", { A: answer("93.184.216.34"), AAAA: answer("fd00::1") }],
    ["an IPv4-mapped loopback", { AAAA: answer("::ffff:127.0.0.1") }],
    ["metadata", { A: answer("169.254.169.254") }],
    ["what is no address at all", { A: answer("not-an-address") }],
  ])("%s", async (_name, records) => {
    const { resolve } = setUp(records);
    expect(await resolve("evil.example.com")).toEqual({ ok: false, error: "private_address" });
  });
});

test.each([
  ["the name does not exist", { A: { Status: 3 }, AAAA: { Status: 3 } }],
  ["the name has no address", { A: NONE, AAAA: NONE }],
])("%s: no address", async (_name, records) => {
  expect(await setUp(records).resolve("gone.example.com")).toEqual({
    ok: false,
    error: "no_address",
  });
});

describe("whatever else the resolver does is no permission", () => {
  test.each([
    ["SERVFAIL for one family", { A: answer("93.184.216.34"), AAAA: { Status: 2 } }],
    ["REFUSED", { A: { Status: 5 }, AAAA: { Status: 5 } }],
    ["no status", { A: {}, AAAA: {} }],
    ["a status of 500", () => new Response("{}", { status: 500 })],
    ["a redirect", () => new Response(null, { status: 302, headers: { location: "http://x/" } })],
    ["no JSON", () => new Response("<html>captive portal</html>")],
    ["too much", () => new Response(JSON.stringify({ Status: 0, Comment: "x".repeat(70_000) }))],
    ["an unreachable resolver", () => Promise.reject(new TypeError("refused"))],
  ])("%s", async (_name, records) => {
    expect(await setUp(records).resolve("example.com")).toEqual({
      ok: false,
      error: "unavailable",
    });
  });

  test("silence", async () => {
    const { resolve, time } = setUp(() => new Promise<Response>(() => {}));
    const result = resolve("example.com");
    await time.advance(5_000);
    expect(await result).toEqual({ ok: false, error: "unavailable" });
  });
});

describe("answers are kept", () => {
  test("for a short while, however long the record says", async () => {
    const { resolve, asked, time } = setUp({ A: answer("93.184.216.34") });
    await resolve("example.com");
    await time.advance(29_999);
    await resolve("example.com");
    expect(asked.length).toBe(2);
    await time.advance(1);
    await resolve("example.com");
    expect(asked.length).toBe(4);
  });

  test("not at all for a record with no lifetime, the tool of rebinding", async () => {
    const { resolve, asked } = setUp({
      A: { Status: 0, Answer: [{ type: 1, TTL: 0, data: "93.184.216.34" }] },
    });
    await resolve("example.com");
    await resolve("example.com");
    expect(asked.length).toBe(4);
  });

  test("refusals are not", async () => {
    const { resolve, asked } = setUp({ A: { Status: 2 } });
    await resolve("example.com");
    await resolve("example.com");
    expect(asked.length).toBe(4);
  });

  test("for a bounded number of names", async () => {
    const { resolve, asked } = setUp({ A: answer("93.184.216.34") });
    for (let i = 0; i < 513; i++) await resolve(`h${i}.example.com`);
    await resolve("h512.example.com");
    expect(asked.length).toBe(513 * 2);
    await resolve("h0.example.com");
    expect(asked.length).toBe(514 * 2);
  });
});
