/**
 * The circuit breaker of one upstream host: closed → open after consecutive transport failures →
 * half open, where one probe at a time may try, after a delay that doubles with each failed probe.
 * Times are milliseconds since the epoch.
 */
export interface BreakerState {
  readonly failures: number;
  readonly lastFailureMs: number;
  /** Until when nothing is let through; null while closed. */
  readonly openUntilMs: number | null;
  /** How often it opened in a row without a success between. */
  readonly openings: number;
  /** The one probe that is out, and until when it is waited for. */
  readonly probe: { readonly token: string; readonly untilMs: number } | null;
}

export interface BreakerRules {
  readonly threshold: number;
  readonly baseMs: number;
  readonly capMs: number;
  /** A probe that does not report within this time is taken for lost. */
  readonly probeMs: number;
  /** Failures further apart than this are not consecutive. */
  readonly memoryMs: number;
}

export const BREAKER_RULES: BreakerRules = {
  threshold: 5,
  baseMs: 5_000,
  capMs: 300_000,
  probeMs: 60_000,
  memoryMs: 600_000,
};

export const CLOSED: BreakerState = {
  failures: 0,
  lastFailureMs: 0,
  openUntilMs: null,
  openings: 0,
  probe: null,
};

export type Permit =
  /** `isProbe`: the caller owes a report under its token. `mustReport`: a success matters too, since failures stand on record. */
  | { readonly allowed: true; readonly isProbe: boolean; readonly mustReport: boolean }
  | { readonly allowed: false; readonly retryAfterMs: number };

/** `abandoned`: the call was never made, or says nothing about the host. */
export type BreakerReport = "success" | "failure" | "abandoned";

/** May a call go out? `token` names the caller, should it become the probe. */
export function permit(
  state: BreakerState,
  token: string,
  nowMs: number,
  rules: BreakerRules = BREAKER_RULES,
): { readonly state: BreakerState; readonly permit: Permit } {
  if (state.openUntilMs === null)
    return {
      state,
      permit: { allowed: true, isProbe: false, mustReport: state.failures > 0 },
    };
  if (nowMs < state.openUntilMs)
    return { state, permit: { allowed: false, retryAfterMs: state.openUntilMs - nowMs } };
  if (state.probe !== null && nowMs < state.probe.untilMs)
    return { state, permit: { allowed: false, retryAfterMs: rules.baseMs } };
  return {
    state: { ...state, probe: { token, untilMs: nowMs + rules.probeMs } },
    permit: { allowed: true, isProbe: true, mustReport: true },
  };
}

/** What a finished call teaches. While open, only the probe's word counts: older calls saw an older host. */
export function report(
  state: BreakerState,
  token: string,
  outcome: BreakerReport,
  nowMs: number,
  rules: BreakerRules = BREAKER_RULES,
): BreakerState {
  if (state.openUntilMs === null) {
    if (outcome === "abandoned") return state;
    if (outcome === "success") return state.failures === 0 ? state : CLOSED;
    const isRecent = nowMs - state.lastFailureMs <= rules.memoryMs;
    const failures = (isRecent ? state.failures : 0) + 1;
    const next = { ...state, failures, lastFailureMs: nowMs };
    return failures < rules.threshold ? next : open(next, nowMs, rules);
  }
  if (state.probe?.token !== token) return state;
  if (outcome === "success") return CLOSED;
  if (outcome === "abandoned") return { ...state, probe: null };
  return open({ ...state, lastFailureMs: nowMs }, nowMs, rules);
}

function open(state: BreakerState, nowMs: number, rules: BreakerRules): BreakerState {
  const delayMs = Math.min(rules.capMs, rules.baseMs * 2 ** Math.min(state.openings, 30));
  return { ...state, openUntilMs: nowMs + delayMs, openings: state.openings + 1, probe: null };
}
