/**
 * Every status that the contract's conventions list, provoked on a real route where one can answer it, in
 * both languages: the code and the members of the problem are the same, the texts are not.
 */
import { createExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import { createApp } from "#app";
import { ApiError } from "#platform/errors";
import { createTestKey, uniqueAddress } from "../support/api";
import type { TestKeyOptions } from "../support/api";
import { probe } from "../support/http-app";

interface Provocation {
  readonly status: number;
  readonly code: string;
  readonly header?: string;
  readonly provoke: (language: string) => Promise<Response>;
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How the caller's key is made; null for no key. */
  readonly as?: TestKeyOptions | null;
  /** How often the call is made; the last answer counts. */
  readonly times?: number;
}

const ask =
  (path: string, asked: Asked = {}) =>
  async (language: string): Promise<Response> => {
    const headers = new Headers({ "Accept-Language": language, ...asked.headers });
    headers.set("CF-Connecting-IP", uniqueAddress());
    if (asked.as !== null)
      headers.set("Authorization", `Bearer ${(await createTestKey(asked.as)).key}`);
    if (asked.body !== undefined && !headers.has("Content-Type"))
      headers.set("Content-Type", "application/json");
    const send = (): Promise<Response> =>
      exports.default.fetch(`http://naru.test${path}`, {
        method: asked.method ?? (asked.body === undefined ? "GET" : "POST"),
        headers,
        ...(asked.body === undefined ? {} : { body: asked.body }),
      });
    for (let i = 1; i < (asked.times ?? 1); i++) await (await send()).text();
    return send();
  };

/** A call to the real composition with bindings that differ. */
const askWith =
  (path: string, bindings: Readonly<Record<string, unknown>>) =>
  async (language: string): Promise<Response> =>
    createApp().fetch(
      new Request(`http://naru.test${path}`, { headers: { "Accept-Language": language } }),
      { ...env, ...bindings },
      createExecutionContext(),
    );

const thrown = (code: "PRECONDITION_REQUIRED" | "UPSTREAM_TIMEOUT") => (language: string) =>
  probe({ thrown: new ApiError(code) }).fetch("/probe/fail", {
    method: "POST",
    headers: { "Accept-Language": language },
  });

const echo = JSON.stringify({ kind: "echo", input: { say: "hello" } });
const broken = {
  prepare: () => {
    throw new Error("D1 is away");
  },
};

const PROVOCATIONS: readonly Provocation[] = [
  {
    status: 400,
    code: "MALFORMED_JSON",
    provoke: ask("/scrape", { body: "{" }),
  },
  {
    status: 401,
    code: "AUTHENTICATION_REQUIRED",
    header: "www-authenticate",
    provoke: ask("/api/v1/tasks", { as: null }),
  },
  {
    status: 403,
    code: "INSUFFICIENT_SCOPE",
    provoke: ask("/api/v1/tasks", { as: { scopes: ["scrape"] } }),
  },
  { status: 404, code: "ROUTE_NOT_FOUND", provoke: ask("/api/v1/nowhere") },
  {
    status: 405,
    code: "METHOD_NOT_ALLOWED",
    header: "allow",
    provoke: ask("/scrape", { method: "PATCH" }),
  },
  {
    status: 406,
    code: "NOT_ACCEPTABLE",
    provoke: ask("/api/v1/tasks", { headers: { Accept: "text/csv" } }),
  },
  {
    status: 408,
    code: "WAIT_TIMED_OUT",
    header: "location",
    provoke: ask("/api/v1/tasks", { body: echo, headers: { Prefer: "wait=0" } }),
  },
  {
    status: 409,
    code: "TASK_ALREADY_FINISHED",
    provoke: async (language) => {
      const { key } = await createTestKey();
      const headers = { Authorization: `Bearer ${key}`, "Accept-Language": language };
      const ended = await exports.default.fetch("http://naru.test/api/v1/tasks", {
        method: "POST",
        headers: { ...headers, "Content-Type": "application/json" },
        body: echo,
      });
      expect(ended.status).toBe(200);
      await ended.text();
      return exports.default.fetch(`http://naru.test${ended.headers.get("location")}`, {
        method: "DELETE",
        headers,
      });
    },
  },
  {
    status: 413,
    code: "BODY_TOO_LARGE",
    provoke: ask("/scrape", { body: " ".repeat(1_048_577) }),
  },
  {
    status: 415,
    code: "UNSUPPORTED_MEDIA_TYPE",
    provoke: ask("/scrape", { body: "a", headers: { "Content-Type": "text/plain" } }),
  },
  { status: 422, code: "VALIDATION_FAILED", provoke: ask("/scrape", { body: "{}" }) },
  // No route asks for a condition or calls an upstream by itself: what maps such a refusal is asked directly.
  { status: 428, code: "PRECONDITION_REQUIRED", provoke: thrown("PRECONDITION_REQUIRED") },
  {
    status: 429,
    code: "RATE_LIMITED",
    header: "retry-after",
    provoke: ask("/api/v1/tasks", {
      as: { limits: { burst: { limit: 1, window: 60 } } },
      times: 2,
    }),
  },
  {
    status: 503,
    code: "DEPENDENCY_UNAVAILABLE",
    header: "retry-after",
    provoke: askWith("/health/ready", { DB: broken }),
  },
  { status: 504, code: "UPSTREAM_TIMEOUT", provoke: thrown("UPSTREAM_TIMEOUT") },
];

test.each(PROVOCATIONS)("$status $code says the same in both languages", async (provocation) => {
  const problems: Record<string, unknown>[] = [];
  for (const language of ["ko", "en"]) {
    const response = await provocation.provoke(language);
    expect(response.status).toBe(provocation.status);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(response.headers.get("content-language")).toBe(language);
    expect(response.headers.get("vary")).toContain("Accept-Language");
    if (provocation.header !== undefined)
      expect(response.headers.get(provocation.header)).toBeTruthy();
    problems.push(await response.json());
  }
  const [korean = {}, english = {}] = problems;
  expect(korean["code"]).toBe(provocation.code);
  expect(english["code"]).toBe(provocation.code);
  expect(Object.keys(korean)).toEqual(Object.keys(english));
  expect(korean["error"]).toMatch(/[가-힣]/);
  expect(english["error"]).not.toMatch(/[가-힣]/);
});

test("another owner's task is as unknown as one that never was", async () => {
  const { key } = await createTestKey();
  const other = await createTestKey();
  const call = (path: string, init: RequestInit, bearer: string): Promise<Response> =>
    exports.default.fetch(`http://naru.test${path}`, {
      ...init,
      headers: { Authorization: `Bearer ${bearer}`, "Content-Type": "application/json" },
    });
  const made = await call("/api/v1/tasks", { method: "POST", body: echo }, key);
  const path = made.headers.get("location") ?? "";
  await made.text();
  const foreign = await call(path, {}, other.key);
  const unknown = await call(`${path.slice(0, -4)}zzzz`, {}, other.key);
  expect([foreign.status, unknown.status]).toEqual([404, 404]);
  const [a, b] = await Promise.all([foreign.json<object>(), unknown.json<object>()]);
  expect({ ...a, instance: 0, request_id: 0, trace_id: 0, timestamp: 0 }).toEqual({
    ...b,
    instance: 0,
    request_id: 0,
    trace_id: 0,
    timestamp: 0,
  });
});
