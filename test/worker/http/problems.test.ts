import { HTTPException } from "hono/http-exception";
import { describe, expect, test } from "vitest";
import { ApiError, ERRORS, errorText } from "#platform/errors";
import type { ErrorCode } from "#platform/errors";
import { LOCALES } from "#platform/locale";
import { probe, problemOf } from "../../support/http-app";

const CODES = Object.keys(ERRORS) as ErrorCode[];
const fail = async (thrown: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  probe({ thrown, settings: { LOG_LEVEL: "error" } }).fetch("/probe/fail", {
    method: "POST",
    headers,
  });

describe.each(LOCALES)("in %s", (locale) => {
  test.each(CODES)("%s is a whole problem document of one code and status", async (code) => {
    const response = await fail(new ApiError(code), { "Accept-Language": locale });
    expect(response.status).toBe(ERRORS[code]);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(response.headers.get("content-language")).toBe(locale);
    const text = errorText(code, locale);
    expect(await response.json()).toEqual({
      type: `/errors/${code}`,
      title: text.title,
      status: ERRORS[code],
      instance: "/probe/fail",
      error: text.error,
      detail: text.detail,
      code,
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      request_id: response.headers.get("x-request-id"),
      trace_id: response.headers.get("x-trace-id"),
    });
    expect(response.headers.get("x-trace-id")).toMatch(/^[0-9a-f]{32}$/);
  });
});

test("a problem names the caller's trace, where the caller has one", async () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
  const response = await fail(new ApiError("CONFLICT"), { traceparent });
  expect(await response.json()).toMatchObject({ trace_id: traceparent.slice(3, 35) });
});

test.each(CODES.filter((code) => [401, 429, 503].includes(ERRORS[code])))(
  "%s carries the header that its status must not lack",
  async (code) => {
    const response = await fail(new ApiError(code));
    const name = ERRORS[code] === 401 ? "www-authenticate" : "retry-after";
    expect(response.headers.get(name)).toBeTruthy();
  },
);

test("a refusal's own members, headers and faults reach the answer, and none replaces a standard one", async () => {
  const response = await fail(
    new ApiError("WAIT_TIMED_OUT", {
      extension: { task_id: "task_1", status: 200, code: "OTHER" },
      headers: { "Retry-After": "7", Location: "/api/v1/tasks/task_1" },
      errors: [{ pointer: "/a", code: "x", message: "y" }],
    }),
  );
  expect(response.headers.get("retry-after")).toBe("7");
  expect(response.headers.get("location")).toBe("/api/v1/tasks/task_1");
  expect(await response.json()).toMatchObject({
    task_id: "task_1",
    status: 408,
    code: "WAIT_TIMED_OUT",
    errors: [{ pointer: "/a", code: "x", message: "y" }],
  });
});

test.each([
  ["an Error", new Error("SELECT secret FROM users; /home/x.ts:1")],
  ["a string", "SELECT secret FROM users"],
  ["an object", { message: "SELECT secret FROM users" }],
  ["nothing", undefined],
  ["an error with an internal note", new ApiError("INTERNAL", { internal: "SELECT secret" })],
  ["an error with a cause", new ApiError("INTERNAL", { cause: new Error("SELECT secret") })],
])(
  "what is thrown by mistake (%s) is INTERNAL and tells the caller nothing of itself",
  async (_what, thrown) => {
    const response = await fail(thrown);
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(text).not.toMatch(/secret|SELECT|\.ts|stack/i);
    expect(text).toContain('"code":"INTERNAL"');
  },
);

test.each([
  [Object.assign(new Error("x"), { overloaded: true })],
  [Object.assign(new Error("x"), { retryable: true })],
  [Object.assign(new Error("x"), { durableObjectReset: true })],
  [new Error("Network connection lost.")],
  [new Error("D1_ERROR: D1 DB is overloaded. Too many requests queued.")],
  [new Error("Unknown Internal Error (15000)")],
  [new Error("KV GET failed: 503 Service Unavailable")],
])("a binding that fails (%s) is DEPENDENCY_UNAVAILABLE with Retry-After", async (thrown) => {
  const response = await fail(thrown);
  expect(response.status).toBe(503);
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await problemOf(response)).code).toBe("DEPENDENCY_UNAVAILABLE");
});

test.each([
  [400, "BAD_REQUEST"],
  [401, "AUTHENTICATION_REQUIRED"],
  [413, "BODY_TOO_LARGE"],
  [415, "UNSUPPORTED_MEDIA_TYPE"],
  [418, "BAD_REQUEST"],
  [500, "INTERNAL"],
  [502, "INTERNAL"],
] as const)("the framework's own %i is the problem %s", async (status, code) => {
  const thrown = new HTTPException(status, { message: "secret inside" });
  const problem = await problemOf(await fail(thrown));
  expect(problem.code).toBe(code);
  expect(JSON.stringify(problem)).not.toContain("secret");
});

test("the instance is the path without its query, however the host is spelled", async () => {
  const response = await probe().fetch("/nowhere/%EB%82%98?q=private", {
    headers: { Host: "evil.test" },
  });
  const problem = await problemOf(response);
  expect(problem["instance"]).toBe("/nowhere/%EB%82%98");
  expect(JSON.stringify(problem)).not.toMatch(/private|evil|naru\.test/);
});
