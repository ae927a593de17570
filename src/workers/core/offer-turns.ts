/** Which tasks are alike: of one owner, equally urgent, of one kind. */
export interface OfferLine {
  readonly ownerId: string;
  /** What a start costs its owner's turn: the less, the more often it is this line's turn. */
  readonly stride: number;
  readonly kind: string;
}

interface Line {
  tag: number;
  /** How many wait, by kind; a kind of which none waits is not here. */
  readonly waiting: Map<string, number>;
}

interface Owner {
  tag: number;
  /** The tag of the line that was served last: a line that was empty begins here, and has saved up nothing. */
  served: number;
  readonly lines: Map<number, Line>;
}

/**
 * Whose turn it is in a pool, by the rule of the queues of our own workers: self-clocked fair queueing (Golestani 1994), twice. Owners take even
 * turns however much each has waiting, and within an owner's turn its priorities take theirs by weight. It lives in memory and begins anew with
 * the object, which forgets who was served last and nothing else.
 */
export class OfferTurns {
  readonly #owners = new Map<string, Owner>();
  #served = 0;

  enter({ ownerId, stride, kind }: OfferLine, count = 1): void {
    const owner = this.#owners.get(ownerId) ?? {
      tag: this.#served + 1,
      served: 0,
      lines: new Map<number, Line>(),
    };
    this.#owners.set(ownerId, owner);
    const line = owner.lines.get(stride) ?? { tag: 0, waiting: new Map<string, number>() };
    owner.lines.set(stride, line);
    if (line.waiting.size === 0) line.tag = Math.max(line.tag, owner.served + stride);
    line.waiting.set(kind, (line.waiting.get(kind) ?? 0) + count);
  }

  leave({ ownerId, stride, kind }: OfferLine): void {
    const owner = this.#owners.get(ownerId);
    const line = owner?.lines.get(stride);
    if (!owner || !line) return;
    const left = (line.waiting.get(kind) ?? 0) - 1;
    if (left > 0) line.waiting.set(kind, left);
    else line.waiting.delete(kind);
    // One who comes again joins at the present turn anyway.
    if ([...owner.lines.values()].every(({ waiting }) => waiting.size === 0))
      this.#owners.delete(ownerId);
  }

  /** The owner and the stride whose turn it is among those that have a task of these kinds; null where nobody has. It counts as served. */
  next(kinds: readonly string[]): Omit<OfferLine, "kind"> | null {
    const canServe = ({ waiting }: Line): boolean => kinds.some((kind) => waiting.has(kind));
    let best: { ownerId: string; owner: Owner } | null = null;
    for (const [ownerId, owner] of this.#owners)
      if (best === null || owner.tag < best.owner.tag)
        if ([...owner.lines.values()].some(canServe)) best = { ownerId, owner };
    if (best === null) return null;
    const { ownerId, owner } = best;
    let chosen: { stride: number; line: Line } | null = null;
    for (const [stride, line] of owner.lines)
      if (canServe(line) && (chosen === null || isBefore({ stride, line }, chosen)))
        chosen = { stride, line };
    if (chosen === null) return null;
    const { stride, line } = chosen;
    owner.served = Math.max(owner.served, line.tag);
    line.tag += stride;
    this.#served = Math.max(this.#served, owner.tag);
    owner.tag += 1;
    return { ownerId, stride };
  }
}

/** By turn, and of two whose turn it is the more urgent one. */
function isBefore(
  a: { readonly stride: number; readonly line: Line },
  b: { readonly stride: number; readonly line: Line },
): boolean {
  return a.line.tag === b.line.tag ? a.stride < b.stride : a.line.tag < b.line.tag;
}
