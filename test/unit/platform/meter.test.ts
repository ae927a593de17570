import { expect, test } from "vitest";
import { Meter } from "#platform/meter";
import { SeriesCap } from "#platform/metric-series";
import { countedMethod } from "#platform/metric-table";

const request = (route: string, status = 200) => ({ method: "GET", route, status }) as const;

test("what is counted of one series is added up, and taken out once", () => {
  const meter = new Meter();
  meter.count("naru_requests_total", request("/a"));
  meter.count("naru_requests_total", request("/a"), 2);
  meter.count("naru_requests_total", request("/a", 404));
  expect(meter.drain()).toEqual({
    counters: [
      { name: "naru_requests_total", values: ["GET", "/a", "200"], by: 3 },
      { name: "naru_requests_total", values: ["GET", "/a", "404"], by: 1 },
    ],
    histograms: [],
  });
  expect(meter.isEmpty).toBe(true);
  expect(meter.drain()).toEqual({ counters: [], histograms: [] });
});

test.each([
  ["nothing", 0],
  ["less than nothing", -1],
  ["no number", Number.NaN],
  ["no end", Infinity],
])("a counter never takes %s", (_name, by) => {
  const meter = new Meter();
  meter.count("naru_requests_total", request("/a"), by);
  expect(meter.drain().counters.filter((gain) => gain.by !== 0)).toEqual([]);
});

test.each([
  ["a bound falls under it", 0.005, 0],
  ["just above falls into the next", 0.0051, 1],
  ["the last bound falls under it", 60, 12],
  ["beyond all bounds falls into the bucket that takes everything", 61, 13],
  ["a clock that was set back counts as no time", -3, 0],
])("an observation at %s", (_name, seconds, bucket) => {
  const meter = new Meter();
  meter.observe("naru_request_duration_seconds", { route: "/a" }, seconds);
  const [gain] = meter.drain().histograms;
  expect(gain?.buckets.length).toBe(14);
  expect(gain?.buckets.findIndex((n) => n === 1)).toBe(bucket);
  expect(gain?.sum).toBe(Math.max(0, seconds));
});

test("values that a label may not have are counted as other", () => {
  const meter = new Meter();
  meter.count("naru_requests_total", { method: countedMethod("BREW"), route: "/a", status: 42 });
  expect(meter.drain().counters[0]?.values).toEqual(["other", "/a", "other"]);
});

test("series stay bounded under any number of names, across drains, and what is listed is told on", () => {
  const meter = new Meter(new SeriesCap(3));
  for (let i = 0; i < 500; i++) {
    meter.count("naru_requests_total", request(`/${i}`, i % 2 === 0 ? 200 : 404));
    if (i === 250) meter.drain();
  }
  expect(meter.drain().counters).toEqual([
    { name: "naru_requests_total", values: ["GET", "other", "404"], by: 125 },
    { name: "naru_requests_total", values: ["GET", "other", "200"], by: 124 },
  ]);
});

test("a series that was seen keeps its name beyond the cap", () => {
  const meter = new Meter(new SeriesCap(1));
  meter.count("naru_rate_limited_total", { policy: "burst" });
  meter.count("naru_rate_limited_total", { policy: "new" });
  meter.drain();
  meter.count("naru_rate_limited_total", { policy: "burst" });
  expect(meter.drain().counters[0]?.values).toEqual(["burst"]);
});
