export interface GatherOptions<I> {
  /** At most so many items a call. */
  readonly maxItems: number;
  /** At most so much weight a call; a single heavier item travels alone. */
  readonly maxWeight?: number;
  readonly weigh?: (item: I) => number;
}

/**
 * Turns single items into few calls: the first one goes at once, and while a call is on its way later ones gather
 * and go together in the next. A lone caller waits for nothing, and a crowd shares the cost of a call.
 * `settle` answers every item in order; when it throws, the items of that call are refused with its error.
 */
export function createGather<I, O>(
  settle: (items: readonly I[]) => Promise<readonly O[]> | readonly O[],
  options: GatherOptions<I>,
): (item: I) => Promise<O> {
  const waiting: { item: I; resolve: (answer: O) => void; reject: (error: unknown) => void }[] = [];
  let isCalling = false;

  function takeNext(): typeof waiting {
    const { maxItems, maxWeight = Infinity, weigh = () => 0 } = options;
    let count = 0;
    let weight = 0;
    for (const entry of waiting.slice(0, maxItems)) {
      weight += weigh(entry.item);
      if (count > 0 && weight > maxWeight) break;
      count += 1;
    }
    return waiting.splice(0, count);
  }

  async function drain(): Promise<void> {
    // Everything that the current turn adds is in the first call.
    await Promise.resolve();
    while (waiting.length > 0) {
      const group = takeNext();
      try {
        const answers = await settle(group.map((entry) => entry.item));
        group.forEach((entry, index) => {
          if (index < answers.length) entry.resolve(answers[index] as O);
          else entry.reject(new Error("A gathered call left an item without an answer."));
        });
      } catch (error) {
        for (const entry of group) entry.reject(error);
      }
    }
    isCalling = false;
  }

  return (item) =>
    new Promise<O>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (isCalling) return;
      isCalling = true;
      void drain();
    });
}
