import { systemClock } from "#platform/clock";
import type { Clock } from "#platform/clock";
import { ApiError } from "#platform/errors";
import { addressName } from "./core/address";
import { DenialMemory } from "./core/denials";
import { limitHeaders, wholeSeconds } from "./core/headers";
import type { LimitHeaders } from "./core/headers";
import type { Denial, QuotaState } from "./core/ledger";
import { isConcurrencyPolicy, isPolicyName, ownRuleKey } from "./core/policy";

export { DEFAULT_POLICIES } from "./core/policy";
export type { PolicyName } from "./core/policy";
export type { LimitHeaders } from "./core/headers";
export type { QuotaState } from "./core/ledger";

type Gates = Env["CLIENT_GATE"];
type Gate = ReturnType<Gates["getByName"]>;

/** What deciding about limits needs. `limitsOf` makes it from the bindings. */
export interface Limits {
  readonly gates: Gates;
  readonly clock: Clock;
  readonly denials: DenialMemory;
}

/** A key whose tag was found genuine, as the owner's gate wants to see it. */
export interface ShownKey {
  readonly keyId: string;
  readonly ownerRouting: string;
  /** SHA-256 of the secret, hexadecimal. */
  readonly hash: string;
}

/** Who is behind a good key, as the owner's gate knows it at this moment. */
export type AdmittedCaller = NonNullable<
  Extract<Awaited<ReturnType<Gate["admit"]>>, { refusal: null }>["caller"]
>;

export type KeyRefusalReason = NonNullable<Awaited<ReturnType<Gate["admit"]>>["refusal"]>;

export type KeyAdmission =
  | { readonly refusal: KeyRefusalReason }
  | {
      readonly refusal: null;
      readonly caller: AdmittedCaller;
      readonly headers: LimitHeaders | null;
    };

/** What a request without a good credential counts against, at the gate of its address. */
const ADDRESS_POLICIES = ["anonymous", "address-day"] as const;

/** One memory an isolate: it is there to keep a flood that reaches this isolate away from the gates. */
const denials = new DenialMemory();

export const limitsOf = (env: Pick<Env, "CLIENT_GATE">): Limits => ({
  gates: env.CLIENT_GATE,
  clock: systemClock,
  denials,
});

/** The gate of an owner, by the routing characters that the owner's id and all of the owner's keys share. */
export const ownerGateName = (ownerRouting: string): string => `owner:${ownerRouting}`;

/** The gate of whoever shows no good credential. `address` is `CF-Connecting-IP`. */
export const addressGateName = (address: string | null | undefined): string =>
  `address:${addressName(address)}`;

/** Whether a policy may stand on a route. What is open at once needs a slot, which a route alone cannot give back. */
export const isRoutePolicy = (name: string): boolean =>
  isPolicyName(name) && !isConcurrencyPolicy(name);

/**
 * Checks a key and counts one call of its owner, in one call to the owner's gate and without a write.
 * Throws RATE_LIMITED where a limit is reached, and DEPENDENCY_UNAVAILABLE where the gate cannot be asked.
 */
export async function admitKey(
  limits: Limits,
  key: ShownKey,
  policies: readonly string[],
): Promise<KeyAdmission> {
  const { keyId, hash } = key;
  const name = ownerGateName(key.ownerRouting);
  const askedAtMs = limits.clock();
  refuseRemembered(limits, name, [...policies, ...policies.map((p) => ownRuleKey(keyId, p))]);
  const answer = await ask(limits, name, async (gate) =>
    gate.admit({ policies, credential: { keyId, hash } }),
  );
  if (answer.refusal !== null) return { refusal: answer.refusal };
  const { caller, admitted, quotas } = answer;
  if (!admitted) throw limited(limits, name, answer, askedAtMs);
  if (caller === null) return { refusal: "unknown" };
  return { refusal: null, caller, headers: limitHeaders(quotas, limits.clock()) };
}

/** Counts one call that shows no good credential against its address. Throws as `admitKey` does. */
export async function admitAddress(
  limits: Limits,
  address: string | null | undefined,
): Promise<LimitHeaders | null> {
  const name = addressGateName(address);
  const askedAtMs = limits.clock();
  refuseRemembered(limits, name, ADDRESS_POLICIES);
  const answer = await ask(limits, name, async (gate) =>
    gate.admit({ policies: ADDRESS_POLICIES, credential: null }),
  );
  if (answer.refusal !== null) return null;
  if (!answer.admitted) throw limited(limits, name, answer, askedAtMs);
  return limitHeaders(answer.quotas, limits.clock());
}

/** What is left of every policy for a key, counting nothing; null where the key is refused. */
export async function peekKey(
  limits: Limits,
  key: ShownKey,
  policies: readonly string[],
): Promise<{ caller: AdmittedCaller; quotas: readonly QuotaState[] } | null> {
  const { keyId, hash } = key;
  const answer = await ask(limits, ownerGateName(key.ownerRouting), async (gate) =>
    gate.peek({ policies, credential: { keyId, hash } }),
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

function limitError(denial: Denial, quotas: readonly QuotaState[], nowMs: number): ApiError {
  const retryAfter = wholeSeconds(denial.waitMs);
  const limit = quotas.find((quota) => quota.name === denial.name)?.limit ?? 0;
  return new ApiError(denial.kind === "window" ? "RATE_LIMITED" : "TOO_MANY_CONCURRENT", {
    params: { policy: denial.name, retry_after: retryAfter, limit },
    extension: { policy: denial.name },
    headers: { "Retry-After": String(retryAfter), ...limitHeaders(quotas, nowMs) },
  });
}

/**
 * One call to a gate. Nobody comes in unasked: where the gate cannot answer, the request is refused with 503. An object
 * that was reset under the call (a deploy, a crash) is asked once more through a fresh stub; the first try may have
 * counted, and then the call counts twice, which errs on the safe side. An overloaded one is left alone.
 */
export async function ask<T>(
  limits: Limits,
  name: string,
  call: (gate: Gate) => Promise<T>,
): Promise<T> {
  try {
    return await call(limits.gates.getByName(name));
  } catch (error) {
    if (!isWorthRetrying(error)) throw unavailable(error);
  }
  try {
    return await call(limits.gates.getByName(name));
  } catch (error) {
    throw unavailable(error);
  }
}

/** The flags that the runtime puts on failures of a call to an object. */
function isWorthRetrying(error: unknown): boolean {
  const flags = error as {
    retryable?: boolean;
    overloaded?: boolean;
    durableObjectReset?: boolean;
  } | null;
  return (
    flags?.overloaded !== true && (flags?.retryable === true || flags?.durableObjectReset === true)
  );
}

const unavailable = (cause: unknown): ApiError =>
  new ApiError("DEPENDENCY_UNAVAILABLE", {
    cause,
    internal: "client gate",
    headers: { "Retry-After": "1" },
  });
