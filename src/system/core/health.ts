import type { ConfigIssue } from "#platform/config";
import { faultsOf } from "#platform/setting-checks";
import type { Fault } from "#platform/setting-checks";

export type HealthStatus = "healthy" | "degraded" | "unhealthy";

/** The parts of the server that a request may need. */
export const COMPONENTS = ["database", "cache", "queue", "durable_objects", "ai_model"] as const;
export type ComponentName = (typeof COMPONENTS)[number];

export interface ComponentHealth {
  readonly status: HealthStatus;
  /** How long the part took to answer, in milliseconds; null where nothing had to be asked. */
  readonly latency_ms: number | null;
}
export type Components = Readonly<Record<ComponentName, ComponentHealth>>;

/**
 * Parts without which no request can be admitted or recorded. Without one of the others the server serves
 * less, slower or later: tasks stay in their shards while the queue is away, pages are fetched anew without
 * the cache.
 */
const VITAL: ReadonlySet<ComponentName> = new Set(["database", "durable_objects"]);

/**
 * The whole's health: that of its vital parts and critical settings, and degraded while any other part
 * fails or a setting is wrong.
 */
export function overallStatus(
  components: Components,
  issues: readonly ConfigIssue[],
): HealthStatus {
  const failing = COMPONENTS.filter((name) => components[name].status !== "healthy");
  const has = (weight: ConfigIssue["severity"]): boolean =>
    issues.some(({ severity }) => severity === weight);
  if (
    has("critical") ||
    failing.some((name) => VITAL.has(name) && components[name].status === "unhealthy")
  )
    return "unhealthy";
  return failing.length > 0 || has("error") ? "degraded" : "healthy";
}

export interface SettingsReport {
  readonly status: "valid" | "invalid";
  readonly issues: {
    readonly critical: string[];
    readonly errors: string[];
    readonly warnings: string[];
  };
  /** The same once more, each with a code and its way out. */
  readonly faults: Fault[];
}

/** What is wrong with the settings, by weight: names and reasons, never values. */
export function reportSettings(issues: readonly ConfigIssue[]): SettingsReport {
  const faults = faultsOf(issues);
  const of = (severity: ConfigIssue["severity"]): string[] =>
    faults.filter((fault) => fault.severity === severity).map(({ message }) => message);
  const report = { critical: of("critical"), errors: of("error"), warnings: of("warning") };
  const isValid = report.critical.length === 0 && report.errors.length === 0;
  return { status: isValid ? "valid" : "invalid", issues: report, faults };
}

/** D1 refuses to grow a database beyond this (Workers documentation, D1 limits). */
export const DATABASE_LIMIT_BYTES = 10 * 1024 ** 3;

/** How full the database is, in percent with two decimals. */
export const databaseUsage = (bytes: number): number =>
  Math.round((bytes / DATABASE_LIMIT_BYTES) * 10_000) / 100;
