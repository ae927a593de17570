/** Which target a call goes to. Random and without memory, so that any number of isolates share the load as the weights say. */
import type { Target } from "./upstream";

/**
 * One of `targets` by weight, `random` being from 0 to below 1. Those that were tried come again only when all of them
 * were; null where there is none.
 */
export function chooseTarget(
  targets: readonly Target[],
  random: number,
  tried: ReadonlySet<string> = new Set(),
): Target | null {
  const fresh = targets.filter(({ url }) => !tried.has(url));
  const candidates = fresh.length === 0 ? targets : fresh;
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
  let left = random * total;
  for (const target of candidates) {
    left -= target.weight;
    if (left < 0) return target;
  }
  // Reached by rounding alone.
  return candidates.at(-1) ?? null;
}
