import type { HistogramGain } from "#platform/meter";
import type { MetricName } from "#platform/metric-table";
import { bucketsOf, definitionOf } from "#platform/metric-table";
import type { Sample } from "./exposition";
import type { Totals } from "./ledger";
import { percentile } from "./percentile";

/** Of times in milliseconds; null where nothing was observed. */
export interface Durations {
  readonly average_ms: number | null;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly p99_ms: number | null;
}

export interface RouteStats extends Durations {
  readonly route: string;
  readonly requests: number;
  /** Answered with 5xx. */
  readonly errors: number;
  /** Answered with 4xx. */
  readonly refusals: number;
  readonly error_rate: number;
  readonly methods: Readonly<Record<string, number>>;
  readonly statuses: Readonly<Record<string, number>>;
}

export interface CacheStats {
  readonly hits: number;
  readonly misses: number;
  /** Null where it was never asked. */
  readonly hit_ratio: number | null;
}

export interface KindStats extends Durations {
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly timed_out: number;
}

export interface ModelStats {
  readonly provider: string;
  readonly model: string;
  readonly requests: number;
  readonly errors: number;
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
}

export interface Summary {
  readonly requests: {
    readonly total: number;
    readonly errors: number;
    readonly error_rate: number;
  };
  readonly routes: RouteStats[];
  /** Those with the longest 95th percentile, the longest first. */
  readonly slowest_routes: Pick<RouteStats, "route" | "requests" | "p95_ms">[];
  readonly cache: Readonly<Record<"answers" | "pages", CacheStats>>;
  readonly tasks: Readonly<Record<string, KindStats>>;
  readonly models: ModelStats[];
  readonly auth: Readonly<Record<string, number>>;
  readonly rate_limited: Readonly<Record<string, number>>;
}

const SLOWEST = 10;
/** What no route took says nothing of how long a route takes. */
const UNMATCHED = "unmatched";

/** What is to be read off the totals at a glance. `ended` are the tasks that ended, which shards count themselves. */
export function summarize(totals: Totals, ended: readonly Sample[]): Summary {
  const read = reader(totals);
  const routes = routeStats(read);
  const total = sumOf(routes.map((route) => route.requests));
  const errors = sumOf(routes.map((route) => route.errors));
  const slowest = routes
    .filter(({ route, p95_ms }) => route !== UNMATCHED && p95_ms !== null)
    .sort((a, b) => (b.p95_ms ?? 0) - (a.p95_ms ?? 0))
    .slice(0, SLOWEST);
  return {
    requests: { total, errors, error_rate: rateOf(errors, total) },
    routes,
    slowest_routes: slowest.map(({ route, requests, p95_ms }) => ({ route, requests, p95_ms })),
    cache: { answers: cacheStats(read, "answers"), pages: cacheStats(read, "pages") },
    tasks: taskStats(read, ended),
    models: modelStats(read),
    auth: read.by("naru_auth_total", "result"),
    rate_limited: read.by("naru_rate_limited_total", "policy"),
  };
}

interface Row {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Reader {
  readonly rows: (name: MetricName) => readonly Row[];
  /** Of all series of a metric that have these labels. */
  readonly sum: (name: MetricName, labels: Readonly<Record<string, string>>) => number;
  readonly by: (name: MetricName, label: string) => Record<string, number>;
  readonly durations: (name: MetricName, value: string) => Durations;
}

function reader(totals: Totals): Reader {
  const rows = (name: MetricName): Row[] =>
    totals.counters
      .filter((one) => one.name === name)
      .map(({ values, by }) => ({ labels: labelsOf(name, values), value: by }));
  return {
    rows,
    sum: (name, wanted) =>
      sumOf(
        rows(name)
          .filter(({ labels }) => Object.entries(wanted).every(([k, v]) => labels[k] === v))
          .map(({ value }) => value),
      ),
    by: (name, label) => tally(rows(name), label),
    durations: (name, value) =>
      durationsOf(totals.histograms.find((one) => one.name === name && one.values[0] === value)),
  };
}

function routeStats(read: Reader): RouteStats[] {
  const byRoute = Map.groupBy(
    read.rows("naru_requests_total"),
    ({ labels }) => labels["route"] ?? "",
  );
  return [...byRoute]
    .map(([route, rows]) => {
      const requests = sumOf(rows.map(({ value }) => value));
      const statuses = tally(rows, "status");
      const ofClass = (digit: string): number =>
        sumOf(Object.entries(statuses).map(([status, n]) => (status.startsWith(digit) ? n : 0)));
      return {
        route,
        requests,
        errors: ofClass("5"),
        refusals: ofClass("4"),
        error_rate: rateOf(ofClass("5"), requests),
        methods: tally(rows, "method"),
        statuses,
        ...read.durations("naru_request_duration_seconds", route),
      };
    })
    .sort((a, b) => b.requests - a.requests || a.route.localeCompare(b.route));
}

function cacheStats(read: Reader, cache: string): CacheStats {
  const hits = read.sum("naru_cache_hits_total", { cache });
  const misses = read.sum("naru_cache_misses_total", { cache });
  return { hits, misses, hit_ratio: hits + misses === 0 ? null : rateOf(hits, hits + misses) };
}

function taskStats(read: Reader, ended: readonly Sample[]): Record<string, KindStats> {
  const rows = ended.map(({ name, values, value }) => ({ labels: labelsOf(name, values), value }));
  const byKind = Map.groupBy(rows, ({ labels }) => labels["kind"] ?? "");
  return Object.fromEntries(
    [...byKind].map(([kind, own]) => {
      const counts = tally(own, "status");
      const of = (status: string): number => counts[status] ?? 0;
      return [
        kind,
        {
          completed: of("completed"),
          failed: of("failed"),
          cancelled: of("cancelled"),
          timed_out: of("timed_out"),
          ...read.durations("naru_task_duration_seconds", kind),
        },
      ];
    }),
  );
}

function modelStats(read: Reader): ModelStats[] {
  const byModel = Map.groupBy(read.rows("naru_ai_model_requests_total"), ({ labels }) =>
    JSON.stringify([labels["provider"], labels["model"]]),
  );
  return [...byModel.values()]
    .map((rows) => {
      const { provider = "", model = "" } = rows[0]?.labels ?? {};
      const tokens = (kind: string): number =>
        read.sum("naru_ai_model_tokens_total", { provider, model, kind });
      const outcomes = tally(rows, "outcome");
      return {
        provider,
        model,
        requests: sumOf(rows.map(({ value }) => value)),
        errors: outcomes["error"] ?? 0,
        prompt_tokens: tokens("prompt"),
        completion_tokens: tokens("completion"),
      };
    })
    .sort((a, b) => b.requests - a.requests);
}

function durationsOf(histogram: HistogramGain | undefined): Durations {
  const { buckets = [], sum = 0, name } = histogram ?? {};
  const bounds = name === undefined ? [] : bucketsOf(name);
  const count = sumOf(buckets);
  const at = (q: number): number | null => toMs(percentile(bounds, buckets, q));
  return {
    average_ms: count === 0 ? null : toMs(sum / count),
    p50_ms: at(0.5),
    p95_ms: at(0.95),
    p99_ms: at(0.99),
  };
}

const labelsOf = (name: MetricName, values: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    Object.keys(definitionOf(name).labels).map((label, i) => [label, values[i] ?? ""]),
  );

function tally(rows: readonly Row[], label: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { labels, value } of rows) {
    const key = labels[label] ?? "";
    counts[key] = (counts[key] ?? 0) + value;
  }
  return counts;
}

const toMs = (seconds: number | null): number | null =>
  seconds === null ? null : Math.round(seconds * 1e6) / 1e3;
const rateOf = (part: number, whole: number): number =>
  whole === 0 ? 0 : Math.round((part / whole) * 1e4) / 1e4;
const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
