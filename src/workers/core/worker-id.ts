import { fnv1a, numberToBase32 } from "#platform/bytes";
import { RANDOM_LENGTH, TIME_LENGTH } from "#platform/ids";

/** 32 bits of a pool's name. Two pools with one hash would share an object, which keeps their kinds apart all the same. */
const POOL_LENGTH = 7;
const FORM = new RegExp(
  `^wrk_[0-9a-hjkmnp-tv-z]{${TIME_LENGTH}}([0-9a-hjkmnp-tv-z]{${POOL_LENGTH}})[0-9a-hjkmnp-tv-z]{${RANDOM_LENGTH}}$`,
);

/** What a worker's id carries between its time and its random part: the id alone leads to its pool. */
export const poolRouting = (pool: string): string => numberToBase32(fnv1a(pool), POOL_LENGTH);

/** The name of a pool's object. */
export const poolObjectName = (pool: string): string => `pool-${poolRouting(pool)}`;

/** Which of `pools` a worker belongs to; null for what is no id of this deployment, so that made-up ids reach no object. */
export function poolOfWorker(id: string, pools: readonly string[]): string | null {
  const routing = FORM.exec(id)?.[1];
  return pools.find((pool) => poolRouting(pool) === routing) ?? null;
}
