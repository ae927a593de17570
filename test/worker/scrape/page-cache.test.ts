import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "#platform/json-value";
import { redirect } from "../../support/outside";
import type { FakeAnswer } from "../../support/outside";
import { codeOf, fakeWeb, pagesOf } from "../../support/scrape";
import type { FakeWeb } from "../../support/scrape";

const URL_A = "https://www.example.com/a";
const START_MS = Date.parse("2026-03-01T00:00:00Z");

/** A page that counts its readers, on a site that knows only these headers and answers 304 to its own ETag. */
function countingPage(headers: Record<string, string>): FakeAnswer {
  let readers = 0;
  return (_url, init) => {
    readers += 1;
    const asked = new Headers(init.headers).get("if-none-match");
    const isSame = asked !== null && asked === headers["etag"];
    return new Response(isSame ? null : `<title>Reader ${readers}</title>`, {
      status: isSame ? 304 : 200,
      headers: { "content-type": "text/html", ...headers },
    });
  };
}

/** A web with a clock that the test moves. */
function timedWeb(answers: Record<string, FakeAnswer>) {
  let nowMs = START_MS;
  const web = fakeWeb(answers, { clock: () => nowMs });
  return {
    web,
    passSeconds: (seconds: number) => {
      nowMs += seconds * 1000;
    },
  };
}

async function titleOf(web: FakeWeb, more: JsonObject = {}, url = URL_A): Promise<string> {
  const outcome = await web.scrape(url, more);
  if (outcome.status !== "completed") return codeOf(outcome);
  const data = outcome.data as { title: string; cache: { status: string; age: number } };
  return `${data.title}, ${data.cache.status} ${data.cache.age}`;
}

describe("a page that its site lets be kept", () => {
  test("is read again without asking the site, its rules or its slots, until it is stale", async () => {
    const { web, passSeconds } = timedWeb({
      [URL_A]: countingPage({ "cache-control": "max-age=60" }),
    });
    expect(await titleOf(web)).toBe("Reader 1, miss 0");
    passSeconds(59);
    const before = web.network.calls.length;
    expect(await titleOf(web)).toBe("Reader 1, hit 59");
    expect(web.network.calls.length).toBe(before);
    passSeconds(1);
    expect(await titleOf(web)).toBe("Reader 2, miss 0");
  });

  test("is compared by its ETag when it is stale, and counts as fresh when the site says so", async () => {
    const { web, passSeconds } = timedWeb({
      [URL_A]: countingPage({ "cache-control": "max-age=60", etag: '"v1"' }),
    });
    await titleOf(web);
    passSeconds(100);
    expect(await titleOf(web)).toBe("Reader 1, revalidated 0");
    passSeconds(10);
    expect(await titleOf(web)).toBe("Reader 1, hit 10");
    expect(pagesOf(web)).toHaveLength(2);
  });

  test("counts as fresh where the site leaves its marks out of the 304", async () => {
    const { web } = timedWeb({
      [URL_A]: (_url, init) =>
        new Headers(init.headers).has("if-none-match")
          ? new Response(null, { status: 304 })
          : new Response("<title>Marked</title>", {
              headers: { "content-type": "text/html", etag: 'W/"v1"' },
            }),
    });
    await titleOf(web);
    expect(await titleOf(web)).toMatch(/^Marked, revalidated/);
    expect(await titleOf(web)).toMatch(/^Marked, revalidated/);
  });

  test("is compared by its date alone where it has no other mark, and never guessed to be fresh", async () => {
    const changed = "Sat, 01 Jan 2000 00:00:00 GMT";
    const seen: (string | null)[] = [];
    const { web } = timedWeb({
      [URL_A]: (_url, init) => {
        seen.push(new Headers(init.headers).get("if-modified-since"));
        return seen.at(-1) === changed
          ? new Response(null, { status: 304, headers: { "last-modified": changed } })
          : new Response("<title>Old</title>", {
              headers: { "content-type": "text/html", "last-modified": changed },
            });
      },
    });
    expect(await titleOf(web)).toBe("Old, miss 0");
    expect(await titleOf(web)).toMatch(/^Old, revalidated/);
    expect(seen).toEqual([null, changed]);
  });

  test("is not read again by one who wants it younger, and the site is asked in any case at 0", async () => {
    const { web, passSeconds } = timedWeb({
      [URL_A]: countingPage({ "cache-control": "max-age=600" }),
    });
    await titleOf(web);
    passSeconds(30);
    expect(await titleOf(web, { max_age: 30 })).toBe("Reader 1, hit 30");
    expect(await titleOf(web, { max_age: 29 })).toBe("Reader 2, miss 0");
    expect(await titleOf(web, { max_age: 0 })).toBe("Reader 3, miss 0");
    expect(await titleOf(web)).toBe("Reader 3, hit 0");
  });

  test("is never another owner's", async () => {
    const { web } = timedWeb({
      [URL_A]: countingPage({ "cache-control": "public, max-age=600" }),
    });
    await titleOf(web);
    const outcome = await web.executor({ ...web.run(URL_A), ownerId: "usr_other" });
    expect(outcome).toMatchObject({ data: { title: "Reader 2", cache: { status: "miss" } } });
  });

  test("stands behind a redirect for good, and not behind one for now", async () => {
    const page = countingPage({ "cache-control": "max-age=600" });
    const { web } = timedWeb({
      "https://www.example.com/old": redirect(URL_A, 301),
      "https://www.example.com/now": redirect(URL_A, 302),
      [URL_A]: page,
    });
    await titleOf(web, {}, "https://www.example.com/old");
    expect(await titleOf(web, {}, "https://www.example.com/old")).toBe("Reader 1, hit 0");
    await titleOf(web, {}, "https://www.example.com/now");
    expect(await titleOf(web, {}, "https://www.example.com/now")).toBe("Reader 3, miss 0");
  });
});

describe("a page that must not be kept", () => {
  test.each([
    ["no-store", { "cache-control": "no-store, max-age=600" }],
    ["private", { "cache-control": "private, max-age=600" }],
    ["setting a cookie", { "cache-control": "max-age=600", "set-cookie": "a=b" }],
    ["varying with anything", { "cache-control": "max-age=600", vary: "*" }],
    ["always to be asked for", { "cache-control": "no-cache" }],
    ["without a word about it", {}],
  ])("is read anew: %s", async (_name, headers) => {
    const { web } = timedWeb({ [URL_A]: countingPage(headers) });
    await titleOf(web);
    expect(await titleOf(web)).toBe("Reader 2, miss 0");
  });

  test("is forgotten when the site takes its word back", async () => {
    let headers: Record<string, string> = { "cache-control": "max-age=60" };
    const { web, passSeconds } = timedWeb({
      [URL_A]: (url, init) => countingPage(headers)(url, init),
    });
    await titleOf(web);
    headers = { "cache-control": "no-store" };
    passSeconds(61);
    await titleOf(web);
    expect((await env.CACHE_KV.list({ prefix: "page:" })).keys).toEqual([]);
  });

  test.each([404, 500, 429])("is an error: %i", async (status) => {
    const { web } = timedWeb({
      [URL_A]: () => new Response("no", { status, headers: { "cache-control": "max-age=600" } }),
    });
    expect(await titleOf(web)).toBe("TARGET_STATUS");
    expect((await env.CACHE_KV.list({ prefix: "page:" })).keys).toEqual([]);
  });
});

describe("a copy that can't be trusted", () => {
  test("is fetched anew where it can't be read", async () => {
    const { web } = timedWeb({ [URL_A]: countingPage({ "cache-control": "max-age=600" }) });
    await titleOf(web);
    const [entry] = (await env.CACHE_KV.list({ prefix: "page:" })).keys;
    await env.CACHE_KV.put(entry?.name ?? "", "garbage");
    expect(await titleOf(web)).toBe("Reader 2, miss 0");
  });

  test("is dropped where the site says that something else has not changed", async () => {
    let answers = 0;
    const { web } = timedWeb({
      [URL_A]: () => {
        answers += 1;
        if (answers === 2) return new Response(null, { status: 304, headers: { etag: '"other"' } });
        return new Response(`<title>Reader ${answers}</title>`, {
          headers: { "content-type": "text/html", etag: '"v1"' },
        });
      },
    });
    await titleOf(web);
    expect(await titleOf(web)).toBe("TARGET_STATUS");
    expect(await titleOf(web)).toBe("Reader 3, miss 0");
  });
});
