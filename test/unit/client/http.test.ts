import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createNaru } from "#client/naru";
import type { NaruOptions, StreamEvent } from "#client/naru";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Asked {
  readonly url: string;
  readonly method: string | undefined;
  readonly headers: Headers;
  readonly body: unknown;
}

type Reply = Response | Error;

/** A client whose calls are answered from a list, and what it asked. */
function client(replies: Reply[], more: Partial<NaruOptions> = {}) {
  const asked: Asked[] = [];
  const naru = createNaru({
    url: "http://naru.test",
    credential: { apiKey: "key" },
    random: () => 0,
    fetch: async (url, init) => {
      asked.push({ url, method: init.method, headers: new Headers(init.headers), body: init.body });
      const reply = replies.shift();
      if (reply === undefined) throw new Error("Nobody expected another call.");
      if (reply instanceof Error) throw reply;
      return reply;
    },
    ...more,
  });
  return { naru, asked };
}

const problem = (status: number, code: string, headers: Record<string, string> = {}): Response =>
  Response.json(
    { code, status, error: `${code} happened`, title: code },
    {
      status,
      headers: { "Content-Type": "application/problem+json", "X-Request-Id": "req_1", ...headers },
    },
  );

const task = { body: { kind: "echo", input: {} } } as const;

describe("a call", () => {
  test("fills its path and query, and shows the credential and the language", async () => {
    const { naru, asked } = client([Response.json({ events: [] })], { locale: "ko" });
    await naru.call("realtime.history", { params: { channel: "public:a/b" }, query: { limit: 5 } });
    expect(asked[0]?.url).toBe(
      "http://naru.test/api/v1/realtime/channels/public%3Aa%2Fb/history?limit=5",
    );
    expect(asked[0]?.headers.get("x-api-key")).toBe("key");
    expect(asked[0]?.headers.get("accept-language")).toBe("ko");
  });

  test("rejects with the server's problem", async () => {
    const { naru } = client([problem(404, "TASK_NOT_FOUND")]);
    await expect(naru.call("tasks.get", { params: { id: "task_1" } })).rejects.toMatchObject({
      name: "NaruError",
      code: "TASK_NOT_FOUND",
      status: 404,
      requestId: "req_1",
      problem: { error: "TASK_NOT_FOUND happened" },
    });
  });

  test("rejects with a code of its own where a proxy answers", async () => {
    const { naru } = client([new Response("<h1>Bad gateway</h1>", { status: 502 })]);
    await expect(naru.call("tasks.list")).rejects.toMatchObject({
      code: "HTTP_502",
      problem: null,
    });
  });

  test("waits as long as Retry-After says, and carries one Idempotency-Key through all tries", async () => {
    const { naru, asked } = client([
      problem(429, "RATE_LIMITED", { "Retry-After": "3" }),
      problem(503, "DEPENDENCY_UNAVAILABLE"),
      new TypeError("fetch failed"),
      Response.json({ request_id: "task_1" }, { status: 202 }),
    ]);
    const called = naru.call("tasks.create", task);
    await vi.advanceTimersByTimeAsync(2_999);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(10);
    expect(await called).toEqual({ request_id: "task_1" });
    const keys = new Set(asked.map(({ headers }) => headers.get("idempotency-key")));
    expect(keys.size).toBe(1);
    expect([...keys][0]).toMatch(/^[0-9a-f]{32}$/);
  });

  test("does not wait beyond its budget, nor more often than it may", async () => {
    const slow = client([problem(429, "RATE_LIMITED", { "Retry-After": "31" })]);
    await expect(slow.naru.call("tasks.list")).rejects.toMatchObject({ retryAfterMs: 31_000 });
    const often = client(Array.from({ length: 5 }, () => problem(503, "DEPENDENCY_UNAVAILABLE")));
    const called = expect(often.naru.call("tasks.list")).rejects.toMatchObject({ status: 503 });
    await vi.advanceTimersByTimeAsync(60_000);
    await called;
    expect(often.asked).toHaveLength(5);
  });

  test("that may have been carried out is not sent again without a name", async () => {
    for (const reply of [problem(503, "DEPENDENCY_UNAVAILABLE"), new TypeError("fetch failed")]) {
      const { naru, asked } = client([reply]);
      await expect(naru.call("realtime.tickets.create")).rejects.toThrow();
      expect(asked).toHaveLength(1);
    }
  });

  test("asks once for another token where the first is refused", async () => {
    const why: string[] = [];
    const { naru, asked } = client([problem(401, "TOKEN_EXPIRED"), problem(401, "TOKEN_EXPIRED")], {
      credential: { token: (reason) => `t${why.push(reason)}` },
    });
    await expect(naru.call("tasks.list")).rejects.toMatchObject({ status: 401 });
    expect(why).toEqual(["use", "renew"]);
    expect(asked.map(({ headers }) => headers.get("authorization"))).toEqual([
      "Bearer t1",
      "Bearer t2",
    ]);
  });
});

/** A stream in pieces of the given sizes; then its end, or a broken line. */
function stream(text: string, { isBroken = false, step = 7, location = "" } = {}): Response {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (at < bytes.length) controller.enqueue(bytes.slice(at, (at += step)));
      else if (isBroken) controller.error(new TypeError("terminated"));
      else controller.close();
    },
  });
  return new Response(body, { headers: { ...(location && { Location: location }) } });
}

async function collect(events: AsyncIterable<StreamEvent>): Promise<unknown[]> {
  const seen: unknown[] = [];
  for await (const { event, data } of events) seen.push([event, data]);
  return seen;
}

const EVENTS = { params: { id: "task_1" } };

describe("a stream", () => {
  test("is read whatever its pieces and line ends, comments passed over", async () => {
    for (const step of [1, 2, 1_000]) {
      const text =
        ': hello\n\nid: 1\r\nevent: log\r\ndata: {"text":\r\ndata: "한글"}\r\n\r\nevent: done\ndata: {}\n\n';
      const { naru } = client([stream(text, { step })]);
      expect(await collect(naru.stream("tasks.events", EVENTS))).toEqual([
        ["log", { text: "한글" }],
        ["done", {}],
      ]);
    }
  });

  test("goes on behind the last whole event after a broken line, and after a recycling", async () => {
    const { naru, asked } = client([
      stream('id: 1\ndata: 1\n\nid: 2\ndata: "hal', { isBroken: true }),
      new TypeError("fetch failed"),
      stream('id: 2\ndata: 2\n\nevent: done\ndata: {"reason":"recycle"}\n\n'),
      stream('id: 3\ndata: 3\n\nevent: done\ndata: {"reason":"ended"}\n\n'),
    ]);
    const seen = collect(naru.stream("tasks.events", EVENTS));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await seen).toEqual([
      ["message", 1],
      ["message", 2],
      ["message", 3],
      ["done", { reason: "ended" }],
    ]);
    expect(asked.map(({ headers }) => headers.get("last-event-id"))).toEqual([null, "1", "1", "2"]);
  });

  test("that a POST began is gone on with at its Location, without a second POST", async () => {
    const { naru, asked } = client([
      stream('id: 1\ndata: {"type":"code","content":"a","sequence":0}\n\n', {
        isBroken: true,
        location: "/api/v1/streams/s1",
      }),
      stream('id: 2\ndata: {"type":"done","content":"{}","sequence":1}\n\n'),
    ]);
    const input = { body: { prompt: "x", language: "python" } } as never;
    const seen = collect(naru.stream("code.generateStream", input));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await seen).toHaveLength(2);
    expect(
      asked.map(({ method, url, body }) => [method, new URL(url).pathname, body === undefined]),
    ).toEqual([
      ["POST", "/api/v1/generate-code-streaming", false],
      ["GET", "/api/v1/streams/s1", true],
    ]);
  });

  test("throws the problem that it ends with", async () => {
    const text = 'event: error\ndata: {"code":"READER_TOO_SLOW","status":503,"error":"?"}\n\n';
    const { naru } = client([stream(text)]);
    await expect(collect(naru.stream("tasks.events", EVENTS))).rejects.toMatchObject({
      code: "READER_TOO_SLOW",
    });
  });

  test("ends quietly where all of it was seen", async () => {
    const { naru } = client([new Response(null, { status: 204 })]);
    expect(await collect(naru.stream("tasks.events", { ...EVENTS, lastEventId: "9" }))).toEqual([]);
  });

  test("that gives nothing any more is given up", async () => {
    const { naru } = client(Array.from({ length: 9 }, () => stream("")));
    const seen = expect(collect(naru.stream("tasks.events", EVENTS))).rejects.toMatchObject({
      code: "STREAM_CUT",
    });
    await vi.advanceTimersByTimeAsync(300_000);
    await seen;
  });
});
