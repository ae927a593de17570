import { expect, test } from "vitest";
import { cacheUse, createJudge, holdsAlready } from "#upstreams/core/cacheable";
import type { CacheRequest, HeaderRecord } from "#upstreams/core/cacheable";

const START = Date.parse("2026-11-20T12:00:00Z");
let nowMs = START;
const judge = createJudge(() => nowMs);
const asked = (headers: HeaderRecord = {}): CacheRequest => ({
  url: "/a?b=1",
  method: "GET",
  headers: { accept: "*/*", ...headers },
});

const SHARED = { "cache-control": "public, max-age=60", date: "Fri, 20 Nov 2026 12:00:00 GMT" };

function keep(
  headers: HeaderRecord,
  more: { status?: number; setsCookie?: boolean } = {},
  cacheSeconds = 3600,
) {
  nowMs = START;
  return judge.keep(asked(), { status: 200, setsCookie: false, ...more, headers }, cacheSeconds);
}

test.each<[string, HeaderRecord, boolean]>([
  ["public, max-age=60", {}, true],
  ["s-maxage=60", {}, true],
  ["max-age=60, must-revalidate", {}, true],
  ["PUBLIC, Max-Age=60", {}, true],
  ["public, max-age=60, immutable", {}, true],
  // RFC 9111 section 3.5: freshness alone does not make an answer to somebody one for all.
  ["max-age=60", {}, false],
  ["public", {}, false],
  ["public, max-age=0", {}, false],
  ["public, s-maxage=0, max-age=60", {}, false],
  ["public, no-store, max-age=60", {}, false],
  ["public, No-Store, max-age=60", {}, false],
  ["public, no-cache, max-age=60", {}, false],
  ["private, s-maxage=60", {}, false],
  ["Private, s-maxage=60", {}, false],
  ['public, private="x-secret", max-age=60', {}, false],
  ["", {}, false],
  ["public", { expires: "Fri, 20 Nov 2026 12:01:00 GMT" }, true],
  ["public", { expires: "0" }, false],
  ["public", { "last-modified": "Mon, 20 Nov 2006 12:00:00 GMT" }, false],
  ["public, max-age=60", { age: "60" }, false],
  ["public, max-age=60", { vary: "*" }, false],
  ["public, max-age=60", { vary: "Accept-Language" }, true],
  ["public, max-age=60", { vary: "Accept, Cookie" }, false],
  ["public, max-age=60", { vary: "authorization" }, false],
  ["public, max-age=60", { vary: "X-Forwarded-User" }, false],
  ["public, max-age=60", { vary: "x-naru-scopes" }, false],
])("an answer with %j and %j may be told again: %s", (control, headers, expected) => {
  const all = {
    date: SHARED.date,
    ...headers,
    ...(control === "" ? {} : { "cache-control": control }),
  };
  expect(keep(all) !== null).toBe(expected);
});

test.each([
  [200, true],
  [203, true],
  [301, true],
  [404, true],
  [410, true],
  [206, false],
  [302, false],
  [304, false],
  [500, false],
  [503, false],
])("one with the status %i may be: %s", (status, expected) => {
  expect(keep(SHARED, { status }) !== null).toBe(expected);
});

test("one that sets a cookie is for who it was made for", () => {
  expect(keep(SHARED, { setsCookie: true })).toBeNull();
});

test("an answer is told as long as it is fresh, no longer than the upstream's definition says, and never stale", () => {
  const isFreshAt = (
    cacheSeconds: number,
    seconds: number,
    headers: HeaderRecord = {},
  ): boolean => {
    const made = keep(SHARED, {}, cacheSeconds);
    if (made === null) throw new Error("it is not kept");
    nowMs = START + seconds * 1000;
    return judge.isFresh(made.kept, asked(headers), cacheSeconds);
  };
  expect(isFreshAt(3600, 59)).toBe(true);
  expect(isFreshAt(3600, 60)).toBe(false);
  expect(isFreshAt(10, 9)).toBe(true);
  expect(isFreshAt(10, 10)).toBe(false);
  expect(isFreshAt(3600, 61, { "cache-control": "max-stale=100" })).toBe(false);
  expect(isFreshAt(3600, 30, { "cache-control": "max-age=20" })).toBe(false);
  expect(isFreshAt(3600, 30, { "cache-control": "No-Cache" })).toBe(false);
  expect(isFreshAt(3600, 30, { pragma: "no-cache" })).toBe(false);
  expect(isFreshAt(3600, 30, { "cache-control": "min-fresh=40" })).toBe(false);
});

test("it is kept for its freshness, and as long again where it can be compared", () => {
  expect(keep(SHARED)?.seconds).toBe(60);
  expect(keep(SHARED, {}, 10)?.seconds).toBe(10);
  expect(keep({ ...SHARED, etag: '"1"' }, {}, 10)?.seconds).toBe(20);
  expect(keep({ ...SHARED, age: "50" })?.seconds).toBe(10);
});

test("it is for requests alone that are alike in what it varies by", () => {
  nowMs = START;
  const request = asked({ "accept-language": "ko", "accept-encoding": "gzip" });
  const answer = {
    status: 200,
    setsCookie: false,
    headers: { ...SHARED, vary: "Accept-Language" },
  };
  const { kept } = judge.keep(request, answer, 60) ?? {};
  if (kept === undefined) throw new Error("it is not kept");
  expect(judge.matches(kept, request)).toBe(true);
  expect(judge.matches(kept, asked({ "accept-language": "ko", "cache-control": "no-cache" }))).toBe(
    true,
  );
  expect(judge.matches(kept, asked({ "accept-language": "en" }))).toBe(false);
  expect(judge.matches(kept, asked())).toBe(false);
  expect(judge.isFresh(kept, asked({ "accept-language": "en" }), 60)).toBe(false);
});

test("an encoded one is for those who take its coding, also where its server forgets to say so", () => {
  nowMs = START;
  const answer = {
    status: 200,
    setsCookie: false,
    headers: { ...SHARED, "content-encoding": "gzip" },
  };
  const { kept } = judge.keep(asked({ "accept-encoding": "gzip" }), answer, 60) ?? {};
  if (kept === undefined) throw new Error("it is not kept");
  expect(judge.matches(kept, asked({ "accept-encoding": "gzip" }))).toBe(true);
  expect(judge.matches(kept, asked())).toBe(false);
});

test("it tells its age, and what it was told with", () => {
  const { kept } = keep({ ...SHARED, "content-type": "text/plain", age: "5" }) ?? {};
  if (kept === undefined) throw new Error("it is not kept");
  nowMs = START + 7_900;
  expect(judge.headersOf(kept)).toEqual({ ...SHARED, "content-type": "text/plain", age: "12" });
});

test("a 304 makes it fresh again with what it says, and one about something else does not", () => {
  const first = keep({ ...SHARED, etag: '"1"', "content-type": "text/plain", age: "55" });
  if (first === null) throw new Error("it is not kept");
  expect(judge.conditions(first.kept)).toEqual({ "if-none-match": '"1"' });
  nowMs = START + 10_000;
  expect(judge.isFresh(first.kept, asked(), 3600)).toBe(false);
  const headers = {
    etag: 'W/"1"',
    date: "Fri, 20 Nov 2026 12:00:10 GMT",
    "x-new": "1",
    "content-type": "text/html",
  };
  const confirmed = judge.confirm(first.kept, asked(), headers, 3600);
  expect(confirmed?.kept.headers).toMatchObject({ "x-new": "1", "content-type": "text/plain" });
  expect(confirmed && judge.isFresh(confirmed.kept, asked(), 3600)).toBe(true);
  expect(judge.confirm(first.kept, asked(), { etag: '"2"' }, 3600)).toBeNull();
  expect(judge.confirm(first.kept, asked(), { etag: '"1"', "set-cookie": "a=1" }, 3600)).toBeNull();
  // It holds, and may not be told any more.
  const closed = { etag: '"1"', "cache-control": "private" };
  expect(judge.confirm(first.kept, asked(), closed, 3600)).toBeNull();
});

test.each<[string, HeaderRecord, string]>([
  ["GET", {}, "normal"],
  ["HEAD", {}, "normal"],
  ["POST", {}, "bypass"],
  ["GET", { range: "bytes=0-1" }, "bypass"],
  ["GET", { "cache-control": "max-age=0, No-Store" }, "bypass"],
  ["GET", { "cache-control": "no-cache" }, "normal"],
  ["GET", { "cache-control": "only-if-cached" }, "only"],
])("%s with %j uses the cache so: %s", (method, headers, expected) => {
  expect(cacheUse(method, headers)).toBe(expected);
});

test.each<[HeaderRecord, HeaderRecord, boolean]>([
  [{ "if-none-match": '"1"' }, { etag: '"1"' }, true],
  [{ "if-none-match": '"0", W/"1"' }, { etag: '"1"' }, true],
  [{ "if-none-match": "*" }, { etag: '"1"' }, true],
  [{ "if-none-match": '"2"' }, { etag: '"1"' }, false],
  [
    { "if-none-match": '"2"', "if-modified-since": "x" },
    { etag: '"1"', "last-modified": "x" },
    false,
  ],
  [{ "if-none-match": "*" }, {}, false],
  [{ "if-modified-since": "x" }, { "last-modified": "x" }, true],
  [{ "if-modified-since": "x" }, { "last-modified": "y" }, false],
  [{}, { etag: '"1"' }, false],
])("who asks with %j holds what has %j: %s", (request, answer, expected) => {
  expect(holdsAlready(request, answer)).toBe(expected);
});
