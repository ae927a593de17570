import { describe, expect, test } from "vitest";
import { err } from "#platform/result";
import { runTask } from "#tasks/core/run-task";
import type { RunReport } from "#tasks/core/run-task";
import type { HeartbeatVerdict } from "#tasks/core/lifecycle";
import { manualTimer, page, redirect, silence } from "../../support/outside";
import { codeOf, fakeWeb, pagesOf } from "../../support/scrape";

const URL_A = "https://www.example.com/a";
const HTML = page("<title>Ferries</title><p>Every <b>twenty</b> minutes.</p>", {
  "content-type": "text/html; charset=utf-8",
});
describe("a page", () => {
  test("comes back with what the script took and how it was had", async () => {
    const web = fakeWeb({ [URL_A]: redirect("/b", 301), "https://www.example.com/b": HTML });
    expect(await web.scrape(URL_A)).toMatchObject({
      status: "completed",
      data: {
        url: URL_A,
        final_url: "https://www.example.com/b",
        status_code: 200,
        content_type: "text/html; charset=utf-8",
        charset: "utf-8",
        redirects: [{ url: URL_A, status: 301 }],
        title: "Ferries",
        text: expect.stringContaining("Every twenty minutes.") as string,
      },
    });
  });

  test("is asked for politely: by name, with the trace, with what the script reads", async () => {
    const web = fakeWeb({ [URL_A]: HTML });
    await web.scrape(URL_A);
    expect(web.network.calls).toEqual(["GET https://www.example.com/robots.txt", `GET ${URL_A}`]);
    for (const { init } of web.network.requests)
      expect(init.headers).toMatchObject({
        "user-agent": expect.stringMatching(/^Naru\//) as string,
        traceparent: expect.stringContaining("0af7651916cd43dd8448eb211c80319c") as string,
      });
  });

  test("keeps its own facts, whatever a caller names in select", async () => {
    const web = fakeWeb({ [URL_A]: HTML });
    const parameters = { url: URL_A, selectors: { url: "b" } };
    expect(await web.scrape(URL_A, { script_name: "select", parameters })).toMatchObject({
      status: "completed",
      data: { url: URL_A, final_url: URL_A, status_code: 200, values: { url: "twenty" } },
    });
  });
});

test("a page that is packed by deflate is read, and one packed in an unknown way is refused", async () => {
  const pack = async (
    format: ConstructorParameters<typeof CompressionStream>[0],
  ): Promise<Uint8Array> => {
    const stream = new Blob(["<title>Ferries</title>"])
      .stream()
      .pipeThrough(new CompressionStream(format));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };
  const packed = (body: Uint8Array, coding: string) => () =>
    new Response(new Uint8Array(body), {
      headers: { "content-type": "text/html", "content-encoding": coding },
      encodeBody: "manual",
    });
  for (const format of ["deflate", "deflate-raw"] as const) {
    const web = fakeWeb({ [URL_A]: packed(await pack(format), "deflate") });
    expect(await web.scrape(URL_A)).toMatchObject({ data: { title: "Ferries" } });
  }
  const web = fakeWeb({ [URL_A]: packed(await pack("gzip"), "zstd") });
  expect(await web.scrape(URL_A)).toMatchObject({
    code: "UNSUPPORTED_CONTENT",
    params: { content_encoding: "zstd" },
  });
});

describe("what the target answers decides", () => {
  test.each([
    [404, false],
    [410, false],
    [403, false],
    [401, false],
    [304, false],
    [408, true],
    [429, true],
    [500, true],
    [502, true],
    [503, true],
  ])("%i fails the run; worth another try: %s", async (code, retryable) => {
    const web = fakeWeb({ [URL_A]: () => new Response(null, { status: code }) });
    expect(await web.scrape(URL_A)).toMatchObject({
      status: "failed",
      code: "TARGET_STATUS",
      params: { status: code },
      retryable,
    });
  });

  test("content that the script does not read", async () => {
    const web = fakeWeb({ [URL_A]: page("%PDF", { "content-type": "application/pdf" }) });
    expect(await web.scrape(URL_A)).toMatchObject({
      code: "UNSUPPORTED_CONTENT",
      params: { content_type: "application/pdf", accepts: expect.any(String) as string },
      retryable: false,
    });
  });

  test("a body beyond 5 MiB", async () => {
    const body = () =>
      new ReadableStream<Uint8Array>({
        pull: (controller) => controller.enqueue(new Uint8Array(1_048_576)),
      });
    const web = fakeWeb({
      [URL_A]: () => new Response(body(), { headers: { "content-type": "text/html" } }),
    });
    expect(await web.scrape(URL_A)).toMatchObject({
      code: "RESPONSE_TOO_LARGE",
      params: { limit: 5 * 1_048_576 },
      retryable: false,
    });
  });

  test("a redirect loop", async () => {
    const web = fakeWeb({ [URL_A]: redirect(URL_A) });
    expect(await web.scrape(URL_A)).toMatchObject({ code: "TOO_MANY_REDIRECTS", retryable: false });
    expect(pagesOf(web).length).toBe(6);
  });

  test("a redirect to a private address", async () => {
    const web = fakeWeb({ [URL_A]: redirect("http://169.254.169.254/latest/meta-data/") });
    expect(await web.scrape(URL_A)).toMatchObject({
      code: "URL_NOT_ALLOWED",
      // Which one of the chain it was.
      params: { reason: "private_address", url: "http://169.254.169.254/latest/meta-data/" },
      retryable: false,
    });
    expect(pagesOf(web)).toEqual([`GET ${URL_A}`]);
  });

  test("a name that resolves to a private address, before anything is sent", async () => {
    const web = fakeWeb({ [URL_A]: HTML }, { resolve: async () => err("private_address") });
    expect(codeOf(await web.scrape(URL_A))).toBe("URL_NOT_ALLOWED");
    expect(web.network.calls).toEqual([]);
  });

  test("a resolver that is down", async () => {
    const web = fakeWeb({ [URL_A]: HTML }, { resolve: async () => err("unavailable") });
    expect(await web.scrape(URL_A)).toMatchObject({ code: "DNS_FAILED", retryable: true });
    expect(web.network.calls).toEqual([]);
  });

  test("a target that hangs", async () => {
    const time = manualTimer(Date.now());
    const web = fakeWeb({ [URL_A]: silence }, { timer: time.timer });
    const outcome = web.scrape(URL_A);
    while (pagesOf(web).length === 0) await scheduler.wait(1);
    await time.advance(30_000);
    expect(await outcome).toMatchObject({ code: "FETCH_TIMED_OUT", retryable: true });
    expect(time.pending()).toBe(0);
  });

  test("a script that is not there, and an input that is none", async () => {
    const web = fakeWeb({});
    expect(codeOf(await web.scrape(URL_A, { script_name: "nope" }))).toBe("SCRIPT_NOT_FOUND");
    expect(codeOf(await web.scrape(URL_A, { parameters: {} }))).toBe("SCRIPT_NOT_FOUND");
  });

  test("tools that are down are worth another try", async () => {
    const web = fakeWeb(
      { [URL_A]: HTML },
      { extract: () => Promise.reject(new Error("no such worker")) },
    );
    expect(await web.scrape(URL_A)).toMatchObject({
      code: "DEPENDENCY_UNAVAILABLE",
      retryable: true,
    });
  });
});

test("a run that is cancelled lets go of the target and of its slot", async () => {
  const abort = new AbortController();
  const web = fakeWeb({ [URL_A]: silence });
  const outcome = web.scrape(URL_A, {}, abort.signal);
  while (pagesOf(web).length === 0) await scheduler.wait(1);
  abort.abort();
  expect(await outcome).toMatchObject({ status: "failed", code: "FETCH_FAILED" });
  // Four more can start at once, so the slot is free.
  const others = fakeWeb({ [URL_A]: HTML });
  const next = await Promise.all(Array.from({ length: 4 }, () => others.scrape(URL_A)));
  expect(next.map((result) => result.status)).toEqual(Array(4).fill("completed"));
});

describe("a run of a page that hangs", () => {
  /** The scraper under the worker's own clock, as a consumer runs it. */
  function start(timeoutMs: number, verdict: HeartbeatVerdict) {
    const time = manualTimer(Date.now());
    const web = fakeWeb({ [URL_A]: silence }, { timer: time.timer });
    const { input, signal: _signal, ...run } = web.run(URL_A);
    const assignment = {
      ...run,
      fence: 1,
      lane: "slow" as const,
      inputJson: JSON.stringify(input),
      timeoutMs,
      deadlineMs: time.now() + timeoutMs,
      consumerId: "c",
    };
    const report: Promise<RunReport | null> = runTask(
      assignment,
      { scrape: web.executor },
      {
        now: time.now,
        startTimer: time.timer,
        heartbeat: async () => verdict,
        onFault: () => undefined,
      },
    );
    const asked = async (): Promise<AbortSignal | null | undefined> => {
      while (pagesOf(web).length === 0) await scheduler.wait(1);
      return web.network.requests.at(-1)?.init.signal;
    };
    return { time, report, asked };
  }

  test("is timed out at the task's deadline, and the fetch is let go", async () => {
    const { time, report, asked } = start(2_000, "go");
    const signal = await asked();
    await time.advance(1_999);
    expect(signal?.aborted).toBe(false);
    await time.advance(1);
    expect(signal?.aborted).toBe(true);
    expect((await report)?.outcome).toEqual({ status: "timed_out" });
  });

  test("lets go of the fetch at the heartbeat after a cancel, two seconds later at most", async () => {
    const { time, report, asked } = start(300_000, "cancel");
    const signal = await asked();
    expect(signal?.aborted).toBe(false);
    await time.advance(2_000);
    expect(signal?.aborted).toBe(true);
    expect(await report).toBeNull();
  });
});
