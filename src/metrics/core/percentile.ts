/**
 * The value below which the part `q` (0–1) of what was observed lies, in the unit of `bounds`. Null where nothing was.
 * Within a bucket the observations are taken as evenly spread, as Prometheus's `histogram_quantile` takes them; what lies
 * beyond the last bound is told as that bound, since nothing more is known of it.
 */
export function percentile(
  bounds: readonly number[],
  buckets: readonly number[],
  q: number,
): number | null {
  const total = buckets.reduce((sum, n) => sum + n, 0);
  if (total === 0) return null;
  const rank = q * total;
  let below = 0;
  for (const [i, bound] of bounds.entries()) {
    const own = buckets[i] ?? 0;
    if (own > 0 && below + own >= rank) {
      const lower = bounds[i - 1] ?? 0;
      return lower + (bound - lower) * (Math.max(0, rank - below) / own);
    }
    below += own;
  }
  return bounds.at(-1) ?? null;
}
