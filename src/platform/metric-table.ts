/**
 * Every metric that the server tells: its name, its kind, what it means and which labels it carries. `/metrics`, what
 * counts, and the documents for operators derive from this table. A name or a label is never renamed: dashboards hold them.
 */

/** What a label may say: one of these values, an HTTP status, or any value, of which a metric keeps a bounded number. */
type LabelValues = readonly string[] | "status" | "any";

interface MetricDefinition {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: Readonly<Record<string, LabelValues>>;
  /** Upper bounds in seconds, ascending; the last bucket, which takes everything, is not among them. */
  readonly buckets?: readonly number[];
}

/** What stands for every value that is not listed, or beyond the cap. */
export const OTHER = "other";

/** From a cached answer to the longest that a request may take before it is a task. */
const REQUEST_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const;
/** Tasks go on for longer: to the default limit, to that of our own consumers, and to that of outside workers. */
const TASK_BUCKETS = [...REQUEST_BUCKETS, 300, 840, 3600] as const;

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", OTHER] as const;
const CACHES = ["answers", "pages"] as const;
/** What became of a credential that a request showed, then of attempts to sign in by password. */
const AUTH_RESULTS = [
  "ok",
  "no_credential",
  "malformed",
  "conflicting",
  "bad_token",
  "unknown_key",
  "unknown_session",
  "wrong_secret",
  "expired",
  "revoked",
  "ended",
  "disabled",
  "bad_scope",
  "login_ok",
  "login_failed",
  "login_disabled",
  "login_limited",
] as const;

export const METRICS = {
  naru_requests_total: {
    type: "counter",
    help: "Requests that were answered, by method, route template and status.",
    labels: { method: METHODS, route: "any", status: "status" },
  },
  naru_request_duration_seconds: {
    type: "histogram",
    help: "Time from a request to the head of its answer; what streams on behind it is not in it.",
    labels: { route: "any" },
    buckets: REQUEST_BUCKETS,
  },
  naru_auth_total: {
    type: "counter",
    help: "Credentials that were checked, and attempts to sign in by password, by what became of them.",
    labels: { result: AUTH_RESULTS },
  },
  naru_rate_limited_total: {
    type: "counter",
    help: "Requests that were refused by a limit, by its policy.",
    labels: { policy: "any" },
  },
  naru_cache_hits_total: {
    type: "counter",
    help: "Answers that were told from a cache.",
    labels: { cache: CACHES },
  },
  naru_cache_misses_total: {
    type: "counter",
    help: "Answers that a cache was asked for and did not have.",
    labels: { cache: CACHES },
  },
  naru_ai_model_requests_total: {
    type: "counter",
    help: "Runs of a model that ended, by what became of them.",
    labels: { provider: "any", model: "any", outcome: ["ok", "error"] },
  },
  naru_ai_model_tokens_total: {
    type: "counter",
    help: "Tokens that models read and wrote.",
    labels: { provider: "any", model: "any", kind: ["prompt", "completion"] },
  },
  naru_tasks_total: {
    type: "counter",
    help: "Tasks that ended, by kind and the state in which they did.",
    labels: { kind: "any", status: ["completed", "failed", "cancelled", "timed_out"] },
  },
  naru_task_duration_seconds: {
    type: "histogram",
    help: "Time from a task's start by a worker to its end; what was never started is not in it.",
    labels: { kind: "any" },
    buckets: TASK_BUCKETS,
  },
  naru_queue_length: {
    type: "gauge",
    help: "Tasks that wait to be run, by lane.",
    labels: { lane: "any" },
  },
  naru_active_workers: {
    type: "gauge",
    help: "Consumers and outside workers that claimed a task or gave a sign of life in the last 30 s.",
    labels: {},
  },
  naru_dead_letters: {
    type: "gauge",
    help: "Failed tasks that are kept for an administrator to look at or run again.",
    labels: {},
  },
  naru_webhook_deliveries_total: {
    type: "counter",
    help: "Attempts to deliver a webhook, by what became of them.",
    labels: { outcome: ["delivered", "refused", "failed"] },
  },
  naru_websocket_connections: {
    type: "gauge",
    help: "Sockets that are open.",
    labels: {},
  },
  naru_upstream_requests_total: {
    type: "counter",
    help: "Requests that were forwarded to an upstream, by what became of them.",
    labels: { upstream: "any", outcome: "any" },
  },
  naru_upstream_duration_seconds: {
    type: "histogram",
    help: "Time from forwarding a request to the head of the upstream's answer.",
    labels: { upstream: "any" },
    buckets: REQUEST_BUCKETS,
  },
  naru_upstream_healthy: {
    type: "gauge",
    help: "Whether a target of an upstream takes requests: 1 or 0.",
    labels: { upstream: "any", target: "any" },
  },
  naru_build_info: {
    type: "gauge",
    help: "Always 1; its labels tell what runs.",
    labels: { version: "any", environment: "any" },
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof METRICS;
type NamesOf<T extends MetricDefinition["type"]> = {
  [N in MetricName]: (typeof METRICS)[N]["type"] extends T ? N : never;
}[MetricName];

export type CounterName = NamesOf<"counter">;
export type GaugeName = NamesOf<"gauge">;
export type HistogramName = NamesOf<"histogram">;

type ValueOf<V> = V extends readonly string[] ? V[number] : V extends "status" ? number : string;
/** Exactly the labels of a metric, each with a value that it may have. */
export type LabelsOf<N extends MetricName> = {
  readonly [L in keyof (typeof METRICS)[N]["labels"]]: ValueOf<(typeof METRICS)[N]["labels"][L]>;
};

/** What became of a credential or of an attempt to sign in. */
export type AuthResult = (typeof AUTH_RESULTS)[number];
export type CountedMethod = (typeof METHODS)[number];

/** A request's method as a label: a client may make up any word. */
export const countedMethod = (method: string): CountedMethod =>
  METHODS.find((known) => known === method) ?? OTHER;

export const isMetricName = (name: string): name is MetricName => Object.hasOwn(METRICS, name);

/** The definition of a metric in its widest type, for what walks all of them. */
export const definitionOf = (name: MetricName): MetricDefinition => METRICS[name];

/** The bounds of a histogram's buckets; none for another metric. */
export const bucketsOf = (name: MetricName): readonly number[] => definitionOf(name).buckets ?? [];
