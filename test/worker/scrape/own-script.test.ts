import type { JsonObject } from "#platform/json-value";
import { describe, expect, test } from "vitest";
import type { RunOutcome } from "#tasks/service";
import { page } from "../../support/outside";
import type { FakeAnswer } from "../../support/outside";
import { fakeWeb, pagesOf, status } from "../../support/scrape";
import type { FakeWeb } from "../../support/scrape";
import { define } from "../../support/script-definitions";

const HOME = "https://own.example.com/";
const html = (body: string): FakeAnswer => page(body);

/** Runs a definition as the consumer gets it from a submit. */
function runOwn(
  web: FakeWeb,
  definition: object,
  more: { readonly deadlineMs?: number; readonly signal?: AbortSignal } = {},
): Promise<RunOutcome> {
  const run = web.run(HOME, {
    script_name: "ferry",
    script_version: "1.0.0",
    parameters: { url: HOME },
    script: { content_hash: "", definition: definition as JsonObject },
  });
  return web.executor({ ...run, ...more });
}

const LIST = define([
  { extract: { items: { selector: "li", all: true } } },
  { paginate: { next: "[rel=next]", limit: 9 } },
  { follow: { links: "a.d", into: "details", steps: [{ extract: { title: "h1" } }] } },
]);

describe("a script of one's own", () => {
  test("reads every page that its steps lead to, each politely, and says how the first was had", async () => {
    const web = fakeWeb({
      [HOME]: html(`<li>1</li><a class="d" href="/d/1"></a><a rel="next" href="/2">n</a>`),
      [`${HOME}2`]: html(`<li>2<a class="d" href="/d/2"></a>`),
      [`${HOME}d/1`]: html("<h1>One</h1>"),
      [`${HOME}d/2`]: status(404),
    });
    expect(await runOwn(web, LIST)).toMatchObject({
      status: "completed",
      data: {
        values: {
          items: ["1", "2"],
          details: [
            { url: `${HOME}d/1`, title: "One" },
            { url: `${HOME}d/2`, error: "TARGET_STATUS" },
          ],
        },
        pages: [
          { url: HOME, status_code: 200 },
          { url: `${HOME}2`, status_code: 200 },
          { url: `${HOME}d/1`, status_code: 200 },
          { url: `${HOME}d/2`, status_code: 404, error: "TARGET_STATUS" },
        ],
        truncated: false,
        stopped_by: null,
        url: HOME,
        final_url: HOME,
        status_code: 200,
        charset: "utf-8",
      },
    });
    // One robots.txt for the site, asked before the first page.
    expect(web.network.calls.filter((call) => call.endsWith("/robots.txt"))).toHaveLength(1);
    expect(pagesOf(web)).toHaveLength(4);
  });

  test("asks for nothing that robots.txt or the address policy forbids, wherever the link stands", async () => {
    const away = define([
      {
        follow: {
          links: "a",
          into: "more",
          same_site: false,
          steps: [{ extract: { title: "h1" } }],
        },
      },
    ]);
    const web = fakeWeb({
      [`${HOME}robots.txt`]: () => new Response("User-agent: *\nDisallow: /private/"),
      [HOME]: html(`<a href="/private/a">a</a><a href="http://169.254.169.254/latest">b</a>`),
    });
    expect(await runOwn(web, away)).toMatchObject({
      status: "completed",
      data: {
        values: {
          more: [
            { url: `${HOME}private/a`, error: "ROBOTS_DISALLOWED" },
            { url: "http://169.254.169.254/latest", error: "URL_NOT_ALLOWED" },
          ],
        },
      },
    });
    expect(pagesOf(web)).toEqual([`GET ${HOME}`]);
  });

  test("fails as its first page does, and may be tried again where that may help", async () => {
    const down = fakeWeb({ [HOME]: status(500) });
    expect(await runOwn(down, LIST)).toMatchObject({
      status: "failed",
      code: "TARGET_STATUS",
      retryable: true,
    });
    const missing = define([{ extract: { a: { selector: "h2", required: true } } }]);
    const changed = fakeWeb({ [HOME]: html("<h1>x</h1>") });
    expect(await runOwn(changed, missing)).toMatchObject({
      status: "failed",
      code: "FIELD_MISSING",
      params: { field: "a" },
      retryable: false,
    });
  });

  test("hands over what it has when its time is nearly over", async () => {
    const web = fakeWeb({
      [HOME]: html(`<li>1</li><a rel="next" href="/2">n</a>`),
      [`${HOME}2`]: html("<li>2"),
    });
    // Less is left than a result needs to be put together, so that no second page is begun.
    expect(await runOwn(web, LIST, { deadlineMs: Date.now() + 2_000 })).toMatchObject({
      status: "completed",
      data: { values: { items: ["1"] }, truncated: true, stopped_by: "time" },
    });
    expect(pagesOf(web)).toEqual([`GET ${HOME}`]);
  });

  test("asks for no further page once nobody wants the answer", async () => {
    const cancel = new AbortController();
    const web = fakeWeb({
      [HOME]: () => {
        cancel.abort();
        return new Response(`<li>1</li><a rel="next" href="/2">n</a>`, {
          headers: { "content-type": "text/html" },
        });
      },
      [`${HOME}2`]: html("<li>2"),
    });
    await runOwn(web, LIST, { signal: cancel.signal });
    expect(pagesOf(web)).toEqual([`GET ${HOME}`]);
  });

  test("waits in place for its turn at a busy site, as often as it has to, and reads no page twice", async () => {
    const turns: number[] = [];
    let asked = 0;
    const web = fakeWeb(
      {
        [HOME]: html(`<li>1</li><a rel="next" href="/2">n</a>`),
        [`${HOME}2`]: html("<li>2"),
      },
      {
        gateOf: () =>
          ({
            acquire: async () =>
              ++asked === 2
                ? { granted: false, notBeforeMs: Date.now() + 20_000 }
                : { granted: true, expiresAtMs: Date.now() + 60_000 },
            renew: async () => true,
            release: async () => undefined,
          }) as never,
        timer: (ms, callback) => {
          // The wait for a turn comes at once; every other timer never.
          if (ms > 15_000 && ms <= 20_000) {
            turns.push(ms);
            callback();
          }
          return () => undefined;
        },
      },
    );
    expect(await runOwn(web, LIST)).toMatchObject({ data: { values: { items: ["1", "2"] } } });
    expect(turns.length).toBe(1);
    expect(pagesOf(web)).toEqual([`GET ${HOME}`, `GET ${HOME}2`]);
  });
});
