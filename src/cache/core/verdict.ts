/** What `X-Cache` says of an answer. */
export type CacheVerdict = "hit" | "miss" | "bypass";

const ORDER: readonly CacheVerdict[] = ["hit", "miss", "bypass"];

/** What it says of an answer for which several were looked up: a hit only where all of them were. */
export const worse = (a: CacheVerdict | null, b: CacheVerdict): CacheVerdict =>
  a !== null && ORDER.indexOf(a) > ORDER.indexOf(b) ? a : b;
