/** What an isolate knows of an upstream between two looks at its pool, and when it has to look again. */
import type { Header, Target, Upstream } from "./upstream";
import { probeAtMs } from "./health";
import type { HealthRules, TargetHealth } from "./health";
import { HEALTH_CHECK_DEFAULTS, UNHEALTHY_AFTER } from "./upstream";

/** A target as its pool tells of it. */
export interface TargetStanding {
  readonly url: string;
  readonly isHealthy: boolean;
  /** Whether failures stand on record, so that a success is worth telling. */
  readonly isSuspect: boolean;
  /** When a caller may be given it as a probe; null where that is not how it comes back. */
  readonly probeAtMs: number | null;
}

/** An upstream as a call through it needs it. */
export interface UpstreamView {
  readonly upstream: Upstream;
  /** With their values, in memory only. */
  readonly secretHeaders: readonly Header[];
  /** The targets that are well, with their weights; empty where all are out. */
  readonly targets: readonly Target[];
  /**
   * A target that is out and whose turn it is to be tried again, by the one call that this view was given to: before any
   * other target, or instead of none. Its outcome has to be reported. A call that must not fail may leave it alone.
   */
  readonly probe: Target | null;
  /** Where nothing can be asked: in how many seconds something may have changed. At least 1. */
  readonly retryAfterSeconds: number;
}

export const healthRules = ({ healthCheck }: Pick<Upstream, "healthCheck">): HealthRules => ({
  hasChecks: healthCheck !== null,
  healthyAfter: healthCheck?.healthyAfter ?? HEALTH_CHECK_DEFAULTS.healthyAfter,
  unhealthyAfter: healthCheck?.unhealthyAfter ?? UNHEALTHY_AFTER,
});

export const standingOf = (target: TargetHealth, rules: HealthRules): TargetStanding => ({
  url: target.url,
  isHealthy: target.isHealthy,
  isSuspect: !target.isHealthy || target.failures > 0,
  probeAtMs: probeAtMs(target, rules),
});

/** A view is looked at again beside a request when it is older than this, */
export const REFRESH_MS = 2_000;
/** and before a request when it is older than this: so long after a change, no isolate goes by what was before. */
export const MAX_AGE_MS = 5_000;
/** A pool that could not be asked is left alone so long; what is known serves meanwhile. */
export const RETRY_MS = 1_000;

export interface KeptView {
  /** When the look began whose answer this is. */
  readonly askedAtMs: number;
  /** When a look last failed; null where the last one did not. */
  readonly failedAtMs: number | null;
  readonly standings: readonly TargetStanding[];
  /** A probe that nobody was given yet. */
  readonly probe: string | null;
}

/** Whether the pool is to be asked: before the request, beside it, or not at all. */
export function lookDue(kept: KeptView, nowMs: number): "before" | "beside" | "no" {
  if (kept.failedAtMs !== null && nowMs - kept.failedAtMs < RETRY_MS) return "no";
  const ageMs = nowMs - kept.askedAtMs;
  if (ageMs >= MAX_AGE_MS) return "before";
  // With nothing to ask, it costs the request nothing to learn whether it may be the one that tries.
  const isDown = kept.standings.length > 0 && kept.standings.every((target) => !target.isHealthy);
  if (isDown && wantsProbe(kept, nowMs)) return "before";
  return ageMs >= REFRESH_MS ? "beside" : "no";
}

/** Whether some target waits for a call that tries it. */
export const wantsProbe = ({ standings, probe }: KeptView, nowMs: number): boolean =>
  probe === null &&
  standings.some((target) => target.probeAtMs !== null && target.probeAtMs <= nowMs);

/** Seconds until a target may be well again, for `Retry-After`. */
export function retryAfterSeconds(
  { standings }: Pick<KeptView, "standings">,
  upstream: Pick<Upstream, "healthCheck">,
  nowMs: number,
): number {
  const { healthCheck } = upstream;
  const probes = standings.flatMap((target) => target.probeAtMs ?? []);
  const waitMs =
    healthCheck === null
      ? Math.min(...probes, nowMs + MAX_AGE_MS) - nowMs
      : healthCheck.intervalSeconds * 1000;
  return Math.min(60, Math.max(1, Math.ceil(waitMs / 1000)));
}
