import type { CacheStanding } from "#platform/cache-standing";
import { canonicalJson } from "#platform/canonical-json";

/** All that decides what the answer is. */
export interface AskedFor {
  readonly ownerId: string;
  /** The model that answers, where the request leaves the choice to the deployment too. */
  readonly provider: string;
  readonly model: string;
  readonly promptVersion: string;
  /** What goes to the model. How the answer is told, whole or as a stream, is no part of it. */
  readonly request: object;
}

/**
 * The text whose SHA-256 is the key of an answer: equal for requests that say the same, whatever the order of their members, and never
 * equal for two owners.
 */
export const keyText = (asked: AskedFor): string => canonicalJson({ version: 1, ...asked });

/** Digits of a key that an eviction is known by: 80 bits, of one owner's few evictions. */
const EVICTION_DIGITS = 20;
export const evictionKey = (key: string): string => key.slice(0, EVICTION_DIGITS);

/** What an answer is stored under. An eviction and a clearing change it: what was stored before is not found any more, anywhere. */
export const storedName = (key: string, { generation, evictions }: CacheStanding): string =>
  `answer:${key}.${generation}.${evictions[evictionKey(key)] ?? 0}`;
