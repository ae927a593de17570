import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { err } from "#platform/result";
import type { RunOutcome } from "#tasks/service";
import { manualTimer, page, redirect, settled, silence } from "../../support/outside";
import type { FakeAnswer } from "../../support/outside";
import { fakeWeb, pagesOf } from "../../support/scrape";

const URL_A = "https://www.example.com/a";
const HTML = page("<title>Ferries</title><p>Every <b>twenty</b> minutes.</p>", {
  "content-type": "text/html; charset=utf-8",
});
const status =
  (code: number, headers: Record<string, string> = {}): FakeAnswer =>
  () =>
    new Response("no", { status: code, headers });

const codeOf = (outcome: RunOutcome): string =>
  outcome.status === "failed" ? outcome.code : outcome.status;

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

  test("what a caller named in select wins over what we add", async () => {
    const web = fakeWeb({ [URL_A]: HTML });
    const parameters = { url: URL_A, selectors: { url: "b" } };
    expect(await web.scrape(URL_A, { script_name: "select", parameters })).toMatchObject({
      status: "completed",
      data: { url: "twenty", final_url: URL_A },
    });
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
      params: { content_type: "application/pdf" },
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
    expect(await web.scrape(URL_A)).toMatchObject({ code: "URL_NOT_ALLOWED", retryable: false });
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

describe("robots.txt", () => {
  const ROBOTS = "https://www.example.com/robots.txt";

  test("that disallows the page ends the run, and the page is not asked for", async () => {
    const web = fakeWeb({ [ROBOTS]: page("User-agent: Naru\nDisallow: /a"), [URL_A]: HTML });
    expect(await web.scrape(URL_A)).toMatchObject({ code: "ROBOTS_DISALLOWED", retryable: false });
    expect(pagesOf(web)).toEqual([]);
  });

  test("is asked again at a redirect to another origin", async () => {
    const web = fakeWeb({
      [URL_A]: redirect("https://other.example.org/b"),
      "https://other.example.org/robots.txt": page("User-agent: *\nDisallow: /"),
      "https://other.example.org/b": HTML,
    });
    expect(codeOf(await web.scrape(URL_A))).toBe("ROBOTS_DISALLOWED");
    expect(pagesOf(web)).toEqual([`GET ${URL_A}`]);
  });

  test.each([401, 403, 404, 410])("that is a %i allows everything", async (code) => {
    const web = fakeWeb({ [ROBOTS]: status(code), [URL_A]: HTML });
    expect((await web.scrape(URL_A)).status).toBe("completed");
  });

  test.each([429, 500, 503])("that is a %i allows nothing for now", async (code) => {
    const web = fakeWeb({ [ROBOTS]: status(code, { "retry-after": "7" }), [URL_A]: HTML });
    expect(await web.scrape(URL_A)).toMatchObject({
      code: "ROBOTS_UNREACHABLE",
      params: { status: code, retry_after: 7 },
      retryable: true,
      retryAfterMs: 7_000,
    });
    expect(pagesOf(web)).toEqual([]);
  });

  test("that is down fails as the page would", async () => {
    const web = fakeWeb({
      [ROBOTS]: () => Promise.reject(new TypeError("refused")),
      [URL_A]: HTML,
    });
    expect(await web.scrape(URL_A)).toMatchObject({ code: "FETCH_FAILED", retryable: true });
    expect(pagesOf(web)).toEqual([]);
  });

  test("is followed over redirects, and its rules hold for the first origin", async () => {
    const web = fakeWeb({
      [ROBOTS]: redirect("https://cdn.example.net/r.txt"),
      "https://cdn.example.net/r.txt": page("User-agent: *\nDisallow: /a"),
      [URL_A]: HTML,
    });
    expect(codeOf(await web.scrape(URL_A))).toBe("ROBOTS_DISALLOWED");
  });

  test.each([
    ["leads to a private address", redirect("http://127.0.0.1/robots.txt")],
    ["redirects without end", redirect(ROBOTS)],
  ])("that %s is none", async (_name, answer) => {
    const web = fakeWeb({ [ROBOTS]: answer, [URL_A]: HTML });
    expect((await web.scrape(URL_A)).status).toBe("completed");
  });

  test("is read as far as 512 KiB", async () => {
    const long = `User-agent: *\nDisallow: /a\n${"# x\n".repeat(300_000)}`;
    const web = fakeWeb({ [ROBOTS]: page(long), [URL_A]: HTML });
    expect(codeOf(await web.scrape(URL_A))).toBe("ROBOTS_DISALLOWED");
  });

  test("is fetched once for all isolates, and kept in KV", async () => {
    const answers = { [ROBOTS]: page("User-agent: *\nDisallow: /x"), [URL_A]: HTML };
    const first = fakeWeb(answers);
    await first.scrape(URL_A);
    await first.scrape(URL_A);
    const second = fakeWeb(answers);
    await second.scrape(URL_A);
    const asked = (calls: readonly string[]) =>
      calls.filter((call) => call === `GET ${ROBOTS}`).length;
    expect([asked(first.network.calls), asked(second.network.calls)]).toEqual([1, 0]);
    expect(await env.CACHE_KV.get("robots:https://www.example.com", "json")).toEqual({
      kind: "rules",
      text: "User-agent: *\nDisallow: /x",
    });
  });

  test("a copy in KV that is damaged is fetched anew", async () => {
    await env.CACHE_KV.put("robots:https://www.example.com", "{}");
    const web = fakeWeb({ [ROBOTS]: page("User-agent: *\nDisallow: /"), [URL_A]: HTML });
    expect(codeOf(await web.scrape(URL_A))).toBe("ROBOTS_DISALLOWED");
  });

  test("with a crawl delay holds the next run back, without an attempt", async () => {
    const web = fakeWeb({
      [ROBOTS]: page("User-agent: *\nCrawl-delay: 30"),
      [URL_A]: HTML,
    });
    const before = Date.now();
    expect((await web.scrape(URL_A)).status).toBe("completed");
    const second = await web.scrape(URL_A);
    expect(second.status).toBe("deferred");
    if (second.status === "deferred")
      expect(second.notBeforeMs).toBeGreaterThanOrEqual(before + 30_000);
  });
});

describe("a site", () => {
  test("that pushes back is left alone by everybody for as long as it asks", async () => {
    const first = fakeWeb({ [URL_A]: status(429, { "retry-after": "40" }) });
    expect(await first.scrape(URL_A)).toMatchObject({
      code: "TARGET_STATUS",
      params: { status: 429 },
      retryable: true,
      retryAfterMs: 40_000,
    });
    const second = fakeWeb({ "https://shop.example.com/": HTML });
    const outcome = await second.scrape("https://shop.example.com/");
    expect(outcome.status).toBe("deferred");
    expect(pagesOf(second)).toEqual([]);
  });

  test("that wants to be left alone for long fails the run and says so", async () => {
    const web = fakeWeb({ [URL_A]: status(503, { "retry-after": "3000" }) });
    await web.scrape(URL_A);
    expect(await web.scrape(URL_A)).toMatchObject({ code: "SITE_BUSY", retryable: false });
  });

  test("gets at most four at once from two isolates together; the fifth waits its turn", async () => {
    const gates: (() => void)[] = [];
    const slow: FakeAnswer = async (url, init) => {
      await new Promise<void>((resolve) => gates.push(resolve));
      return HTML(url, init);
    };
    const webs = [fakeWeb({ [URL_A]: slow }), fakeWeb({ [URL_A]: slow })];
    const asked = (): number => webs.reduce((sum, web) => sum + pagesOf(web).length, 0);
    const runs = Array.from({ length: 5 }, (_, i) => webs[i % 2]?.scrape(URL_A));
    while (asked() < 4) await scheduler.wait(1);
    // However long the fifth is given, it does not go out while four are open.
    for (let i = 0; i < 20; i++) await settled();
    expect(asked()).toBe(4);
    for (const open of gates.splice(0)) open();
    while (asked() < 5) await scheduler.wait(1);
    for (const open of gates) open();
    const outcomes = await Promise.all(runs);
    expect(outcomes.map((outcome) => outcome?.status)).toEqual(Array(5).fill("completed"));
  });

  test("gets sixty a minute; then runs are deferred until the window moves", async () => {
    const web = fakeWeb({ [URL_A]: HTML });
    for (let i = 0; i < 60; i++) expect((await web.scrape(URL_A)).status).toBe("completed");
    expect((await web.scrape(URL_A)).status).toBe("deferred");
    expect(pagesOf(web).length).toBe(60);
  });

  test("that a redirect leads to has its own slots", async () => {
    const web = fakeWeb({
      [URL_A]: redirect("https://other.example.org/b"),
      "https://other.example.org/b": HTML,
    });
    const gate = env.SITE_GATE.get(env.SITE_GATE.idFromName("example.org"));
    await gate.acquire({ slot: "s", crawlDelayMs: 60_000, waitMs: 0 });
    expect((await web.scrape(URL_A)).status).toBe("deferred");
    expect(pagesOf(web)).toEqual([`GET ${URL_A}`]);
  });
});

describe("a host that is down", () => {
  const DOWN = { "https://www.example.com/robots.txt": () => Promise.reject(new TypeError("no")) };

  test("is not tried again for a while by anybody after five failures, and says when", async () => {
    const web = fakeWeb(DOWN);
    for (let i = 0; i < 5; i++) expect(codeOf(await web.scrape(URL_A))).toBe("FETCH_FAILED");
    const calls = web.network.calls.length;
    expect(await web.scrape(URL_A)).toMatchObject({
      code: "HOST_DOWN",
      retryable: true,
      retryAfterMs: expect.any(Number) as number,
    });
    const other = fakeWeb({ [URL_A]: HTML });
    expect(codeOf(await other.scrape(URL_A))).toBe("HOST_DOWN");
    expect(web.network.calls.length).toBe(calls);
    expect(other.network.calls).toEqual([]);
  });

  test("that answers an error is up", async () => {
    const web = fakeWeb({ [URL_A]: status(500) });
    for (let i = 0; i < 6; i++) expect(codeOf(await web.scrape(URL_A))).toBe("TARGET_STATUS");
  });

  test("whose name we refuse is not counted down", async () => {
    const web = fakeWeb({ [URL_A]: redirect("http://127.0.0.1/") });
    for (let i = 0; i < 6; i++) expect(codeOf(await web.scrape(URL_A))).toBe("URL_NOT_ALLOWED");
  });
});
