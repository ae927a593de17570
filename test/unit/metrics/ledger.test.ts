import { expect, test } from "vitest";
import { Ledger } from "#metrics/core/ledger";
import type { MeterDelta } from "#platform/meter";
import type { MetricName } from "#platform/metric-table";
import { SeriesCap } from "#platform/metric-series";

const NOTHING: MeterDelta = { counters: [], histograms: [] };
const counted = (route: string, by: number, name: MetricName = "naru_requests_total") => ({
  ...NOTHING,
  counters: [{ name, values: ["GET", route, "200"], by }],
});
const observed = (buckets: number[], sum: number): MeterDelta => ({
  ...NOTHING,
  histograms: [{ name: "naru_request_duration_seconds", values: ["/a"], buckets, sum }],
});
const bucketsWith = (...counts: number[]): number[] => [
  ...counts,
  ...Array.from({ length: 14 - counts.length }, () => 0),
];

test("counters and histograms of all isolates are added up, series by series", () => {
  const ledger = new Ledger(counted("/a", 5));
  ledger.add(counted("/a", 2));
  ledger.add(counted("/b", 1));
  ledger.add(observed(bucketsWith(1, 2), 0.02));
  ledger.add(observed(bucketsWith(0, 3), 0.03));
  expect(ledger.totals()).toEqual({
    counters: [...counted("/a", 7).counters, ...counted("/b", 1).counters],
    histograms: observed(bucketsWith(1, 5), 0.05).histograms,
  });
});

test("what changed is told once for each series, as it is at last", () => {
  const ledger = new Ledger(NOTHING);
  const twice = {
    ...NOTHING,
    counters: [counted("/a", 1), counted("/a", 2)].flatMap((d) => d.counters),
  };
  expect(ledger.add(twice)).toEqual(counted("/a", 3));
});

test.each<[string, MeterDelta]>([
  ["a metric that is not known", counted("/a", 1, "naru_made_up_total" as MetricName)],
  ["a name that every object has", counted("/a", 1, "constructor" as MetricName)],
  ["a counter that would go down", counted("/a", -1)],
  ["a counter that is no number", counted("/a", Number.NaN)],
  ["a gauge, which is read and not added up", counted("/a", 1, "naru_queue_length")],
  ["a histogram with other buckets", observed([1, 2, 3], 1)],
])("%s is left out", (_name, delta) => {
  const ledger = new Ledger(NOTHING);
  expect(ledger.add(delta)).toEqual(NOTHING);
  expect(ledger.totals()).toEqual(NOTHING);
});

test("series stay bounded whatever isolates send, and no count is lost for it", () => {
  const ledger = new Ledger(NOTHING, new SeriesCap(10));
  for (let i = 0; i < 1_000; i++) ledger.add(counted(`/${i}`, 1));
  const { counters } = ledger.totals();
  expect(counters.length).toBe(11);
  expect(counters.reduce((sum, { by }) => sum + by, 0)).toBe(1_000);
  expect(counters.at(-1)).toEqual({
    name: "naru_requests_total",
    values: ["GET", "other", "200"],
    by: 990,
  });
});
