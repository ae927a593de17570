import { describe, expect, test } from "vitest";
import { createEgress, fetchOutside, openOutside } from "#egress/service";
import { err, ok } from "#platform/result";
import { chunks, failed, fetched, PUBLIC, SETTINGS, setUp, START } from "../../support/egress";
import { fakeNetwork, manualTimer, page, redirect, settled, silence } from "../../support/outside";
import type { ManualTimer } from "../../support/outside";

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
