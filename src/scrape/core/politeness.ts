/**
 * How hard one site may be asked, over all clients and isolates: at most so many requests at once and in any
 * window, none before the site's crawl delay has passed, none while it asked to be left alone.
 * Pure: (state, rules, now) → (state, verdict). Times are milliseconds since the epoch.
 */
import type { LimitOverride } from "#platform/config";

export interface SiteRules {
  /** Requests in any window of `windowMs`; null for no such limit. */
  readonly limit: number | null;
  readonly windowMs: number;
  /** Requests at once; null for no such limit. */
  readonly concurrent: number | null;
}

/** A few admissions that lie close together, counted as one. */
export interface Burst {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly count: number;
}

export interface SiteState {
  /** First clock: the site answered 429 or 503. */
  readonly backoffUntilMs: number;
  /** How often in a row it did. */
  readonly strikes: number;
  /** Second clock: the crawl delay of its robots.txt. */
  readonly nextCrawlMs: number;
  /** Slot → when it expires. */
  readonly slots: Readonly<Record<string, number>>;
  /** Oldest first. */
  readonly bursts: readonly Burst[];
}

export const UNKNOWN_SITE: SiteState = {
  backoffUntilMs: 0,
  strikes: 0,
  nextCrawlMs: 0,
  slots: {},
  bursts: [],
};

export type BusyReason = "backoff" | "crawl_delay" | "rate" | "concurrency";

export type SiteVerdict =
  | { readonly granted: true; readonly slot: string; readonly expiresAtMs: number }
  | { readonly granted: false; readonly reason: BusyReason; readonly notBeforeMs: number };

/** What a request to the site ended in, as far as it concerns the site's clocks. */
export type SlotOutcome =
  | { readonly kind: "answered" }
  /** 429 or 503; `retryAfterMs` where the site named a time. */
  | { readonly kind: "pushed_back"; readonly retryAfterMs?: number }
  /** No answer, or none that says anything about load. */
  | { readonly kind: "unknown" };

const DEFAULT_RULES: SiteRules = { limit: 60, windowMs: 60_000, concurrent: 4 };

/** A holder that dies without a word keeps its slot no longer than this after its last renewal. */
export const SLOT_TTL_MS = 20_000;
/** How often a holder renews: two renewals may be lost. */
export const SLOT_RENEW_MS = 6_000;

/** A hostile robots.txt shall not park tasks for hours. */
export const MAX_CRAWL_DELAY_MS = 60_000;
const BACKOFF_BASE_MS = 2_000;
const BACKOFF_CAP_MS = 60_000;
/** The longest time that a site may ask for itself. */
const MAX_RETRY_AFTER_MS = 3_600_000;
/** Nobody knows when a slot comes free; about as long as a page takes. */
const SLOT_RETRY_MS = 1_000;
/** So far behind the first possible moment refused requests are spread; more of them than fit share the moments. */
export const SPREAD_MS = 30_000;
/** Bursts per window: what a denial may be too late by is at most this part of the window. */
const BURSTS_PER_WINDOW = 240;

/** The `site` policy as the settings override it; a field that they don't name keeps its default, null switches all limits off. */
export function siteRules(override: LimitOverride | null | undefined): SiteRules {
  if (override === null) return { limit: null, windowMs: 0, concurrent: null };
  return {
    limit: override?.limit ?? DEFAULT_RULES.limit,
    windowMs: override?.window === undefined ? DEFAULT_RULES.windowMs : override.window * 1000,
    concurrent: override?.concurrent ?? DEFAULT_RULES.concurrent,
  };
}

/** May a request go out? Granted, it holds `slot` until it is released or expires. */
export function acquire(
  state: SiteState,
  rules: SiteRules,
  request: { readonly slot: string; readonly crawlDelayMs: number },
  nowMs: number,
): { readonly state: SiteState; readonly verdict: SiteVerdict } {
  const current = expire(state, rules, nowMs);
  const busy = findObstacle(current, rules, nowMs);
  if (busy !== null) return { state: current, verdict: { granted: false, ...busy } };
  const expiresAtMs = nowMs + SLOT_TTL_MS;
  const crawlDelayMs = Math.min(MAX_CRAWL_DELAY_MS, Math.max(0, request.crawlDelayMs));
  return {
    state: {
      ...current,
      nextCrawlMs: crawlDelayMs > 0 ? nowMs + crawlDelayMs : current.nextCrawlMs,
      slots: rules.concurrent === null ? {} : { ...current.slots, [request.slot]: expiresAtMs },
      bursts: rules.limit === null ? [] : countIn(current.bursts, rules.windowMs, nowMs),
    },
    verdict: { granted: true, slot: request.slot, expiresAtMs },
  };
}

/**
 * When one who was refused had best come back: each a little after the one before, so that those who wait for one busy site don't all come
 * back together to be refused again. `lastTurnMs` is what the one before was told. A turn is advice and reserves nothing.
 */
export function takeTurn(
  verdict: Extract<SiteVerdict, { readonly granted: false }>,
  rules: SiteRules,
  crawlDelayMs: number,
  lastTurnMs: number,
): number {
  const { notBeforeMs, reason } = verdict;
  const bySlots = SLOT_RETRY_MS / (rules.concurrent ?? 1);
  const byRate = rules.limit === null ? bySlots : rules.windowMs / rules.limit;
  const spacingMs = reason === "concurrency" ? bySlots : Math.max(byRate, crawlDelayMs);
  const turnMs = Math.ceil(lastTurnMs + spacingMs);
  return turnMs > notBeforeMs && turnMs <= notBeforeMs + SPREAD_MS ? turnMs : notBeforeMs;
}

/** Holds a slot for longer. False where it has expired: its place may be taken. */
export function renew(
  state: SiteState,
  slot: string,
  nowMs: number,
): { readonly state: SiteState; readonly renewed: boolean } {
  const expiresAtMs = state.slots[slot];
  if (expiresAtMs === undefined || expiresAtMs <= nowMs) return { state, renewed: false };
  return {
    state: { ...state, slots: { ...state.slots, [slot]: nowMs + SLOT_TTL_MS } },
    renewed: true,
  };
}

/** Gives a slot back and moves the backoff clock. Releasing twice is harmless. */
export function release(
  state: SiteState,
  slot: string,
  outcome: SlotOutcome,
  nowMs: number,
): SiteState {
  const { [slot]: _freed, ...slots } = state.slots;
  if (outcome.kind === "unknown") return { ...state, slots };
  if (outcome.kind === "answered") return { ...state, slots, strikes: 0 };
  const delayMs =
    outcome.retryAfterMs === undefined
      ? Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** Math.min(state.strikes, 16))
      : Math.min(MAX_RETRY_AFTER_MS, Math.max(0, outcome.retryAfterMs));
  return {
    ...state,
    slots,
    strikes: state.strikes + 1,
    // Several requests are out when a site pushes back; the latest time that it named holds.
    backoffUntilMs: Math.max(state.backoffUntilMs, nowMs + delayMs),
  };
}

/** Whether losing this state would be noticed. */
export const holdsAnything = (state: SiteState): boolean =>
  state.backoffUntilMs > 0 ||
  state.strikes > 0 ||
  state.nextCrawlMs > 0 ||
  state.bursts.length > 0 ||
  Object.keys(state.slots).length > 0;

/** When nothing of this state matters any longer, so that its object can forget it. */
export function idleAtMs(state: SiteState, rules: SiteRules): number {
  const lastBurstMs = state.bursts.at(-1)?.lastMs ?? 0;
  return Math.max(
    state.backoffUntilMs + (state.strikes > 0 ? BACKOFF_CAP_MS : 0),
    state.nextCrawlMs,
    lastBurstMs + rules.windowMs,
    ...Object.values(state.slots),
  );
}

function findObstacle(
  state: SiteState,
  rules: SiteRules,
  nowMs: number,
): { reason: BusyReason; notBeforeMs: number } | null {
  const obstacles: { reason: BusyReason; notBeforeMs: number }[] = [];
  if (state.backoffUntilMs > nowMs)
    obstacles.push({ reason: "backoff", notBeforeMs: state.backoffUntilMs });
  if (state.nextCrawlMs > nowMs)
    obstacles.push({ reason: "crawl_delay", notBeforeMs: state.nextCrawlMs });
  if (rules.limit !== null) {
    const notBeforeMs = rateClearsAtMs(state.bursts, rules.limit, rules.windowMs);
    if (notBeforeMs > nowMs) obstacles.push({ reason: "rate", notBeforeMs });
  }
  const expiries = Object.values(state.slots);
  if (rules.concurrent !== null && expiries.length >= rules.concurrent)
    obstacles.push({
      reason: "concurrency",
      notBeforeMs: Math.min(nowMs + SLOT_RETRY_MS, ...expiries),
    });
  // The last one to clear decides: coming back earlier would be another refusal.
  return obstacles.sort((a, b) => b.notBeforeMs - a.notBeforeMs)[0] ?? null;
}

/** Drops what has expired. A burst counts whole until its last admission leaves the window, so never too many pass. */
function expire(state: SiteState, rules: SiteRules, nowMs: number): SiteState {
  const slots = Object.entries(state.slots).filter(([, expiresAtMs]) => expiresAtMs > nowMs);
  return {
    ...state,
    slots: Object.fromEntries(slots),
    bursts: state.bursts.filter((burst) => burst.lastMs + rules.windowMs > nowMs),
  };
}

function countIn(bursts: readonly Burst[], windowMs: number, nowMs: number): Burst[] {
  const last = bursts.at(-1);
  if (last && nowMs - last.firstMs < windowMs / BURSTS_PER_WINDOW)
    return [...bursts.slice(0, -1), { ...last, lastMs: nowMs, count: last.count + 1 }];
  return [...bursts, { firstMs: nowMs, lastMs: nowMs, count: 1 }];
}

/** When the window holds fewer than `limit` admissions again; 0 where it does already. */
function rateClearsAtMs(bursts: readonly Burst[], limit: number, windowMs: number): number {
  let excess = bursts.reduce((sum, burst) => sum + burst.count, 0) - limit + 1;
  for (const burst of bursts) {
    if (excess <= 0) return 0;
    excess -= burst.count;
    if (excess <= 0) return burst.lastMs + windowMs;
  }
  return 0;
}
