import type { TauSession, TauState, TauTerm } from "tau-prolog";
import { PROLOG_CAPS } from "./prolog-caps";
import type { PrologLimit } from "./prolog-caps";
import { weigh } from "./term-size";

export interface Ledger {
  /** What the next step would exceed, or null where it may be made. */
  readonly admit: (point: TauState, goal: TauTerm | null) => PrologLimit | null;
}

/** Built-in predicates of which one step may leave more than a few alternatives, and how many. */
const BRANCHES: Readonly<Record<string, number>> = { "sub_atom/5": 600, "atom_concat/3": 260 };

/**
 * Keeps account of what a computation holds on to, since the engine keeps every state on the way to the present one, and all alternatives
 * to it: a loop that runs away has to be ended before it has filled the memory.
 */
export function createLedger(session: TauSession): Ledger {
  const { thread } = session;
  const clauses = session.modules.user.rules;
  /** Of each state what it weighs, and what the way to it does. */
  const weights = new WeakMap<TauState, number>();
  const paths = new WeakMap<TauState, { readonly sum: number; readonly size: number }>();
  let work = 0;
  let collected = 0;
  let alternatives = 0;
  let seen = 0;

  const weightOf = (state: TauState): number => {
    let weight = weights.get(state);
    if (weight === undefined) {
      weight = 1 + weigh(state.goal, PROLOG_CAPS.goalSize).copied;
      weights.set(state, weight);
    }
    return weight;
  };

  const climb = (from: TauState, goal: TauTerm): number => {
    let climbed = 0;
    for (let at = from.parent; at !== null; at = at.parent) {
      if (climbed > PROLOG_CAPS.work || at.goal?.search?.(goal) !== true) break;
      climbed += 8 + 2 * weightOf(at);
    }
    return climbed;
  };

  return {
    admit(point, goal) {
      const { points } = thread;
      // Alternatives are added at the end; a cut takes some away from anywhere.
      if (points.length < seen) {
        alternatives = 0;
        seen = 0;
      }
      for (; seen < points.length; seen++) {
        const state = points[seen];
        alternatives += state ? weightOf(state) : 0;
      }
      // The present one is taken off by the step.
      alternatives -= weightOf(point);
      seen -= 1;

      // The engine looks for where a goal came into the proof, level by level: cheap but where the same goal waits behind a long chain.
      const chosen = (point.goal as TauTerm | null)?.select();
      if (chosen !== undefined) work += climb(point, chosen);

      const { size, copied } = weigh(point.goal, PROLOG_CAPS.goalSize);
      let bound = 0;
      for (const value of Object.values(point.substitution.links))
        bound += weigh(value, PROLOG_CAPS.goalSize).size;
      if (size + bound >= PROLOG_CAPS.goalSize) return "size";

      const parent = point.parent === null ? undefined : paths.get(point.parent);
      const grown = Math.max(0, size + bound - (parent?.size ?? 0));
      const sum = (parent?.sum ?? 0) + copied + bound + grown + 4;
      paths.set(point, { sum, size: size + bound });
      if (goal?.indicator === "$push_global_stack/2")
        collected += weigh(goal, PROLOG_CAPS.goalSize).size;
      if (sum + collected + alternatives > PROLOG_CAPS.held) return "memory";

      const branches =
        clauses[goal?.indicator ?? ""]?.length ?? BRANCHES[goal?.indicator ?? ""] ?? 2;
      const cost = (copied + bound) * branches;
      if (cost > PROLOG_CAPS.stepWork) return "size";
      work += size + cost;
      if (work > PROLOG_CAPS.work) return "work";
      return points.length > PROLOG_CAPS.choicePoints ? "choices" : null;
    },
  };
}
