import { planSlice } from "./wait";
import type { StartTimer } from "#platform/timer";

/**
 * Readers that wait for a task's next event, in the memory of its shard. Nothing here has to survive: a reader whose wait is cut short
 * asks again from the event that it saw last.
 */
export class Followers {
  readonly #byTask = new Map<string, Set<() => void>>();
  readonly #startTimer: StartTimer;

  constructor(startTimer: StartTimer) {
    this.#startTimer = startTimer;
  }

  /** Resolves when the task has news, or after `waitMs`, at most one slice. */
  untilNews(taskId: string, waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const set = this.#byTask.get(taskId) ?? new Set();
      this.#byTask.set(taskId, set);
      const end = (): void => {
        stop();
        set.delete(end);
        if (set.size === 0) this.#byTask.delete(taskId);
        resolve();
      };
      const stop = this.#startTimer(planSlice(0, waitMs), end);
      set.add(end);
    });
  }

  has(taskId: string): boolean {
    return this.#byTask.has(taskId);
  }

  notify(taskId: string): void {
    for (const end of this.#byTask.get(taskId) ?? []) end();
  }
}
