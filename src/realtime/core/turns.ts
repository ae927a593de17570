interface Batch<Item> {
  readonly items: Item[];
  readonly turn: Promise<void>;
  weight: number;
}

/** Work that goes one after the other for each name; what fails does not hold up the next. */
export class Turns<Item = never> {
  readonly #last = new Map<string, Promise<unknown>>();
  /** What waits at the end of a row and takes more along. */
  readonly #open = new Map<string, Batch<Item>>();
  readonly #maxWeight: number;

  /** `maxWeight` is how much goes together at most. */
  constructor(maxWeight = 1) {
    this.#maxWeight = maxWeight;
  }

  /** Does this when all that was asked for before, under the same name, is done. */
  take<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.#open.delete(name);
    return this.#queue(name, work);
  }

  /**
   * The same for things that can be done together: those that wait in a row, with nothing else between them, share a turn, so a row never grows longer than
   * one turn takes. `work` is called once for all of them, in the order in which they came.
   */
  together(
    name: string,
    item: Item,
    weight: number,
    work: (items: readonly Item[]) => Promise<void>,
  ): Promise<void> {
    const open = this.#open.get(name);
    if (open && open.weight + weight <= this.#maxWeight) {
      open.items.push(item);
      open.weight += weight;
      return open.turn;
    }
    const items = [item];
    const turn = this.#queue(name, () => {
      if (this.#open.get(name)?.items === items) this.#open.delete(name);
      return work(items);
    });
    this.#open.set(name, { items, turn, weight });
    return turn;
  }

  #queue<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.#last.set(name, turn);
    const tidy = (): void => {
      if (this.#last.get(name) === turn) this.#last.delete(name);
    };
    void turn.then(tidy, tidy);
    return turn;
  }
}
