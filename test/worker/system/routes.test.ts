import { createExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { version } from "../../../package.json";
import { createApp } from "#app";
import { createTestKey } from "../../support/api";

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  exports.default.fetch(`http://naru.test${path}`, { headers });

/** A fresh composition over bindings that differ: its health is not that which another test has asked for. */
const getWith = async (path: string, bindings: Record<string, unknown>): Promise<Response> =>
  createApp().fetch(
    new Request(`http://naru.test${path}`),
    { ...env, ...bindings },
    createExecutionContext(),
  );

describe("GET /", () => {
  test.each([{}, { Accept: "*/*" }, { Accept: "application/json" }])(
    "a program (%j) gets the server's name, version and time",
    async (headers) => {
      const response = await get("/", headers);
      expect(response.headers.get("content-type")).toContain("application/json");
      expect(await response.json()).toEqual({
        message: expect.any(String),
        version,
        status: "running",
        timestamp: expect.stringMatching(/\.\d{3}Z$/),
      });
    },
  );

  test.each([
    ["ko", "콘솔"],
    ["en", "Console"],
  ])("a browser gets a page in %s that loads nothing from elsewhere", async (language, text) => {
    const response = await get("/", {
      Accept: "text/html,application/xhtml+xml,*/*;q=0.8",
      "Accept-Language": language,
    });
    expect(response.headers.get("content-type")).toContain("text/html");
    expect(response.headers.get("vary")).toContain("Accept");
    const page = await response.text();
    expect(page).toContain(text);
    expect(page).toContain(`<html lang="${language}">`);
    expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });
});

describe("GET /health", () => {
  const HEALTHY = { status: "healthy", latency_ms: expect.any(Number) };

  test.each(["/health", "/api/v1/health"])(
    "%s tells of each part in the contract's shape",
    async (path) => {
      const response = await get(path);
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({
        status: "healthy",
        version,
        timestamp: expect.stringMatching(/\.\d{3}Z$/),
        components: {
          database: HEALTHY,
          cache: HEALTHY,
          queue: HEALTHY,
          durable_objects: HEALTHY,
          ai_model: HEALTHY,
        },
        environment_validation: {
          status: "valid",
          issues: { critical: [], errors: [], warnings: expect.any(Array) },
          faults: expect.any(Array),
        },
        system_info: { cpu_usage: null, memory_usage: null, disk_usage: expect.any(Number) },
      });
    },
  );

  const fails = (): never => {
    throw new Error("away");
  };

  test.each([
    ["database", { DB: { prepare: fails } }, "unhealthy", 503],
    ["durable_objects", { TASK_SHARD: { getByName: () => ({ ping: fails }) } }, "unhealthy", 503],
    ["cache", { CACHE_KV: { get: fails } }, "degraded", 200],
    ["queue", { TASKS_FAST: { metrics: fails } }, "degraded", 200],
    ["ai_model", { AI_PROVIDER: "no-such-provider" }, "degraded", 200],
  ])("without %s it says so", async (part, bindings, status, httpStatus) => {
    const response = await getWith("/health", bindings);
    expect(response.status).toBe(httpStatus);
    const health = await response.json<{
      status: string;
      components: Record<string, { status: string }>;
    }>();
    expect(health.status).toBe(status);
    for (const [name, component] of Object.entries(health.components))
      expect(component.status, name).toBe(name === part ? "unhealthy" : "healthy");
    expect(response.headers.has("retry-after")).toBe(httpStatus === 503);
  });

  test("the parts are asked once for many callers", async () => {
    let asked = 0;
    const bindings = {
      ...env,
      CACHE_KV: {
        get: () => {
          asked++;
          return Promise.resolve(null);
        },
      },
    };
    const app = createApp();
    for (let i = 0; i < 5; i++) {
      const request = new Request("http://naru.test/health");
      await (await app.fetch(request, bindings, createExecutionContext())).text();
    }
    expect(asked).toBe(1);
  });

  test("faults in the settings are named, and their values are not", async () => {
    const response = await getWith("/health", {
      SECRET_KEY: "short",
      CORS_ORIGINS: "https://ok.test, hunter2",
    });
    expect(response.status).toBe(200);
    const text = await response.text();
    expect(text).toMatch(/^{"status":"degraded"/);
    expect(text).toContain('"status":"invalid"');
    expect(text).toContain("SECRET_KEY is shorter than 32 characters");
    expect(text).not.toMatch(/hunter2|"short"/);
  });
});

test("liveness asks nobody, readiness asks the parts that every request needs", async () => {
  const broken = { DB: null, CACHE_KV: null, TASKS_FAST: null, TASK_SHARD: null };
  expect((await getWith("/health/live", broken)).status).toBe(200);
  const response = await getWith("/health/ready", broken);
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ code: "DEPENDENCY_UNAVAILABLE" });
  expect((await get("/health/ready")).status).toBe(200);
});

test.each(["/status", "/api/v1/status"])("%s counts exactly what has ended", async (path) => {
  const { key } = await createTestKey();
  const submit = (kind: string): Promise<Response> =>
    exports.default.fetch("http://naru.test/api/v1/tasks", {
      method: "POST",
      headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
      body: JSON.stringify({ kind, input: { n: 1 } }),
    });
  const before = await (await get(path)).json<Record<string, number>>();
  for (const response of await Promise.all([submit("echo"), submit("echo"), submit("nothing")]))
    await response.text();
  const after = await (await get(path)).json<Record<string, unknown>>();
  expect(after).toEqual({
    status: "operational",
    queue_length: 0,
    scheduled: 0,
    oldest_queued_seconds: null,
    by_kind: {
      echo: {
        queue_length: 0,
        scheduled: 0,
        running: 0,
        completed: 2,
        failed: 0,
        cancelled: 0,
        timed_out: 0,
      },
    },
    running_tasks: 0,
    active_workers: expect.any(Number),
    completed_tasks: (before["completed_tasks"] ?? 0) + 2,
    failed_tasks: before["failed_tasks"],
    cancelled_tasks: before["cancelled_tasks"],
    timed_out_tasks: before["timed_out_tasks"],
    last_claim_at: expect.stringMatching(/\.\d{3}Z$/),
    uptime: expect.any(Number),
    memory_usage: null,
    cpu_usage: null,
  });
});

describe("GET /errors/:code", () => {
  test.each([
    ["ko", "요청 한도 초과"],
    ["en", "Too many requests"],
  ])("explains an error to a person in %s", async (language, title) => {
    const response = await get("/errors/RATE_LIMITED", { "Accept-Language": language });
    expect(response.headers.get("content-type")).toContain("text/html");
    expect(response.headers.get("content-language")).toBe(language);
    const page = await response.text();
    expect(page).toContain(title);
    expect(page).toContain("RATE_LIMITED");
  });

  test("the page's own link to the other language wins over the header", async () => {
    const response = await get("/errors/RATE_LIMITED?lang=en", { "Accept-Language": "ko" });
    expect(response.headers.get("content-language")).toBe("en");
    expect(await response.text()).toContain("Too many requests");
  });

  test("explains it to a program as JSON", async () => {
    const response = await get("/errors/TASK_NOT_FOUND", {
      Accept: "application/json",
      "Accept-Language": "en",
    });
    expect(await response.json()).toMatchObject({
      type: "/errors/TASK_NOT_FOUND",
      code: "TASK_NOT_FOUND",
      status: 404,
      title: "Task not found",
    });
  });

  test.each(["NO_SUCH", "task_not_found", "__proto__", "%3Cscript%3E"])(
    "%s is no error of ours: 404",
    async (code) => {
      const response = await get(`/errors/${code}`);
      expect(response.status).toBe(404);
      expect(response.headers.get("content-type")).toBe("application/problem+json");
    },
  );

  test("the type of a problem leads to its page", async () => {
    const { type } = await (await get("/nowhere")).json<{ type: string }>();
    expect((await get(type)).status).toBe(200);
  });
});

describe.each(["/", "/errors/RATE_LIMITED", "/docs", "/redoc"])("the page at %s", (path) => {
  const page = (headers: Record<string, string> = {}) =>
    get(path, { Accept: "text/html", ...headers });

  test("is the same at each call, so that who holds it is answered 304", async () => {
    const first = await page();
    const again = await page({ "If-None-Match": first.headers.get("etag") ?? "" });
    expect(again.status).toBe(304);
    expect(again.headers.get("content-security-policy")).toBe(
      first.headers.get("content-security-policy"),
    );
    expect(await again.text()).toBe("");
    await first.text();
  });

  test("runs and loads nothing but what is ours, and its policy names each inline part by its hash", async () => {
    const response = await page();
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).not.toMatch(/script-src[^;]*unsafe|nonce-/);
    const html = await response.text();
    expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    expect(html).not.toMatch(/ (?:style|on\w+)="/);
    for (const [, name, inline = ""] of html.matchAll(/<(script|style)>([^]*?)<\/\1>/g)) {
      const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(inline));
      const source = `'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`;
      const directive = policy.split("; ").find((part) => part.startsWith(`${name}-src `));
      expect(directive).toContain(source);
    }
  });
});

test("the console's shell runs our own modules alone, and takes no text for markup", async () => {
  const policy = (await get("/", { Accept: "text/html" })).headers.get("content-security-policy");
  expect(policy?.split("; ")).toEqual(
    expect.arrayContaining([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]),
  );
});

test("the home page says where the key is found, under the name that its example uses", async () => {
  for (const language of ["ko", "en"]) {
    const html = await (
      await get("/", { Accept: "text/html", "Accept-Language": language })
    ).text();
    expect(html).toContain("<code>npm start</code>");
    expect(html).toContain("<code>.dev.vars</code>");
    expect(html).toContain("<code>KEY</code>");
    expect(html).toContain("Bearer $KEY");
  }
});
