import type { LimitOverride } from "#platform/config";

/** At most `limit` admissions in any window of `windowMs`. */
export interface WindowRule {
  readonly kind: "window";
  /** What clients read in headers and problems. */
  readonly name: string;
  /** Where the count is kept: the name, or the name under a key for a key's own quota. */
  readonly key: string;
  readonly limit: number;
  readonly windowMs: number;
}

/** At most `limit` open at the same time. */
export interface ConcurrencyRule {
  readonly kind: "concurrent";
  readonly name: string;
  readonly key: string;
  readonly limit: number;
}

export type Rule = WindowRule | ConcurrencyRule;
export type Overrides = Readonly<Record<string, LimitOverride | null>>;

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** The quotas of the API contract; windows in seconds. `RATE_LIMITS`, then the owner's own, replace them by name. */
export const DEFAULT_POLICIES = {
  anonymous: { limit: 100, window: HOUR },
  "address-day": { limit: 1000, window: DAY },
  burst: { limit: 100, window: MINUTE },
  client: { limit: 1000, window: HOUR },
  chat: { limit: 10, window: MINUTE },
  code: { limit: 50, window: HOUR },
  // What outside workers ask: polls and heartbeats of a whole fleet count here and not against what their owner does otherwise.
  workers: { limit: 3000, window: MINUTE },
  streams: { concurrent: 10 },
} as const satisfies Record<string, LimitOverride>;

export type PolicyName = keyof typeof DEFAULT_POLICIES;

export const isPolicyName = (text: string): text is PolicyName =>
  Object.hasOwn(DEFAULT_POLICIES, text);

/** Where the count of a key's own quota is kept. */
export const ownRuleKey = (keyId: string, name: string): string => `${keyId}:${name}`;

/** Whether a policy counts what is open at once; such a one needs a slot and cannot stand on a route. */
export const isConcurrencyPolicy = (name: PolicyName): boolean =>
  "concurrent" in DEFAULT_POLICIES[name];

/** The quota of a policy in force, null where it is switched off. The first source that names it wins. */
function quotaOf(name: PolicyName, sources: readonly Overrides[]): LimitOverride | null {
  for (const source of sources) {
    const found = Object.hasOwn(source, name) ? source[name] : undefined;
    if (found !== undefined) return found;
  }
  return DEFAULT_POLICIES[name];
}

/** Rules out of one stated quota; a quota that states a window and a number at once is two. */
function rulesOf(name: string, key: string, quota: LimitOverride): Rule[] {
  const rules: Rule[] = [];
  if (quota.limit !== undefined && quota.window !== undefined)
    rules.push({ kind: "window", name, key, limit: quota.limit, windowMs: quota.window * 1000 });
  if (quota.concurrent !== undefined)
    rules.push({ kind: "concurrent", name, key, limit: quota.concurrent });
  return rules;
}

/**
 * Every rule that one decision has to satisfy: the named policies under `sources` (the owner's quotas first,
 * then the deployment's), and the quotas that the key itself carries for those names.
 */
export function rulesFor(
  names: readonly string[],
  sources: readonly Overrides[],
  own: { readonly keyId: string; readonly limits: Readonly<Record<string, LimitOverride>> } | null,
): Rule[] {
  const rules: Rule[] = [];
  for (const name of names) {
    if (!isPolicyName(name)) continue;
    const quota = quotaOf(name, sources);
    if (quota !== null) rules.push(...rulesOf(name, name, quota));
    const narrower = own?.limits[name];
    if (own !== null && narrower !== undefined)
      rules.push(...rulesOf(`key-${name}`, ownRuleKey(own.keyId, name), narrower));
  }
  return rules;
}
