import { describe, expect, test } from "vitest";
import { MAX_TARGET_LENGTH } from "#http/url-guard";
import { probe, problemOf, put } from "../../support/http-app";

test.each([
  "/Probe/raw",
  "/probe/raw/",
  "/probe//raw",
  "/probe",
  "/probe/raw;a=1",
  "/probe/raw%2f",
])("the path %s is nobody's: 404", async (path) => {
  const response = await probe().fetch(path);
  expect(response.status).toBe(404);
  expect((await problemOf(response)).code).toBe("ROUTE_NOT_FOUND");
});

test("a method that the path does not serve is 405 with those that it does", async () => {
  const response = await probe().fetch("/probe/items/i1", { method: "DELETE" });
  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe("GET, HEAD, PUT, OPTIONS");
  expect((await problemOf(response)).code).toBe("METHOD_NOT_ALLOWED");
});

test("OPTIONS tells the methods, and of an unknown path nothing", async () => {
  const known = await probe().fetch("/probe/fail", { method: "OPTIONS" });
  expect([known.status, known.headers.get("allow")]).toEqual([204, "POST, OPTIONS"]);
  expect((await probe().fetch("/nowhere", { method: "OPTIONS" })).status).toBe(404);
});

test.each([
  ["image/png", 406],
  ["application/json;q=0", 406],
  ["application/json;q=0, */*", 406],
  ["*/*", 200],
  ["application/*", 200],
  ["text/html, */*;q=0.1", 200],
  ["", 200],
  ["nonsense", 200],
])("Accept: %j of a JSON route is %i", async (accept, status) => {
  const response = await probe().fetch("/probe/items/i1", { headers: { Accept: accept } });
  expect(response.status).toBe(status);
});

test.each([
  "access_token=x",
  "API_KEY=x",
  "a=1&token=x",
  "tok%65n=x",
  "x=nr_dev_0123456789abcdef",
  "x=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
])("a credential in the query (%s) is refused and not repeated", async (query) => {
  const response = await probe().fetch(`/probe/raw?${query}`);
  expect(response.status).toBe(400);
  const problem = await problemOf(response);
  expect(problem.code).toBe("CREDENTIAL_IN_URL");
  expect(JSON.stringify(problem)).not.toMatch(/nr_dev|eyJ/);
});

test.each(["cursor=eyJhIjoxfQ", "tokens=5", "q=token", "key=name"])(
  "an ordinary query (%s) is none",
  async (query) => {
    expect((await probe().fetch(`/probe/raw?${query}`)).status).toBe(200);
  },
);

test("a target of 8 KiB is read, one byte more is 414", async () => {
  const path = (length: number): string => `/probe/raw?q=${"x".repeat(length - 13)}`;
  expect((await probe().fetch(path(MAX_TARGET_LENGTH))).status).toBe(200);
  const response = await probe().fetch(path(MAX_TARGET_LENGTH + 1));
  expect([response.status, (await problemOf(response)).code]).toEqual([414, "URI_TOO_LONG"]);
});

describe("CORS", () => {
  const settings = { CORS_ORIGINS: "https://app.test, https://Other.test/" };
  const from = (origin: string, more: RequestInit = {}, own = settings): Promise<Response> =>
    probe({ settings: own }).fetch("/probe/items/i1", {
      ...more,
      headers: { Origin: origin, ...(more.headers as Record<string, string>) },
    });

  test.each(["https://app.test", "https://other.test"])("a page of %s may read", async (origin) => {
    const response = await from(origin);
    expect(response.headers.get("access-control-allow-origin")).toBe(origin);
    expect(response.headers.get("access-control-allow-credentials")).toBe("true");
    expect(response.headers.get("access-control-expose-headers")).toContain("X-Request-Id");
    expect(response.headers.get("vary")).toContain("Origin");
  });

  test.each(["https://evil.test", "https://app.test.evil.test", "http://app.test", "null"])(
    "a page of %s may not, and caches are told that it depends",
    async (origin) => {
      const response = await from(origin);
      expect(response.status).toBe(200);
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
      expect(response.headers.get("vary")).toContain("Origin");
    },
  );

  test("errors may be read like answers", async () => {
    const response = await from("https://app.test", put("{"));
    expect(response.status).toBe(400);
    expect(response.headers.get("access-control-allow-origin")).toBe("https://app.test");
  });

  test("a preflight is 204 with the path's methods and our headers", async () => {
    const preflight = {
      method: "OPTIONS",
      headers: { "Access-Control-Request-Method": "PUT" },
    };
    const response = await from("https://app.test", preflight);
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-methods")).toContain("PUT");
    expect(response.headers.get("access-control-allow-headers")).toContain("Idempotency-Key");
    expect(response.headers.get("access-control-max-age")).toBe("7200");
    const stranger = await from("https://evil.test", preflight);
    expect(stranger.headers.get("access-control-allow-methods")).toBeNull();
  });

  test("with * everyone may read and nobody may send cookies", async () => {
    const response = await from("https://any.test", {}, { CORS_ORIGINS: "*" });
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("access-control-allow-credentials")).toBeNull();
  });

  test("with no origin listed nothing is said", async () => {
    const response = await from("https://app.test", {}, { CORS_ORIGINS: "" });
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("unsafe settings in production", () => {
  const settings = {
    ENVIRONMENT: "production",
    SECRET_KEY: "changeme-changeme-changeme-changeme",
    METRICS_TOKEN: "",
    DEMO_API_KEY: "",
  };

  test.each(["/", "/health", "/health/ready", "/openapi.json", "/probe/raw", "/nowhere"])(
    "%s is 503 and names the settings, never their values",
    async (path) => {
      const response = await probe({ settings }).fetch(path, {
        headers: { "Accept-Language": "en" },
      });
      expect(response.status).toBe(503);
      expect(response.headers.get("retry-after")).toBeTruthy();
      const problem = await problemOf(response);
      expect(problem.code).toBe("MISCONFIGURED");
      expect(problem["detail"]).toContain("SECRET_KEY, METRICS_TOKEN");
      expect(JSON.stringify(problem)).not.toContain("changeme");
    },
  );

  test("the process still says that it lives", async () => {
    expect((await probe({ settings }).fetch("/health/live")).status).toBe(200);
  });

  test("in development the same settings are reported and served", async () => {
    const response = await probe({ settings: { ...settings, ENVIRONMENT: "development" } }).fetch(
      "/probe/raw",
    );
    expect(response.status).toBe(200);
  });
});
