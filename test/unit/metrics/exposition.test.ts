import { expect, test } from "vitest";
import { gauge, renderMetrics } from "#metrics/core/exposition";
import { METRICS } from "#platform/metric-table";

const NOTHING = { counters: [], histograms: [] };
const linesOf = (text: string, name: string): string[] =>
  text.split("\n").filter((line) => line.startsWith(name));

test.each([
  ["a backslash", String.raw`a\b`, String.raw`a\\b`],
  ["a line's end", "a\nb", String.raw`a\nb`],
  ["a quotation mark", 'a"b', String.raw`a\"b`],
  ["all of them", '\\"\n', String.raw`\\\"\n`],
  ["text that is none of it", "모델/한글{},=", "모델/한글{},="],
])("%s in a label's value is escaped", (_name, value, escaped) => {
  const counters = [{ name: "naru_rate_limited_total", values: [value], by: 1 }] as const;
  expect(linesOf(renderMetrics({ ...NOTHING, counters }, []), "naru_rate_limited_total{")).toEqual([
    `naru_rate_limited_total{policy="${escaped}"} 1`,
  ]);
});

test("a histogram's buckets are cumulative, end in +Inf, and its count is that of the last", () => {
  const buckets = Array.from({ length: 14 }, (_, i) =>
    i === 0 ? 2 : i === 3 ? 5 : i === 13 ? 1 : 0,
  );
  const histograms = [
    { name: "naru_request_duration_seconds", values: ["/a"], buckets, sum: 61.5 },
  ] as const;
  const text = renderMetrics({ ...NOTHING, histograms }, []);
  const counts = linesOf(text, "naru_request_duration_seconds_bucket").map((line) =>
    Number(line.split(" ")[1]),
  );
  expect(counts).toEqual([2, 2, 2, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8]);
  expect(text).toContain('naru_request_duration_seconds_bucket{route="/a",le="0.005"} 2\n');
  expect(text).toContain('naru_request_duration_seconds_bucket{route="/a",le="+Inf"} 8\n');
  expect(text).toContain('naru_request_duration_seconds_sum{route="/a"} 61.5\n');
  expect(text).toContain('naru_request_duration_seconds_count{route="/a"} 8\n');
});

test("a counter with known values is told from nothing on, and each series once", () => {
  const counters = [{ name: "naru_cache_hits_total", values: ["pages"], by: 7 }] as const;
  expect(linesOf(renderMetrics({ ...NOTHING, counters }, []), "naru_cache_hits_total{")).toEqual([
    'naru_cache_hits_total{cache="answers"} 0',
    'naru_cache_hits_total{cache="pages"} 7',
  ]);
});

test("every metric is announced by its help and type before its first line, and its lines stand together", () => {
  const text = renderMetrics(NOTHING, [
    gauge("naru_queue_length", { lane: "fast" }, 3),
    gauge("naru_build_info", { version: "1", environment: "production" }, 1),
    gauge("naru_queue_length", { lane: "slow" }, 0),
  ]);
  expect(text.endsWith("\n")).toBe(true);
  let current = "";
  const seen = new Set<string>();
  for (const line of text.trimEnd().split("\n")) {
    const [, keyword, name = ""] = /^# (HELP|TYPE) (\S+)/.exec(line) ?? [];
    if (keyword === "HELP") {
      expect(seen.has(name), name).toBe(false);
      seen.add(name);
      current = name;
    } else expect(line.replace(/^# TYPE /, "").startsWith(current), line).toBe(true);
  }
  expect(seen).toContain("naru_queue_length");
});

test("names and help read as Prometheus asks: counters end in _total, times in _seconds, nothing else does", () => {
  for (const [name, { type, help }] of Object.entries(METRICS)) {
    expect(help, name).toMatch(/^[A-Z].*\.$/);
    expect(name.endsWith("_total"), name).toBe(type === "counter");
    expect(name.endsWith("_seconds"), name).toBe(type === "histogram");
  }
});

test.each([
  [1, "1"],
  [0, "0"],
  [0.1 + 0.2, "0.3"],
  [1234567890123, "1234567890123"],
])("the value %d is told as %s", (value, text) => {
  expect(renderMetrics(NOTHING, [gauge("naru_active_workers", {}, value)])).toContain(
    `naru_active_workers ${text}\n`,
  );
});
