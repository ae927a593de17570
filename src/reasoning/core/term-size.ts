import type { TauValue } from "tau-prolog";

export interface Weight {
  /** Nodes of the term as a tree, long names counted by their length. */
  readonly size: number;
  /** Those of them that a step copies: what has no variables is shared. */
  readonly copied: number;
}

/** Sizes of terms without variables: a term that doubles itself n times is n terms in memory, and 2^n in size. */
const GROUND_SIZES = new WeakMap<object, number>();

/** A term nested deeper than this, other than by its last argument, counts as boundless: what walks terms recurses. */
const MAX_DEPTH = 400;

/** How large a term is. Stops counting at `cap`: a term that is over it is too large whatever its size. */
export function weigh(term: TauValue | null | undefined, cap: number, depth = 0): Weight {
  if (depth > MAX_DEPTH) return { size: cap, copied: cap };
  let size = 0;
  let copied = 0;
  // The last argument is walked in the loop: lists and conjunctions are long there.
  const shared: { readonly term: TauValue; readonly before: number }[] = [];
  let at = term ?? null;
  while (at !== null && size < cap) {
    const known = GROUND_SIZES.get(at);
    if (known !== undefined) {
      size += known;
      break;
    }
    const isGround = at.ground === true && at.args !== undefined;
    if (isGround) shared.push({ term: at, before: size });
    else copied += 1;
    size += 1 + (at.id === undefined ? 0 : at.id.length >> 3);
    const args: readonly TauValue[] = at.args ?? [];
    for (let i = 0; i < args.length - 1 && size < cap; i++) {
      const part = weigh(args[i], cap - size, depth + 1);
      size += part.size;
      copied += part.copied;
    }
    at = args.at(-1) ?? null;
  }
  if (size < cap) for (const part of shared) GROUND_SIZES.set(part.term, size - part.before);
  return { size: Math.min(size, cap), copied };
}
