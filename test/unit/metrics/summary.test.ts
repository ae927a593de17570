import { expect, test } from "vitest";
import { percentile } from "#metrics/core/percentile";
import { summarize } from "#metrics/core/summary";

test.each([
  ["nothing observed", [0, 0, 0], 0.5, null],
  ["the middle of one bucket, evenly spread", [0, 10, 0], 0.5, 1.5],
  ["the first bucket begins at nothing", [10, 0, 0], 0.5, 0.5],
  ["all of a bucket is its bound", [10, 0, 0], 1, 1],
  ["a rank at a bucket's end is its bound", [5, 5, 0], 0.5, 1],
  ["beyond the last bound is told as that bound", [0, 0, 4], 0.99, 2],
  ["an empty bucket between is passed over", [1, 0, 0], 0, 0],
  ["most below, one beyond", [99, 0, 1], 0.95, 95 / 99],
])("a percentile of %s", (_name, buckets, q, expected) => {
  expect(percentile([1, 2], buckets, q)).toEqual(
    expected === null ? null : expect.closeTo(expected, 9),
  );
});

const buckets = (at: number, n: number): number[] =>
  Array.from({ length: 14 }, (_, i) => (i === at ? n : 0));
const request = (method: string, route: string, status: string, by: number) => ({
  name: "naru_requests_total" as const,
  values: [method, route, status],
  by,
});
const time = (route: string, at: number, n: number, sum: number) => ({
  name: "naru_request_duration_seconds" as const,
  values: [route],
  buckets: buckets(at, n),
  sum,
});

test("routes are summed over methods and statuses, and 5xx alone are errors", () => {
  const { requests, routes, slowest_routes } = summarize(
    {
      counters: [
        request("GET", "/a", "200", 6),
        request("HEAD", "/a", "200", 1),
        request("GET", "/a", "404", 2),
        request("GET", "/a", "503", 1),
        request("GET", "unmatched", "404", 30),
        request("POST", "/slow", "200", 1),
      ],
      histograms: [
        time("/a", 1, 10, 0.07),
        time("/slow", 8, 1, 2),
        time("unmatched", 12, 30, 1800),
      ],
    },
    [],
  );
  expect(requests).toEqual({ total: 41, errors: 1, error_rate: 0.0244 });
  expect(routes.map(({ route }) => route)).toEqual(["unmatched", "/a", "/slow"]);
  expect(routes[1]).toEqual({
    route: "/a",
    requests: 10,
    errors: 1,
    refusals: 2,
    error_rate: 0.1,
    methods: { GET: 9, HEAD: 1 },
    statuses: { "200": 7, "404": 2, "503": 1 },
    average_ms: 7,
    p50_ms: 7.5,
    p95_ms: 9.75,
    p99_ms: 9.95,
  });
  // What no route took says nothing of a route's time.
  expect(slowest_routes.map(({ route }) => route)).toEqual(["/slow", "/a"]);
});

test("caches, tasks, models, credentials and limits are told by name; what was never asked has no ratio", () => {
  const ended = [
    { name: "naru_tasks_total" as const, values: ["echo", "completed"], value: 3 },
    { name: "naru_tasks_total" as const, values: ["echo", "failed"], value: 1 },
  ];
  const summary = summarize(
    {
      counters: [
        { name: "naru_cache_hits_total", values: ["answers"], by: 3 },
        { name: "naru_cache_misses_total", values: ["answers"], by: 1 },
        { name: "naru_ai_model_requests_total", values: ["openai", "m", "ok"], by: 4 },
        { name: "naru_ai_model_requests_total", values: ["openai", "m", "error"], by: 1 },
        { name: "naru_ai_model_tokens_total", values: ["openai", "m", "prompt"], by: 100 },
        { name: "naru_ai_model_tokens_total", values: ["openai", "other", "prompt"], by: 5 },
        { name: "naru_auth_total", values: ["ok"], by: 9 },
        { name: "naru_rate_limited_total", values: ["burst"], by: 2 },
      ],
      histograms: [
        {
          name: "naru_task_duration_seconds",
          values: ["echo"],
          buckets: Array.from({ length: 17 }, (_, i) => (i === 0 ? 4 : 0)),
          sum: 0.008,
        },
      ],
    },
    ended,
  );
  expect(summary.cache).toEqual({
    answers: { hits: 3, misses: 1, hit_ratio: 0.75 },
    pages: { hits: 0, misses: 0, hit_ratio: null },
  });
  expect(summary.tasks).toEqual({
    echo: {
      completed: 3,
      failed: 1,
      cancelled: 0,
      timed_out: 0,
      average_ms: 2,
      p50_ms: 2.5,
      p95_ms: 4.75,
      p99_ms: 4.95,
    },
  });
  expect(summary.models).toEqual([
    {
      provider: "openai",
      model: "m",
      requests: 5,
      errors: 1,
      prompt_tokens: 100,
      completion_tokens: 0,
    },
  ]);
  expect(summary.auth).toEqual({ ok: 9 });
  expect(summary.rate_limited).toEqual({ burst: 2 });
});

test("a server that counted nothing has nothing to tell, and divides by nothing", () => {
  const empty = summarize({ counters: [], histograms: [] }, []);
  expect(empty.requests).toEqual({ total: 0, errors: 0, error_rate: 0 });
  expect(empty.routes).toEqual([]);
});
