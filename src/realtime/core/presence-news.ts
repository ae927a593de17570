/** One connection of somebody's. */
export interface Comer {
  readonly ownerId: string;
  readonly connectionId: string;
}

/** A change of who is there, as it is told. Beyond a size only the number is. */
export interface PresenceChange {
  readonly joined: readonly Comer[];
  readonly left: readonly Comer[];
  readonly count: number;
}

/** Gathers joins and leaves until they are told: who came and went in between is not worth a word. */
export class PresenceNews {
  readonly #maxNames: number;
  #joined = new Map<string, Comer>();
  #left = new Map<string, Comer>();

  constructor(maxNames: number) {
    this.#maxNames = maxNames;
  }

  joined(comer: Comer): void {
    if (!this.#left.delete(comer.connectionId)) this.#joined.set(comer.connectionId, comer);
  }

  left(comer: Comer): void {
    if (!this.#joined.delete(comer.connectionId)) this.#left.set(comer.connectionId, comer);
  }

  /** What there is to tell, and a fresh start; null where it comes to nothing. `count` is how many are there. */
  take(count: number): PresenceChange | null {
    const [joined, left] = [[...this.#joined.values()], [...this.#left.values()]];
    this.#joined.clear();
    this.#left.clear();
    if (joined.length === 0 && left.length === 0) return null;
    return count > this.#maxNames ? { joined: [], left: [], count } : { joined, left, count };
  }
}
