import { expect, test } from "vitest";
import { probe, problemOf, put } from "../../support/http-app";

const VALID = '{"name":"a","size":1}';
const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);

async function refusal(init: RequestInit, settings = {}): Promise<[number, string]> {
  const response = await probe({ settings }).fetch("/probe/items/i1", init);
  return [response.status, (await problemOf(response)).code];
}

test.each([
  ["cut short", '{"name":'],
  ["a comma too many", '{"name":"a",}'],
  ["blank", " "],
  ["not JSON", "name=a"],
])("a body that is %s is 400 MALFORMED_JSON", async (_what, body) => {
  expect(await refusal(put(body))).toEqual([400, "MALFORMED_JSON"]);
});

test("a body that is missing where one is needed is 400 BODY_REQUIRED", async () => {
  expect(await refusal({ method: "PUT" })).toEqual([400, "BODY_REQUIRED"]);
  expect(await refusal(put(""))).toEqual([400, "BODY_REQUIRED"]);
});

test("bytes that are no UTF-8 are refused instead of being replaced", async () => {
  expect(await refusal(put(new Uint8Array([0x22, 0xff, 0x22])))).toEqual([400, "INVALID_UTF8"]);
});

test("a byte order mark before the JSON is passed over", async () => {
  const response = await probe().fetch("/probe/items/i1", put(`\ufeff${VALID}`));
  expect(response.status).toBe(200);
});

test("32 levels pass to validation, 33 and 200,000 are refused without recursion", async () => {
  expect(await refusal(put(nested(32)))).toEqual([422, "VALIDATION_FAILED"]);
  expect(await refusal(put(nested(33)))).toEqual([400, "BODY_TOO_DEEP"]);
  expect(await refusal(put(nested(200_000)))).toEqual([400, "BODY_TOO_DEEP"]);
});

test.each(["__proto__", "constructor", "prototype"])(
  "the key %s is refused at every level, however it is spelled",
  async (key) => {
    expect(await refusal(put(`{"${key}":1}`))).toEqual([400, "FORBIDDEN_KEY"]);
    expect(await refusal(put(`{"tags":[{"key":{"${key}":1}}]}`))).toEqual([400, "FORBIDDEN_KEY"]);
    const escaped = `\\u${key.charCodeAt(0).toString(16).padStart(4, "0")}${key.slice(1)}`;
    expect(await refusal(put(`{"${escaped}":1}`))).toEqual([400, "FORBIDDEN_KEY"]);
  },
);

test.each([
  ["text/plain"],
  ["application/x-www-form-urlencoded"],
  ["application/json; charset=euc-kr"],
  ["application/jsonx"],
  ["nonsense"],
])("a body of type %s is 415", async (type) => {
  expect(await refusal(put(VALID, { "Content-Type": type }))).toEqual([
    415,
    "UNSUPPORTED_MEDIA_TYPE",
  ]);
});

test("a body without a type is 415, and so is a compressed one", async () => {
  const bytes = new TextEncoder().encode(VALID);
  expect(await refusal({ method: "PUT", body: bytes })).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"]);
  expect(await refusal(put(VALID, { "Content-Encoding": "gzip" }))).toEqual([
    415,
    "UNSUPPORTED_MEDIA_TYPE",
  ]);
});

test.each([
  "application/json",
  "Application/JSON;charset=UTF-8",
  'application/json; charset="utf-8"',
])("a body of type %s is read", async (type) => {
  const response = await probe().fetch("/probe/items/i1", put(VALID, { "Content-Type": type }));
  expect(response.status).toBe(200);
});

test("a body of exactly the limit is read, one byte more is 413", async () => {
  const settings = { MAX_BODY_BYTES: "1024" };
  const pad = (length: number): string => VALID.padEnd(length, " ");
  expect((await probe({ settings }).fetch("/probe/items/i1", put(pad(1024)))).status).toBe(200);
  expect(await refusal(put(pad(1025)), settings)).toEqual([413, "BODY_TOO_LARGE"]);
});

test("a body that does not tell its length is counted as it comes, and the rest is not read", async () => {
  let sent = 0;
  let isCancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent++;
      controller.enqueue(new Uint8Array(512).fill(32));
    },
    cancel() {
      isCancelled = true;
    },
  });
  expect(await refusal(put(endless), { MAX_BODY_BYTES: "4096" })).toEqual([413, "BODY_TOO_LARGE"]);
  expect(isCancelled).toBe(true);
  expect(sent).toBeLessThan(20);
});

test("a body that is declared too large is refused unread", async () => {
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({
    cancel() {
      isCancelled = true;
    },
  });
  const init = put(body, { "Content-Length": "99999999" });
  expect(await refusal(init)).toEqual([413, "BODY_TOO_LARGE"]);
  expect(isCancelled).toBe(true);
});
