import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { createApp } from "#app";
import { flusher } from "#platform/meter-flush";
import { api, createTestKey, uniqueAddress } from "../../support/api";

const app = createApp();

/** A call to the real composition with settings that differ. */
async function ask(
  path: string,
  bindings: Record<string, unknown> = {},
  credential: string | null = null,
): Promise<Response> {
  const headers = new Headers({ "CF-Connecting-IP": uniqueAddress() });
  if (credential !== null) headers.set("Authorization", `Bearer ${credential}`);
  const request = new Request(`http://naru.test${path}`, { headers });
  // Of gateways one will do: each that is asked for its sockets is another object.
  const settings = { ...env, REALTIME_GATEWAYS: "1", ...bindings };
  return app.fetch(request, settings, createExecutionContext());
}

const series = async (prefix: string): Promise<string[]> =>
  (await (await ask("/metrics")).text()).split("\n").filter((line) => line.startsWith(prefix));

// What earlier tests counted in this isolate is not of this one.
beforeEach(() => flusher.flushNow({ add: async () => undefined }));

describe("who may read the counters", () => {
  const TOKEN = "mT7wQz4LxK9vB2nR";

  test.each(["staging", "production"] as const)(
    "in %s nobody without a credential",
    async (environment) => {
      const settings = { ENVIRONMENT: environment };
      expect((await ask("/metrics", settings)).status).toBe(401);
      expect((await ask("/metrics", settings, `${TOKEN}x`)).status).toBe(401);
      expect((await ask("/metrics", settings, TOKEN.toLowerCase())).status).toBe(401);
      const { key } = await createTestKey({ environment });
      expect((await ask("/metrics", settings, key)).status).toBe(403);
    },
  );

  test("in production the scraper's token and administrators, in development anybody", async () => {
    const settings = { ENVIRONMENT: "staging" };
    const admin = await createTestKey({ role: "admin", environment: "staging" });
    for (const response of [
      await ask("/metrics", settings, TOKEN),
      await ask("/metrics", settings, admin.key),
      await ask("/metrics"),
    ]) {
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
      expect(await response.text()).toContain("naru_build_info{");
    }
  });

  test("a token that is not set opens nothing", async () => {
    const settings = { ENVIRONMENT: "staging", METRICS_TOKEN: "" };
    expect((await ask("/metrics", settings, "")).status).toBe(401);
  });

  test("the scraper's token opens nothing else, and administrators alone read the statistics", async () => {
    for (const path of ["/stats", "/api/v1/stats"]) {
      expect((await api(path)).status).toBe(401);
      expect((await api(path, { key: TOKEN })).status).toBe(401);
      expect((await api(path, { key: (await createTestKey()).key })).status).toBe(403);
      expect((await api(path, { key: (await createTestKey({ role: "admin" })).key })).status).toBe(
        200,
      );
    }
  });

  test("where there are no metrics there is no such route, whoever asks", async () => {
    const admin = await createTestKey({ role: "admin" });
    for (const path of ["/metrics", "/stats", "/api/v1/stats"])
      expect((await ask(path, { ENABLE_METRICS: "0" }, admin.key)).status).toBe(404);
  });
});

test("requests are counted by route and status, under any paths and methods that are made up", async () => {
  for (let i = 0; i < 10; i++) {
    await (await api(`/nowhere/${crypto.randomUUID()}`)).text();
    await (await api("/health/live", { method: i % 2 === 0 ? "PROPFIND" : "LOCK" })).text();
  }
  await (await api("/api/v1/tasks/none")).text();
  expect((await series("naru_requests_total{")).sort()).toEqual([
    'naru_requests_total{method="GET",route="/api/v1/tasks/:id",status="401"} 1',
    'naru_requests_total{method="GET",route="unmatched",status="404"} 10',
    'naru_requests_total{method="other",route="unmatched",status="405"} 10',
  ]);
  expect(await series("naru_request_duration_seconds_count")).toContain(
    'naru_request_duration_seconds_count{route="unmatched"} 20',
  );
});

test("credentials are counted by what became of them", async () => {
  const { key } = await createTestKey({ scopes: ["chat"] });
  const expired = await createTestKey({ expiresAtMs: 1 });
  await api("/api/v1/test", { key });
  await api("/api/v1/tasks", { key });
  await api("/api/v1/test");
  await api("/api/v1/test", { key: expired.key });
  await api("/api/v1/test", { key: `${key.slice(0, -1)}${key.endsWith("a") ? "b" : "a"}` });
  await api("/api/v1/test", { headers: { Authorization: "Basic abc" } });
  await api("/api/v1/test", { key, headers: { "X-API-Key": expired.key } });
  await api("/api/v1/auth/login", { json: { email: "a@naru.test", password: "not the one" } });
  const counted = (await series("naru_auth_total{")).filter((line) => !line.endsWith(" 0"));
  expect(counted.sort()).toEqual(
    [
      'bad_scope"} 1',
      'conflicting"} 1',
      'expired"} 1',
      'login_failed"} 1',
      'malformed"} 1',
      'no_credential"} 1',
      'ok"} 1',
      'unknown_key"} 1',
    ].map((end) => `naru_auth_total{result="${end}`),
  );
});

test("a refusal by a limit is counted by its policy", async () => {
  const { key } = await createTestKey({ ownerLimits: { burst: { limit: 1, window: 60 } } });
  for (let i = 0; i < 3; i++) await api("/api/v1/test", { key });
  expect(await series("naru_rate_limited_total{")).toEqual([
    'naru_rate_limited_total{policy="burst"} 2',
  ]);
});

test("tasks are counted when they end, by kind and state, with the time that they ran", async () => {
  const { key } = await createTestKey();
  const response = await api("/api/v1/tasks", { key, json: { kind: "echo", input: { a: 1 } } });
  expect(response.status).toBe(200);
  expect(await series('naru_tasks_total{kind="echo"')).toEqual([
    'naru_tasks_total{kind="echo",status="completed"} 1',
    'naru_tasks_total{kind="echo",status="failed"} 0',
    'naru_tasks_total{kind="echo",status="cancelled"} 0',
    'naru_tasks_total{kind="echo",status="timed_out"} 0',
  ]);
  expect(await series("naru_task_duration_seconds_count")).toEqual([
    'naru_task_duration_seconds_count{kind="echo"} 1',
  ]);
  expect(await series("naru_queue_length{")).toEqual([
    'naru_queue_length{lane="fast"} 0',
    'naru_queue_length{lane="slow"} 0',
    'naru_queue_length{lane="pool"} 0',
  ]);
});

test("what models did is counted once, and an answer that was kept is a hit and asks none", async () => {
  const { key } = await createTestKey();
  const json = {
    message:
      "Summarize this text:\nThe ferry leaves at nine. It carries forty people over the river. The river is wide in autumn. Most people of the ferry come back by night.",
  };
  const text = async (): Promise<string> => (await api("/api/v1/chat", { key, json })).text();
  const [first, second] = [await text(), await text()];
  expect(JSON.parse(first)).toMatchObject({ cached: false });
  expect(JSON.parse(second)).toMatchObject({ cached: true });
  expect(await series("naru_ai_model_requests_total{")).toEqual([
    'naru_ai_model_requests_total{provider="embedded",model="embedded",outcome="ok"} 1',
  ]);
  expect((await series("naru_ai_model_tokens_total{")).length).toBe(2);
  expect(await series('naru_cache_hits_total{cache="answers"')).toEqual([
    'naru_cache_hits_total{cache="answers"} 1',
  ]);
  expect(await series('naru_cache_misses_total{cache="answers"')).toEqual([
    'naru_cache_misses_total{cache="answers"} 1',
  ]);
});

test("a scrape that cannot reach a part is a 503, never a page without it", async () => {
  const broken = {
    getByName: () => ({
      add: async () => {
        throw new Error("away");
      },
      read: async () => {
        throw new Error("away");
      },
    }),
  };
  const lost = {
    prepare: () => {
      throw new Error("away");
    },
  };
  for (const bindings of [{ PULSE: broken }, { DB: lost }]) {
    const response = await ask("/metrics", bindings);
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("5");
    expect(await response.text()).not.toContain("naru_requests_total");
  }
  const admin = await createTestKey({ role: "admin" });
  expect((await ask("/stats", { PULSE: broken }, admin.key)).status).toBe(503);
});

test("the statistics say of each route what was asked of it", async () => {
  const admin = await createTestKey({ role: "admin" });
  for (let i = 0; i < 3; i++) await (await api("/health/live")).text();
  const stats = await (
    await api("/api/v1/stats", { key: admin.key })
  ).json<{
    counted_since: string;
    requests: { total: number };
    routes: { route: string; requests: number; p95_ms: number }[];
  }>();
  expect(stats.requests.total).toBe(3);
  expect(stats.routes).toEqual([
    expect.objectContaining({ route: "/health/live", requests: 3, statuses: { "200": 3 } }),
  ]);
  expect(stats.routes[0]?.p95_ms).toBeGreaterThan(0);
  expect(Date.parse(stats.counted_since)).toBeGreaterThan(0);
});
