/** Starts a timer and gives back what stops it. */
export type StartTimer = (delayMs: number, onEnd: () => void) => () => void;

interface Waiter {
  readonly take: () => string[];
  readonly give: (taskIds: string[]) => void;
}

/**
 * Workers that wait for tasks, in the order in which they came. In memory only: a worker whose wait is lost asks again, and no task is taken out
 * for it before the answer is made.
 */
export class WaitingWorkers {
  readonly #startTimer: StartTimer;
  readonly #waiters = new Set<Waiter>();

  constructor(startTimer: StartTimer) {
    this.#startTimer = startTimer;
  }

  get count(): number {
    return this.#waiters.size;
  }

  /** What `take` gives, at once or as soon as it gives anything; empty after `waitMs`. */
  untilAny(take: () => string[], waitMs: number): Promise<string[]> {
    const atOnce = take();
    if (atOnce.length > 0 || waitMs <= 0) return Promise.resolve(atOnce);
    return new Promise((resolve) => {
      const end = (taskIds: string[]): void => {
        stop();
        this.#waiters.delete(waiter);
        resolve(taskIds);
      };
      const waiter: Waiter = { take, give: end };
      this.#waiters.add(waiter);
      const stop = this.#startTimer(waitMs, () => end([]));
    });
  }

  /** Something new is there: who has waited longest takes first. */
  serve(): void {
    // A set may lose what has been visited, which is all that `give` takes out.
    for (const waiter of this.#waiters) {
      const taken = waiter.take();
      if (taken.length > 0) waiter.give(taken);
    }
  }
}
