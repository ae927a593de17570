import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { MIN_COMPRESSED_BYTES } from "#http/compression";
import { probe } from "../../support/http-app";

/** What a browser is told on every answer of the Worker. */
const SECURITY_HEADERS = {
  "content-security-policy": /default-src 'none'.*frame-ancestors 'none'/,
  "cross-origin-opener-policy": /^same-origin$/,
  "cross-origin-resource-policy": /^same-origin$/,
  "permissions-policy": /camera=\(\)/,
  "referrer-policy": /^no-referrer$/,
  "strict-transport-security": /max-age=63072000/,
  "x-content-type-options": /^nosniff$/,
  "x-frame-options": /^DENY$/,
};

function expectConventions(response: Response): void {
  for (const [name, value] of Object.entries(SECURITY_HEADERS))
    expect(response.headers.get(name), name).toMatch(value);
  expect(response.headers.get("x-request-id")).toMatch(/^req_[0-9a-z]{26}$/);
  expect(response.headers.get("server-timing")).toMatch(/total;dur=\d+/);
  expect(response.headers.get("content-language")).toBe("ko");
  expect(response.headers.get("vary")).toContain("Accept-Language");
}

describe("every answer carries its id, its timing, its language and the security headers", () => {
  test.each([
    ["an answer", "/probe/items/i1", {}],
    ["a route that is not there", "/nowhere", {}],
    ["a method that is not served", "/probe/items/i1", { method: "PATCH" }],
    ["OPTIONS", "/probe/items/i1", { method: "OPTIONS" }],
    ["HEAD", "/probe/items/i1", { method: "HEAD" }],
    ["a refused body", "/probe/items/i1", { method: "PUT", body: "{" }],
    ["a refused URL", "/probe/items/i1?token=x", {}],
    ["a failure", "/probe/fail", { method: "POST" }],
  ])("%s", async (_what, path, init) => {
    expectConventions(await probe({ thrown: new Error("x") }).fetch(path, init));
  });

  test("an answer whose headers are immutable, as another Worker's are", async () => {
    const answer = Response.redirect("http://elsewhere.test/", 302);
    expect(() => {
      answer.headers.set("a", "b");
    }).toThrow();
    const response = await probe({ answer: () => answer }).fetch("/probe/raw", {
      redirect: "manual",
    });
    expect(response.headers.get("location")).toBe("http://elsewhere.test/");
    expectConventions(response);
  });

  test("an answer of a server with unsafe settings", async () => {
    const settings = { ENVIRONMENT: "production", SECRET_KEY: "" };
    expectConventions(await probe({ settings }).fetch("/probe/raw"));
  });
});

test("a policy of its own, which a page brings, is left as it is", async () => {
  const answer = new Response("", { headers: { "Content-Security-Policy": "default-src 'self'" } });
  const response = await probe({ answer: () => answer }).fetch("/probe/raw");
  expect(response.headers.get("content-security-policy")).toBe("default-src 'self'");
});

test("a WebSocket upgrade goes through untouched", async () => {
  const pair = new WebSocketPair();
  pair[1].accept();
  pair[1].send("hello");
  const upgrade = new Response(null, { status: 101, webSocket: pair[0] });
  const response = await probe({ answer: () => upgrade }).fetch("/probe/raw", {
    headers: { Upgrade: "websocket" },
  });
  expect(response.status).toBe(101);
  const socket = response.webSocket;
  const heard = new Promise((resolve) => {
    socket?.addEventListener("message", ({ data }) => {
      resolve(data);
    });
  });
  socket?.accept();
  expect(await heard).toBe("hello");
  socket?.close();
});

describe("X-Request-Id", () => {
  test.each(["a", "A.b_c-9", "x".repeat(128)])("keeps the caller's %j", async (id) => {
    const response = await probe().fetch("/probe/raw", { headers: { "X-Request-Id": id } });
    expect(response.headers.get("x-request-id")).toBe(id);
  });

  test.each(["", "x".repeat(129), "a b", "a/b", 'a"b', "a\u00e9"])(
    "makes a new one for %j",
    async (id) => {
      const response = await probe().fetch("/probe/raw", { headers: { "X-Request-Id": id } });
      expect(response.headers.get("x-request-id")).toMatch(/^req_/);
    },
  );

  test("is the request_id of a problem", async () => {
    const response = await probe().fetch("/nowhere", { headers: { "X-Request-Id": "mine-1" } });
    expect(await response.json()).toMatchObject({ request_id: "mine-1" });
  });
});

describe("compression", () => {
  const text = (length: number): string => "나".repeat(length);
  const gzip = { headers: { "Accept-Encoding": "br;q=1.0, gzip;q=0.8" } };

  test("an answer of more than a kilobyte is compressed for whoever takes gzip", async () => {
    const body = text(2000);
    const answer = (): Response =>
      new Response(body, { headers: { "Content-Type": "text/plain" } });
    const response = await probe({ answer }).fetch("/probe/raw", gzip);
    expect(response.headers.get("content-encoding")).toBe("gzip");
    expect(response.headers.get("vary")).toContain("Accept-Encoding");
    expect(await response.text()).toBe(body);
  });

  test.each([
    ["the client takes none", {}, "application/json", MIN_COMPRESSED_BYTES],
    ["the client forbids it", { "Accept-Encoding": "gzip;q=0, *" }, "application/json", 5000],
    ["the body is small", gzip.headers, "application/json", MIN_COMPRESSED_BYTES - 1],
    ["the type does not shrink", gzip.headers, "image/png", 5000],
    ["it is a stream of events", gzip.headers, "text/event-stream", 5000],
  ])("nothing is compressed where %s", async (_why, headers, type, length) => {
    const body = "x".repeat(length);
    const answer = (): Response => new Response(body, { headers: { "Content-Type": type } });
    const response = await probe({ answer }).fetch("/probe/raw", { headers });
    expect(response.headers.get("content-encoding")).toBeNull();
    expect(await response.text()).toBe(body);
  });

  test("a body that comes in pieces arrives whole", async () => {
    const pieces = Array.from({ length: 200 }, (_, i) => `piece ${i};`);
    const body = (): ReadableStream<Uint8Array> => {
      const waiting = pieces.map((piece) => new TextEncoder().encode(piece));
      return new ReadableStream({
        pull(controller) {
          const piece = waiting.shift();
          if (piece === undefined) controller.close();
          else controller.enqueue(piece);
        },
      });
    };
    const headers = { "Content-Type": "application/json" };
    const answer = (): Response => new Response(body(), { headers });
    const response = await probe({ answer }).fetch("/probe/raw", gzip);
    expect(response.headers.get("content-encoding")).toBe("gzip");
    expect(await response.text()).toBe(pieces.join(""));
  });

  test("the tag of a compressed answer is weak and still gets a 304", async () => {
    const path = "/probe/items/i1?length=3000";
    const response = await probe().fetch(path, gzip);
    const etag = response.headers.get("etag") ?? "";
    expect(etag).toMatch(/^W\/"/);
    const again = await probe().fetch(path, {
      headers: { ...gzip.headers, "If-None-Match": etag },
    });
    expect(again.status).toBe(304);
  });
});

describe("ETag", () => {
  test("a second GET with the tag is 304 without a body", async () => {
    const first = await probe().fetch("/probe/items/i1");
    const etag = first.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    const second = await probe().fetch("/probe/items/i1", { headers: { "If-None-Match": etag } });
    expect(second.status).toBe(304);
    expect(await second.text()).toBe("");
    expect(second.headers.get("etag")).toBe(etag);
    expect(second.headers.get("content-type")).toBeNull();
  });

  test("another representation has another tag", async () => {
    const [one, two] = await Promise.all(
      ["1", "2"].map((length) => probe().fetch(`/probe/items/i1?length=${length}`)),
    );
    expect(one?.headers.get("etag")).not.toBe(two?.headers.get("etag"));
  });

  test("an error is never tagged, so that no client keeps it for the resource", async () => {
    const response = await probe().fetch("/probe/items/i1?length=x", {
      headers: { "If-None-Match": "*" },
    });
    expect(response.status).toBe(422);
    expect(response.headers.get("etag")).toBeNull();
  });
});

test("HEAD answers as GET does, without a body", async () => {
  const [get, head] = await Promise.all([
    probe().fetch("/probe/items/i1"),
    probe().fetch("/probe/items/i1", { method: "HEAD" }),
  ]);
  expect(head.status).toBe(get.status);
  expect(head.headers.get("etag")).toBe(get.headers.get("etag"));
  expect(head.headers.get("content-type")).toBe(get.headers.get("content-type"));
  expect(await head.text()).toBe("");
});

describe.each([
  ["a small answer", 1],
  ["one that is worth compressing", 3000],
])("HEAD of %s", (_what, length) => {
  test.each(["gzip", "identity"])(
    "has the headers of GET for a client that takes %s",
    async (encoding) => {
      const ask = (method: string): Promise<Response> =>
        probe().fetch(`/probe/items/i1?length=${length}`, {
          method,
          headers: { "Accept-Encoding": encoding },
        });
      const told = ({ headers }: Response): Record<string, string> => {
        const {
          "x-request-id": _id,
          "server-timing": _timing,
          ...same
        } = Object.fromEntries(headers);
        return same;
      };
      const [get, head] = [await ask("GET"), await ask("HEAD")];
      expect(told(head)).toEqual(told(get));
      expect(head.headers.get("content-encoding")).toBe(
        encoding === "gzip" && length > 1 ? "gzip" : null,
      );
      expect(await head.text()).toBe("");
      await get.text();
    },
  );
});

test.each([
  ["looked at", "image/png"],
  ["looked into to see whether it is worth compressing", "text/plain"],
])("HEAD ends what feeds the body that nobody will read, though it was %s", async (_how, type) => {
  const chunk = new Uint8Array(600);
  const cancelled = Promise.withResolvers<true>();
  const body = new ReadableStream({
    pull(controller) {
      controller.enqueue(chunk);
    },
    cancel() {
      cancelled.resolve(true);
    },
  });
  const answer = (): Response => new Response(body, { headers: { "Content-Type": type } });
  await probe({ answer }).fetch("/probe/raw", {
    method: "HEAD",
    headers: { "Accept-Encoding": "gzip" },
  });
  expect(await cancelled.promise).toBe(true);
});

test("every answer of a retired route tells so, errors included", async () => {
  const { fetch } = probe();
  for (const init of [{}, { headers: { Accept: "image/png" } }]) {
    const response = await fetch("/probe/old", init);
    expect(response.headers.get("deprecation")).toBe(`@${Date.UTC(2026, 0, 1) / 1000}`);
    expect(response.headers.get("sunset")).toBe("Fri, 01 Jan 2027 00:00:00 GMT");
    expect(response.headers.get("link")).toContain('</probe/new>; rel="successor-version"');
    expect(response.headers.get("link")).toContain('rel="deprecation"');
  }
});

test("the settings can switch the security headers off, and nothing else with them", async () => {
  const settings = { ENABLE_SECURITY_HEADERS: "0" };
  const response = await probe({ settings }).fetch("/probe/raw");
  expect(response.headers.get("x-frame-options")).toBeNull();
  expect(response.headers.get("cache-control")).toBe("no-store");
});

test("the test project's own settings are sound", () => {
  expect(env.SECRET_KEY.length).toBeGreaterThanOrEqual(32);
});
