import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { BreakerPort } from "#egress/service";
import { manualTimer, page, redirect, silence } from "../../support/outside";
import type { FakeAnswer } from "../../support/outside";
import { codeOf, fakeWeb, pagesOf, status } from "../../support/scrape";

const URL_A = "https://www.example.com/a";
const HTML = page("<title>Ferries</title>");

const T0 = 1_767_225_600_000;

/** A breaker that lets everything through and notes what it is told. */
function recordingBreaker(): BreakerPort & { readonly settled: string[] } {
  const settled: string[] = [];
  return {
    settled,
    enter: async () => ({
      allowed: true,
      settle: async (outcome) => {
        settled.push(outcome);
      },
    }),
  };
}

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
    const opened = Promise.withResolvers<void>();
    const slow: FakeAnswer = async (url, init) => {
      await opened.promise;
      return HTML(url, init);
    };
    const [one, other] = [fakeWeb({ [URL_A]: slow }), fakeWeb({ [URL_A]: slow })];
    const asked = (): number => pagesOf(one).length + pagesOf(other).length;
    const runs = Array.from({ length: 5 }, (_, i) => (i % 2 ? one : other).scrape(URL_A));
    while (asked() < 4) await scheduler.wait(1);
    // A call to the same object, behind the fifth's own: the gate has seen all five by its end.
    await env.SITE_GATE.get(env.SITE_GATE.idFromName("example.com")).renew("nobody");
    expect(asked()).toBe(4);
    opened.resolve();
    const outcomes = await Promise.all(runs);
    // Where the machine is slow, the fifth is sent back to its shard rather than kept.
    expect(
      outcomes.filter((outcome) => outcome.status === "completed").length,
    ).toBeGreaterThanOrEqual(4);
    expect(outcomes.filter((outcome) => outcome.status === "failed")).toEqual([]);
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
    // No attempt is spent on a host that is not asked.
    expect(await web.scrape(URL_A)).toMatchObject({
      status: "deferred",
      code: "HOST_DOWN",
      notBeforeMs: expect.any(Number) as number,
    });
    const other = fakeWeb({ [URL_A]: HTML });
    expect(await other.scrape(URL_A)).toMatchObject({ code: "HOST_DOWN" });
    expect(web.network.calls.length).toBe(calls);
    expect(other.network.calls).toEqual([]);
  });

  test.each([
    ["for longer than is waited for", 30_001, 300_000],
    ["until after the run's time", 5_000, 5_000],
  ])("%s fails the run at once, and no further attempt is made", async (_name, shutMs, leftMs) => {
    const breaker: BreakerPort = {
      enter: async () => ({ allowed: false, retryAfterMs: shutMs }),
    };
    const web = fakeWeb({ [URL_A]: HTML }, { breaker, clock: () => T0 });
    expect(await web.executor({ ...web.run(URL_A), deadlineMs: T0 + leftMs })).toMatchObject({
      status: "failed",
      code: "HOST_DOWN",
      retryable: false,
    });
  });

  test("is not what a caller's own short time or a cancel makes it", async () => {
    const web = fakeWeb({ [URL_A]: silence });
    for (let i = 0; i < 6; i++) {
      const abort = new AbortController();
      const outcome = web.scrape(URL_A, {}, abort.signal);
      while (pagesOf(web).length === i) await scheduler.wait(1);
      abort.abort();
      expect(codeOf(await outcome)).toBe("FETCH_FAILED");
    }
    expect((await fakeWeb({ [URL_A]: HTML }).scrape(URL_A)).status).toBe("completed");
  });

  test("is what silence for as long as we bear it makes it", async () => {
    const breaker = recordingBreaker();
    const time = manualTimer(Date.now());
    const web = fakeWeb({ [URL_A]: silence }, { timer: time.timer, breaker });
    // A task whose time is short leaves it to its signal to end the fetch.
    const outcome = web.executor({ ...web.run(URL_A), deadlineMs: time.now() + 1_000 });
    while (pagesOf(web).length === 0) await scheduler.wait(1);
    await time.advance(29_999);
    expect(breaker.settled).toEqual([]);
    await time.advance(1);
    expect(codeOf(await outcome)).toBe("FETCH_TIMED_OUT");
    expect(breaker.settled).toEqual(["failure"]);
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
