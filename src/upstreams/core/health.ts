/**
 * The health of one target, from what calls and checks tell of it: in → out after failures in a row → in again.
 *
 * A target with a health check comes back by good checks. One without comes back by a probe: after a delay that doubles
 * with each probe that fails, one caller at a time is given the target, and its word decides (a breaker's half-open
 * state). Times are milliseconds since the epoch.
 */
export interface TargetHealth {
  readonly url: string;
  readonly isHealthy: boolean;
  /** Since when it is so. */
  readonly sinceMs: number;
  /** In a row, of calls and of checks. */
  readonly failures: number;
  /** Good checks in a row while out. */
  readonly passes: number;
  /** When it was taken out or last failed a probe. */
  readonly lastFailureMs: number | null;
  /** How often in a row it was found dead since it last was well. */
  readonly openings: number;
  /** The one probe that is out, and until when its word is waited for. */
  readonly probe: { readonly asker: string; readonly untilMs: number } | null;
  readonly lastCheck: Check | null;
}

export interface Check {
  readonly atMs: number;
  readonly isGood: boolean;
  /** Null where no answer came in time. */
  readonly status: number | null;
}

/** `success`: the target answered. `failure`: no connection, no answer in time, or one that says that nobody is behind it. */
export type CallOutcome = "success" | "failure";

export interface HealthRules {
  readonly hasChecks: boolean;
  readonly healthyAfter: number;
  readonly unhealthyAfter: number;
}

const PROBE_DELAY_MS = 2_000;
const MAX_PROBE_DELAY_MS = 60_000;
/** A probe that says nothing in this time is taken for lost. */
const PROBE_WAIT_MS = 10_000;
/** Failures further apart than this are not in a row. */
const MEMORY_MS = 600_000;

const WELL = {
  isHealthy: true,
  failures: 0,
  passes: 0,
  lastFailureMs: null,
  openings: 0,
  probe: null,
} as const;

/** A target of which nothing is known is taken for well: the first calls would have nowhere else to go. */
export const newTarget = (url: string, nowMs: number): TargetHealth => ({
  ...WELL,
  url,
  sinceMs: nowMs,
  lastCheck: null,
});

/** The health of `urls`, with what is known of them. */
export const keepKnown = (
  known: readonly TargetHealth[],
  urls: readonly string[],
  nowMs: number,
): TargetHealth[] =>
  urls.map((url) => known.find((target) => target.url === url) ?? newTarget(url, nowMs));

/** What calls tell, `count` of them, by `asker`. Of a target that is out only the probe's word counts: other calls began before. */
export function afterCalls(
  target: TargetHealth,
  { asker, outcome, count }: { asker: string; outcome: CallOutcome; count: number },
  rules: HealthRules,
  nowMs: number,
): TargetHealth {
  if (target.isHealthy)
    return outcome === "success" ? forgive(target) : fail(target, count, rules, nowMs);
  if (rules.hasChecks || target.probe?.asker !== asker || nowMs >= target.probe.untilMs)
    return target;
  return outcome === "success" ? revive(target, nowMs) : reopen(target, nowMs);
}

export function afterCheck(target: TargetHealth, check: Check, rules: HealthRules): TargetHealth {
  const seen = { ...target, lastCheck: check };
  if (seen.isHealthy) return check.isGood ? forgive(seen) : fail(seen, 1, rules, check.atMs);
  if (!check.isGood)
    return { ...seen, passes: 0, failures: seen.failures + 1, lastFailureMs: check.atMs };
  const passes = seen.passes + 1;
  return passes < rules.healthyAfter ? { ...seen, passes } : revive(seen, check.atMs);
}

/** When a target that is out may be given to a caller as a probe; null where it is well, or where its checks decide. */
export const probeAtMs = (target: TargetHealth, rules: HealthRules): number | null =>
  target.isHealthy || rules.hasChecks
    ? null
    : Math.max(
        (target.lastFailureMs ?? target.sinceMs) + delayOf(target.openings),
        target.probe?.untilMs ?? 0,
      );

/** Gives a target that is out to `asker` as a probe; null where it is not its time. */
export function claimProbe(
  target: TargetHealth,
  asker: string,
  rules: HealthRules,
  nowMs: number,
): TargetHealth | null {
  const atMs = probeAtMs(target, rules);
  if (atMs === null || nowMs < atMs) return null;
  return { ...target, probe: { asker, untilMs: nowMs + PROBE_WAIT_MS } };
}

const delayOf = (openings: number): number =>
  Math.min(MAX_PROBE_DELAY_MS, PROBE_DELAY_MS * 2 ** Math.min(30, Math.max(0, openings - 1)));

/** The same object where nothing stood on record, so that nobody saves what did not change. */
const forgive = (target: TargetHealth): TargetHealth =>
  target.failures === 0 ? target : { ...target, failures: 0, lastFailureMs: null };

function fail(
  target: TargetHealth,
  count: number,
  rules: HealthRules,
  nowMs: number,
): TargetHealth {
  const isInRow = nowMs - (target.lastFailureMs ?? nowMs) <= MEMORY_MS;
  const failures = (isInRow ? target.failures : 0) + count;
  const failed = { ...target, failures, lastFailureMs: nowMs };
  if (failures < rules.unhealthyAfter) return failed;
  return { ...failed, isHealthy: false, sinceMs: nowMs, passes: 0, openings: 1, probe: null };
}

const revive = (target: TargetHealth, nowMs: number): TargetHealth => ({
  ...target,
  ...WELL,
  sinceMs: nowMs,
});

const reopen = (target: TargetHealth, nowMs: number): TargetHealth => ({
  ...target,
  failures: target.failures + 1,
  lastFailureMs: nowMs,
  openings: target.openings + 1,
  probe: null,
});
