import type { Analysis } from "./checks";
import type { Issue } from "./issue";
import { SYNTAX_RULE } from "./issue";
import type { Metrics } from "./metrics";

/** What one finding takes off the score of a hundred lines. */
const COST = { error: 15, warning: 5, info: 1 } as const;
/** Fewer lines than this count as this many, so that one finding in a one-liner does not make it worthless. */
const LEAST_LINES = 25;

const COMPLEX = 10;
const DEEP = 4;
const LONG = 60;

/**
 * A figure from 0 to 100 to compare versions of the same code by: what was found against the length of the code, and for
 * complexity and quality what its functions are like. Code that does not parse has 0.
 */
export function scoreOf(
  analysis: Analysis,
  issues: readonly Pick<Issue, "severity" | "rule">[],
  metrics: Metrics,
): number {
  if (issues.some(({ rule }) => rule === SYNTAX_RULE)) return 0;
  const found = issues.reduce((sum, { severity }) => sum + COST[severity], 0);
  const lines = Math.max(LEAST_LINES, metrics.code_lines);
  let cost = (found * 100) / (lines + 75);
  if (analysis === "complexity" || analysis === "quality") {
    cost += Math.max(0, metrics.max_cyclomatic_complexity - COMPLEX) * 2;
    cost += Math.max(0, metrics.max_nesting - DEEP) * 4;
    cost += Math.max(0, metrics.max_function_lines - LONG) / 5;
  }
  return Math.max(0, Math.round(100 - cost));
}
