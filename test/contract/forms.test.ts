/** Asks every operation that takes a form what a form can be refused for: RFC 6749's own shape, whatever the fault. */
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { answerOf, postForm } from "../support/oauth";
import { endpointsOf, readDocument } from "../support/openapi";

const FORM = "application/x-www-form-urlencoded";
const ENDPOINTS = endpointsOf(await readDocument("/openapi.json")).filter(
  ({ operation }) => operation.requestBody?.content[FORM] !== undefined,
);
const PATHS = ENDPOINTS.map(({ template }) => template);

test("there are operations that take a form", () => {
  expect(PATHS).toContain("/oauth/token");
});

const REFUSALS: readonly [string, string, Readonly<Record<string, string>>, number][] = [
  ["no form", "{}", { "Content-Type": "application/json" }, 415],
  ["another charset", "a=1", { "Content-Type": `${FORM}; charset=euc-kr` }, 415],
  ["a compressed body", "a=1", { "Content-Encoding": "gzip" }, 415],
  ["no body", "", {}, 400],
  ["an escape that is cut off", "a=%4", {}, 400],
  ["bytes that are no UTF-8", "a=%ff", {}, 400],
  ["a key that is never taken", "__proto__=1", {}, 400],
  ["a field twice", "client_id=a&client_id=b", {}, 400],
  ["too many fields", "a=1&".repeat(101), {}, 400],
  ["too large a body", "x".repeat(Number(env.MAX_BODY_BYTES) + 1), {}, 413],
];

test.each(PATHS.flatMap((path) => REFUSALS.map((refusal) => [path, ...refusal] as const)))(
  "%s refuses %s",
  async (path, _what, body, headers, status) => {
    const answer = await answerOf(postForm(path, body, { headers }));
    expect([answer.status, answer.body["error"]]).toEqual([status, "invalid_request"]);
    expect(answer.body["error_description"]).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
    expect(Object.keys(answer.body)).toEqual(["error", "error_description"]);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.headers.get("cache-control")).toBe("no-store");
  },
);
