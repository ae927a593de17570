import { describe, expect, test } from "vitest";
import { createEgress, fetchOutside, openOutside } from "#egress/service";
import type { OutsideFailure, OutsideRequest, OutsideResponse, Resolver } from "#egress/service";
import { err, ok } from "#platform/result";
import { fakeNetwork, manualTimer, page, redirect, settled, silence } from "../../support/outside";
import type { FakeAnswer, FakeNetwork, ManualTimer } from "../../support/outside";

const PUBLIC: Resolver = async () => ok(["93.184.216.34"]);
const SETTINGS = {
  dohUrl: "https://doh.example/dns-query",
  scrapeAllowHosts: [],
  scrapeAllowPrivate: false,
};
const START = "https://start.example.com/";

interface Setup {
  readonly network: FakeNetwork;
  readonly time: ManualTimer;
  readonly run: (
    request?: Partial<OutsideRequest>,
  ) => Promise<{ ok: true; value: OutsideResponse } | { ok: false; error: OutsideFailure }>;
}

function setUp(
  answers: Record<string, FakeAnswer>,
  resolve = PUBLIC,
  allowHosts: string[] = [],
): Setup {
  const network = fakeNetwork(answers);
  const time = manualTimer();
  const egress = createEgress(
    { ...SETTINGS, scrapeAllowHosts: allowHosts },
    { fetch: network.fetch, timer: time.timer, clock: time.now, resolve },
  );
  return {
    network,
    time,
    run: (request = {}) =>
      fetchOutside(egress, {
        url: START,
        trust: "user",
        maxBytes: 1000,
        timeoutMs: 30_000,
        maxRedirects: 5,
        ...request,
      }),
  };
}

async function failed(result: ReturnType<Setup["run"]>): Promise<OutsideFailure> {
  const answer = await result;
  if (answer.ok) throw new Error("it was fetched");
  return answer.error;
}

async function fetched(result: ReturnType<Setup["run"]>): Promise<OutsideResponse> {
  const answer = await result;
  if (!answer.ok) throw new Error(answer.error.code);
  return answer.value;
}

const text = (response: OutsideResponse): string => new TextDecoder().decode(response.bytes);

/** A body that comes in chunks and tells whether it was cancelled. */
function chunks(parts: readonly Uint8Array[], afterwards: "end" | "hang" = "end") {
  let given = 0;
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const part = parts[given];
        if (part !== undefined) {
          given++;
          controller.enqueue(part);
          return undefined;
        }
        if (afterwards === "hang") return new Promise<void>(() => {});
        controller.close();
        return undefined;
      },
      cancel() {
        isCancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { body, given: () => given, isCancelled: () => isCancelled };
}

describe("what comes back", () => {
  test("is the body with its final address", async () => {
    const { run } = setUp({ [START]: page("hello") });
    const response = await fetched(run());
    expect(response).toMatchObject({
      status: 200,
      finalUrl: START,
      redirects: [],
      isDowngraded: false,
    });
    expect(text(response)).toBe("hello");
  });

  test("an error status is an answer, and little of its body is read", async () => {
    const { run } = setUp({ [START]: () => new Response("x".repeat(5000), { status: 500 }) });
    const response = await fetched(run());
    expect(response.status).toBe(500);
    expect(response.bytes.length).toBe(1000);
  });

  test("an empty body is no failure", async () => {
    const { run } = setUp({ [START]: () => new Response(null, { status: 204 }) });
    expect((await fetched(run())).bytes.length).toBe(0);
  });
});

describe("what goes out", () => {
  test("names us, carries the trace, and never lets the runtime follow a redirect", async () => {
    const { run, network } = setUp({ [START]: page("") });
    await run({
      traceparent: "00-1-2-01",
      accept: ["text/html", "*+xml"],
      headers: { "X-Key": "k" },
    });
    expect(network.requests[0]?.init).toMatchObject({
      method: "GET",
      redirect: "manual",
      headers: { accept: "text/html", traceparent: "00-1-2-01", "x-key": "k" },
    });
    const headers = network.requests[0]?.init.headers as Record<string, string>;
    expect(headers["user-agent"]).toMatch(/^Naru\/\d+\.\d+\.\d+ \(\+.+\)$/);
  });

  test("a POST sends its body again within the origin, and asks by GET after a 303", async () => {
    const { run, network } = setUp({
      [START]: redirect("/same", 307),
      [`${START}same`]: redirect("/other", 303),
      [`${START}other`]: page("done"),
    });
    await run({ method: "post", body: "data" });
    expect(network.calls).toEqual([`POST ${START}`, `POST ${START}same`, `GET ${START}other`]);
    expect(network.requests.map(({ init }) => init.body)).toEqual(["data", "data", undefined]);
  });
});

describe("redirects", () => {
  test("are followed and listed", async () => {
    const { run } = setUp({
      [START]: redirect("/a", 301),
      [`${START}a`]: redirect("http://b.example.com/"),
      "http://b.example.com/": page("there"),
    });
    expect(await fetched(run())).toMatchObject({
      finalUrl: "http://b.example.com/",
      redirects: [
        { url: START, status: 301 },
        { url: `${START}a`, status: 302 },
      ],
      isDowngraded: true,
    });
  });

  test("a loop ends at the cap", async () => {
    const { run, network } = setUp({ [START]: redirect(START) });
    expect(await failed(run())).toMatchObject({ code: "TOO_MANY_REDIRECTS", isRetryable: false });
    expect(network.calls.length).toBe(6);
  });

  test("with a cap of 0 the redirect itself is the answer", async () => {
    const { run, network } = setUp({ [START]: redirect("http://127.0.0.1/") });
    expect((await fetched(run({ maxRedirects: 0 }))).status).toBe(302);
    expect(network.calls.length).toBe(1);
  });

  test.each([
    "http://127.0.0.1/",
    "http://2130706433/",
    "//0x7f.1/",
    "http://[::ffff:127.0.0.1]/",
    "http://localhost./",
    "http://169.254.169.254/latest/",
    "http://metadata.google.internal/",
    "http://user:pass@b.example.com/",
    "file:///etc/passwd",
    "data:text/html,hello",
    "http://[",
  ])("to %s is refused at its hop, without a request", async (location) => {
    const { run, network } = setUp({ [START]: redirect(location) });
    expect(await failed(run())).toMatchObject({ code: "URL_NOT_ALLOWED", isRetryable: false });
    expect(network.calls).toEqual([`GET ${START}`]);
  });

  test("from an allowed host to another private one is refused", async () => {
    const { run, network } = setUp(
      { "http://localhost:8787/": redirect("http://localhost:9999/") },
      PUBLIC,
      ["localhost:8787"],
    );
    expect((await failed(run({ url: "http://localhost:8787/" }))).code).toBe("URL_NOT_ALLOWED");
    expect(network.calls.length).toBe(1);
  });

  test("to a name that resolves to a private address is refused", async () => {
    const { run, network } = setUp(
      { [START]: redirect("https://evil.example.com/") },
      async (host) =>
        host === "evil.example.com" ? err("private_address") : ok(["93.184.216.34"]),
    );
    expect(await failed(run())).toMatchObject({
      code: "URL_NOT_ALLOWED",
      refusal: "private_address",
    });
    expect(network.calls.length).toBe(1);
  });

  test("take no credential to another origin", async () => {
    const { run, network } = setUp({
      [START]: redirect("https://b.example.com/"),
      "https://b.example.com/": page(""),
    });
    await run({ headers: { authorization: "Bearer secret", "x-api-key": "secret" } });
    expect(JSON.stringify(network.requests[0]?.init.headers)).toContain("secret");
    expect(JSON.stringify(network.requests[1]?.init.headers)).not.toContain("secret");
  });

  test("take no body to another origin", async () => {
    const { run, network } = setUp({ [START]: redirect("https://b.example.com/", 308) });
    expect(await failed(run({ method: "POST", body: "client_secret=x" }))).toMatchObject({
      code: "URL_NOT_ALLOWED",
      refusal: "redirect",
    });
    expect(network.calls.length).toBe(1);
  });
});

describe("names are resolved first", () => {
  test.each([
    ["private_address", "URL_NOT_ALLOWED", false],
    ["no_address", "DNS_FAILED", false],
    ["unavailable", "DNS_FAILED", true],
  ] as const)(
    "%s ends in %s (retryable: %s), without a request",
    async (refusal, code, isRetryable) => {
      const { run, network } = setUp({ [START]: page("") }, async () => err(refusal));
      expect(await failed(run())).toMatchObject({ code, isRetryable, isTransport: false });
      expect(network.calls).toEqual([]);
    },
  );

  test("but not addresses, allowed hosts and the operator's own", async () => {
    const asked: string[] = [];
    const { run } = setUp(
      { "http://8.8.8.8/": page(""), "http://intra/": page(""), "http://ollama:11434/": page("") },
      async (host) => {
        asked.push(host);
        return err("unavailable");
      },
      ["intra"],
    );
    await fetched(run({ url: "http://8.8.8.8/" }));
    await fetched(run({ url: "http://intra/" }));
    await fetched(run({ url: "http://ollama:11434/", trust: "operator" }));
    expect(asked).toEqual([]);
  });
});

describe("caps", () => {
  test("a body that is announced too large is not read", async () => {
    const { body, given, isCancelled } = chunks([new Uint8Array(10)]);
    const { run } = setUp({
      [START]: () => new Response(body, { headers: { "content-length": "1001" } }),
    });
    expect(await failed(run())).toMatchObject({
      code: "RESPONSE_TOO_LARGE",
      params: { limit: 1000 },
    });
    expect(given()).toBe(0);
    await settled();
    expect(isCancelled()).toBe(true);
  });

  test("a body that grows too large is cut off at the cap, whatever it announced", async () => {
    const endless = chunks(Array.from({ length: 100 }, () => new Uint8Array(400)));
    const { run } = setUp({ [START]: () => new Response(endless.body) });
    expect((await failed(run())).code).toBe("RESPONSE_TOO_LARGE");
    expect(endless.given()).toBe(3);
    await settled();
    expect(endless.isCancelled()).toBe(true);
  });

  test("a body of exactly the cap passes", async () => {
    const { run } = setUp({ [START]: page("x".repeat(1000)) });
    expect((await fetched(run())).bytes.length).toBe(1000);
  });

  test("truncate keeps the beginning", async () => {
    const { run } = setUp({ [START]: page("x".repeat(5000)) });
    expect((await fetched(run({ truncate: true }))).bytes.length).toBe(1000);
  });

  test("a target that never answers is given up when the time is over", async () => {
    const { run, time } = setUp({ [START]: silence });
    const result = run();
    await time.advance(29_999);
    await time.advance(1);
    expect(await failed(result)).toMatchObject({
      code: "FETCH_TIMED_OUT",
      isRetryable: true,
      isTransport: true,
    });
    expect(time.pending()).toBe(0);
  });

  test("a body that stops coming is given up after the idle time", async () => {
    const stalled = chunks([new Uint8Array(10)], "hang");
    const { run, time } = setUp({ [START]: () => new Response(stalled.body) });
    const result = run();
    await time.advance(10_000);
    expect(await failed(result)).toMatchObject({ code: "FETCH_TIMED_OUT", isTransport: false });
  });

  test("a body that trickles is given up when the whole time is over", async () => {
    let timer: ManualTimer | null = null;
    const trickle = new ReadableStream<Uint8Array>({
      pull: (controller) =>
        new Promise<void>((resolve) => {
          timer?.timer(9_000, () => {
            controller.enqueue(new Uint8Array(1));
            resolve();
          });
        }),
    });
    const { run, time } = setUp({ [START]: () => new Response(trickle) });
    timer = time;
    const result = run();
    await time.advance(30_000);
    expect((await failed(result)).code).toBe("FETCH_TIMED_OUT");
  });

  test("the time covers all hops together", async () => {
    const { run, time } = setUp({ [START]: redirect("/slow"), [`${START}slow`]: silence });
    const result = run({ timeoutMs: 5_000 });
    await time.advance(5_000);
    expect(await failed(result)).toMatchObject({ code: "FETCH_TIMED_OUT", url: `${START}slow` });
  });

  test("a resolver that hangs is inside the time as well", async () => {
    const { run, time } = setUp({}, () => new Promise(() => {}));
    const result = run();
    await time.advance(30_000);
    expect(await failed(result)).toMatchObject({ code: "FETCH_TIMED_OUT", isTransport: false });
  });

  test.each([
    ["application/pdf", "UNSUPPORTED_CONTENT"],
    ["image/png", "UNSUPPORTED_CONTENT"],
  ])("content of type %s is refused unread", async (type, code) => {
    const { body, given } = chunks([new Uint8Array(10)]);
    const { run } = setUp({
      [START]: () => new Response(body, { headers: { "content-type": type } }),
    });
    expect(await failed(run({ accept: ["text/html"] }))).toMatchObject({
      code,
      params: { content_type: type },
    });
    expect(given()).toBe(0);
  });
});

describe("trouble", () => {
  test("a refused connection is a transport failure, worth another try", async () => {
    const { run } = setUp({});
    expect(await failed(run())).toMatchObject({
      code: "FETCH_FAILED",
      isRetryable: true,
      isTransport: true,
      isAborted: false,
    });
  });

  test("a connection that breaks in the body is a failure, not a short page", async () => {
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.error(new Error("reset"));
      },
    });
    const { run } = setUp({ [START]: () => new Response(broken) });
    expect(await failed(run())).toMatchObject({ code: "FETCH_FAILED", isTransport: false });
  });

  test("the caller's abort ends it at once and blames nobody", async () => {
    const { run, time } = setUp({ [START]: silence });
    const abort = new AbortController();
    const result = run({ signal: abort.signal });
    await settled();
    abort.abort();
    expect(await failed(result)).toMatchObject({ isAborted: true, isTransport: false });
    expect(time.pending()).toBe(0);
  });

  test("an abort before the start sends nothing", async () => {
    const { run, network } = setUp({ [START]: page("") });
    expect(await failed(run({ signal: AbortSignal.abort() }))).toMatchObject({ isAborted: true });
    expect(network.calls).toEqual([]);
  });

  test("the caller's own refusal comes back as it is, at any hop", async () => {
    const network = fakeNetwork({ [START]: redirect("https://b.example.com/") });
    const egress = createEgress(SETTINGS, { fetch: network.fetch, resolve: PUBLIC });
    const answer = await fetchOutside<{ readonly kind: "mine" }>(egress, {
      url: START,
      trust: "user",
      maxBytes: 1,
      timeoutMs: 1000,
      maxRedirects: 5,
      admit: async (url) =>
        url.hostname === "b.example.com" ? err({ kind: "mine" }) : ok(undefined),
    });
    expect(answer).toEqual({ ok: false, error: { kind: "mine" } });
    expect(network.calls.length).toBe(1);
  });
});

describe("as a stream", () => {
  const open = async (body: ReadableStream<Uint8Array>, time = manualTimer()) => {
    const network = fakeNetwork({ [START]: () => new Response(body) });
    const answer = await openOutside(
      createEgress(SETTINGS, { fetch: network.fetch, resolve: PUBLIC, timer: time.timer }),
      { url: START, trust: "user", maxBytes: 1000, timeoutMs: 30_000, maxRedirects: 0 },
    );
    if (!answer.ok) throw new Error(answer.error.code);
    return answer.value.body;
  };

  test("the body comes through whole", async () => {
    const parts = [new Uint8Array([1, 2]), new Uint8Array([3])];
    const body = await open(chunks(parts).body);
    expect(new Uint8Array(await new Response(body).arrayBuffer())).toEqual(
      new Uint8Array([1, 2, 3]),
    );
  });

  test("past the cap it fails rather than end, and the source is cancelled", async () => {
    const source = chunks(Array.from({ length: 100 }, () => new Uint8Array(400)));
    await expect(new Response(await open(source.body)).arrayBuffer()).rejects.toThrow();
    expect(source.isCancelled()).toBe(true);
  });

  test("a reader that leaves cancels the source and leaves no timer", async () => {
    const time = manualTimer();
    const source = chunks([new Uint8Array(1)], "hang");
    const body = await open(source.body, time);
    await body.cancel();
    await settled();
    expect(source.isCancelled()).toBe(true);
    expect(time.pending()).toBe(0);
  });
});
