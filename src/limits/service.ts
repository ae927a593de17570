import { NOTHING_CLEARED } from "#platform/cache-standing";
import type { CacheStanding } from "#platform/cache-standing";
import { currentTraceparent } from "#platform/correlation";
import type { ApiError } from "#platform/errors";
import { limitHeaders } from "./core/headers";
import type { LimitHeaders } from "./core/headers";
import type { Denial, QuotaState } from "./core/ledger";
import { addressGateName, ask, credentialOf, ownerGateName } from "./gate-client";
import type { Gate, Limits, ShownCaller } from "./gate-client";
import { limitError } from "./limit-error";
import { isConcurrencyPolicy, isPolicyName, ownRuleKey } from "./core/policy";

export { DEFAULT_POLICIES } from "./core/policy";
export type { PolicyName } from "./core/policy";
export type { LimitHeaders } from "./core/headers";
export type { QuotaState } from "./core/ledger";
export { addressGateName, credentialOf, limitsOf, ownerGateName } from "./gate-client";
export { MAX_ANSWER_CHARS, openReplay } from "./replay";
export type { KeptAnswer, OpenReplay, ReplayRequest } from "./replay";
export { ask } from "./gate-client";
export type { Gate, Limits, ShownCaller, ShownKey, ShownSession } from "./gate-client";
export { SLOT_RENEWAL_MS, takeStreamSlot } from "./stream-slot";
export type { SlotLoss, SlotStanding, StreamSlot } from "./stream-slot";

/** Who is behind a good key, as the owner's gate knows it at this moment. */
export type AdmittedCaller = NonNullable<
  Extract<Awaited<ReturnType<Gate["admit"]>>, { refusal: null }>["caller"]
>;

export type RefusalReason = NonNullable<Awaited<ReturnType<Gate["admit"]>>["refusal"]>;

export type Admission =
  | { readonly refusal: RefusalReason }
  | {
      readonly refusal: null;
      readonly caller: AdmittedCaller;
      readonly headers: LimitHeaders | null;
      /** What of the owner's kept answers may be told again. */
      readonly cache: CacheStanding;
    };

/** What a request without a good credential counts against, at the gate of its address. */
const ADDRESS_POLICIES = ["anonymous", "address-day"] as const;

/** Whether a policy may stand on a route. What is open at once needs a slot, which a route alone cannot give back. */
export const isRoutePolicy = (name: string): boolean =>
  isPolicyName(name) && !isConcurrencyPolicy(name);

/**
 * Checks a key or a session and counts one call of its owner, in one call to the owner's gate and without a write.
 * Throws RATE_LIMITED where a limit is reached, and DEPENDENCY_UNAVAILABLE where the gate cannot be asked.
 */
export async function admitCaller(
  limits: Limits,
  shown: ShownCaller,
  policies: readonly string[],
): Promise<Admission> {
  const name = ownerGateName(shown.ownerRouting);
  const askedAtMs = limits.clock();
  const own = "keyId" in shown ? policies.map((policy) => ownRuleKey(shown.keyId, policy)) : [];
  refuseRemembered(limits, name, [...policies, ...own]);
  const answer = await ask(limits, name, async (gate) =>
    gate.admit({
      policies,
      credential: credentialOf(shown),
      traceparent: currentTraceparent(),
    }),
  );
  if (answer.refusal !== null) return { refusal: answer.refusal };
  const { caller, admitted, quotas, cache = NOTHING_CLEARED } = answer;
  if (!admitted) throw limited(limits, name, answer, askedAtMs);
  if (caller === null) return { refusal: "unknown" };
  return { refusal: null, caller, headers: limitHeaders(quotas, limits.clock()), cache };
}

/** Counts one call that shows no good credential against its address. Throws as `admitCaller` does. */
export async function admitAddress(
  limits: Limits,
  address: string | null | undefined,
): Promise<LimitHeaders | null> {
  const name = addressGateName(address);
  const askedAtMs = limits.clock();
  refuseRemembered(limits, name, ADDRESS_POLICIES);
  const answer = await ask(limits, name, async (gate) =>
    gate.admit({ policies: ADDRESS_POLICIES, credential: null, traceparent: currentTraceparent() }),
  );
  if (answer.refusal !== null) return null;
  if (!answer.admitted) throw limited(limits, name, answer, askedAtMs);
  return limitHeaders(answer.quotas, limits.clock());
}

/** What is left of every policy for a caller, counting nothing; null where the credential is refused. */
export async function peekCaller(
  limits: Limits,
  shown: ShownCaller,
  policies: readonly string[],
): Promise<{ caller: AdmittedCaller; quotas: readonly QuotaState[] } | null> {
  const answer = await ask(limits, ownerGateName(shown.ownerRouting), async (gate) =>
    gate.peek({ policies, credential: credentialOf(shown) }),
  );
  if (answer.refusal !== null || answer.caller === null) return null;
  return { caller: answer.caller, quotas: answer.quotas };
}

function refuseRemembered(limits: Limits, name: string, keys: readonly string[]): void {
  const nowMs = limits.clock();
  const remembered = limits.denials.recall(name, keys, nowMs);
  if (remembered !== null) throw limitError(remembered.denial, remembered.quotas, nowMs);
}

/** The error for an answer that denies, remembered for what comes next. */
function limited(
  limits: Limits,
  name: string,
  answer: { readonly denials: readonly Denial[]; readonly quotas: readonly QuotaState[] },
  askedAtMs: number,
): ApiError {
  limits.denials.remember(name, answer.denials, answer.quotas, askedAtMs);
  // All of them have to let the call through, so the one that takes longest is the one to name.
  const longest = answer.denials.reduce((a, b) => (b.waitMs > a.waitMs ? b : a));
  return limitError(longest, answer.quotas, limits.clock());
}
