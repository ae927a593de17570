/** The state of one upstream's pool: its definition, and the health of its targets. Times are milliseconds since the epoch. */
import { afterCalls, afterCheck, claimProbe, keepKnown } from "./health";
import type { CallOutcome, Check, HealthRules, TargetHealth } from "./health";
import type { Upstream } from "./upstream";
import { healthRules, standingOf } from "./view";
import type { TargetStanding } from "./view";

/** An upstream as it is stored: its secret headers' values are there, sealed. */
export interface StoredUpstream {
  readonly upstream: Upstream;
  /** Header name → sealed value. */
  readonly sealed: Readonly<Record<string, string>>;
}

/** What a pool keeps across its evictions. All of it is found again without: nothing here is truth. */
export interface PoolState {
  readonly stored: StoredUpstream | null;
  readonly targets: readonly TargetHealth[];
  /** When an isolate last asked for the upstream. */
  readonly seenMs: number;
}

/** What an isolate is told. */
export interface PoolView {
  readonly stored: StoredUpstream | null;
  readonly standings: readonly TargetStanding[];
  /** A target that the asker may try, though it is out; null mostly. */
  readonly probe: string | null;
}

export const NO_POOL: PoolState = { stored: null, targets: [], seenMs: 0 };

/** An upstream that no isolate asks for is checked no longer, and its pool forgets itself. */
const IDLE_MS = 600_000;

const rulesOf = ({ stored }: PoolState): HealthRules =>
  healthRules(stored?.upstream ?? { healthCheck: null });

export const standingsOf = (state: PoolState): TargetStanding[] =>
  state.targets.map((target) => standingOf(target, rulesOf(state)));

/** Takes in what the database has. Targets that stay keep their health, unless it is another upstream under the same name. The same object where nothing is new. */
export function takeDefinition(
  state: PoolState,
  stored: StoredUpstream | null,
  nowMs: number,
): PoolState {
  if (JSON.stringify(stored) === JSON.stringify(state.stored)) return state;
  if (stored === null) return NO_POOL;
  const isSame = state.stored?.upstream.id === stored.upstream.id;
  const urls = stored.upstream.targets.map(({ url }) => url);
  return { ...state, stored, targets: keepKnown(isSame ? state.targets : [], urls, nowMs) };
}

/** Takes in what calls showed of a target. The same object where nothing is new. */
export const takeCalls = (
  state: PoolState,
  url: string,
  calls: { readonly asker: string; readonly outcome: CallOutcome; readonly count: number },
  nowMs: number,
): PoolState => change(state, url, (target) => afterCalls(target, calls, rulesOf(state), nowMs));

export const takeCheck = (state: PoolState, url: string, check: Check): PoolState =>
  change(state, url, (target) => afterCheck(target, check, rulesOf(state)));

/** Gives `asker` a target to try whose turn it is; the first of several. */
export function giveProbe(
  state: PoolState,
  asker: string,
  nowMs: number,
): { readonly state: PoolState; readonly probe: string | null } {
  for (const target of state.targets) {
    const claimed = claimProbe(target, asker, rulesOf(state), nowMs);
    if (claimed !== null)
      return { state: change(state, target.url, () => claimed), probe: target.url };
  }
  return { state, probe: null };
}

/** What a pool is to do when its alarm rings, and when it is to ring next; null to forget all. */
export function onAlarm(
  { stored, seenMs }: PoolState,
  nowMs: number,
): { readonly checks: boolean; readonly nextMs: number } | null {
  if (stored === null || nowMs - seenMs >= IDLE_MS) return null;
  const { healthCheck, isEnabled } = stored.upstream;
  return healthCheck !== null && isEnabled
    ? { checks: true, nextMs: nowMs + healthCheck.intervalSeconds * 1000 }
    : { checks: false, nextMs: seenMs + IDLE_MS };
}

/** When the alarm of a pool that has none is to ring first: at once where targets are checked. */
export const firstAlarmMs = ({ stored }: PoolState, nowMs: number): number =>
  stored?.upstream.healthCheck === null ? nowMs + IDLE_MS : nowMs;

/** The targets that went out or came back between two states. */
export const turnedTargets = (before: PoolState, after: PoolState): TargetHealth[] =>
  after.targets.filter(({ url, isHealthy }) =>
    before.targets.some((target) => target.url === url && target.isHealthy !== isHealthy),
  );

function change(
  state: PoolState,
  url: string,
  become: (target: TargetHealth) => TargetHealth,
): PoolState {
  const targets = state.targets.map((target) => (target.url === url ? become(target) : target));
  return targets.every((target, at) => target === state.targets[at])
    ? state
    : { ...state, targets };
}
