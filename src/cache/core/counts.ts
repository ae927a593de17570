/** How often what came of looking an answer up. */
export interface CacheCounts {
  readonly hits: number;
  readonly misses: number;
  /** Of the misses, those that shared another one's call of the model. */
  readonly joined: number;
  readonly bypassed: number;
}

export const NO_COUNTS: CacheCounts = { hits: 0, misses: 0, joined: 0, bypassed: 0 };

export const addCounts = (a: CacheCounts, b: CacheCounts): CacheCounts => ({
  hits: a.hits + b.hits,
  misses: a.misses + b.misses,
  joined: a.joined + b.joined,
  bypassed: a.bypassed + b.bypassed,
});

/** Of the lookups, the part that was answered without the model, to four digits; null where nothing was looked up. */
export const hitRatio = ({ hits, misses }: CacheCounts): number | null =>
  hits + misses === 0 ? null : Math.round((hits / (hits + misses)) * 1e4) / 1e4;
