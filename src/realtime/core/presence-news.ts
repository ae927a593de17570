/** A change of who is there, as it is told. Beyond a size only the number is. */
export interface PresenceChange {
  readonly joined: readonly string[];
  readonly left: readonly string[];
  readonly count: number;
}

/** Gathers joins and leaves until they are told: who came and went in between is not worth a word. */
export class PresenceNews {
  readonly #maxNames: number;
  #joined: string[] = [];
  #left: string[] = [];

  constructor(maxNames: number) {
    this.#maxNames = maxNames;
  }

  joined(ownerId: string): void {
    if (!takeOut(this.#left, ownerId)) this.#joined.push(ownerId);
  }

  left(ownerId: string): void {
    if (!takeOut(this.#joined, ownerId)) this.#left.push(ownerId);
  }

  /** What there is to tell, and a fresh start; null where it comes to nothing. `count` is how many are there. */
  take(count: number): PresenceChange | null {
    const [joined, left] = [this.#joined, this.#left];
    this.#joined = [];
    this.#left = [];
    if (joined.length === 0 && left.length === 0) return null;
    return count > this.#maxNames ? { joined: [], left: [], count } : { joined, left, count };
  }
}

function takeOut(names: string[], name: string): boolean {
  const at = names.indexOf(name);
  if (at >= 0) names.splice(at, 1);
  return at >= 0;
}
