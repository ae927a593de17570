import type { StartTimer } from "#platform/timer";
import { isTerminal } from "./state";
import type { TaskView } from "./state";
import { planSlice } from "./wait";

/**
 * Callers that wait for a task, in the memory of its shard. Nothing here has to survive: a caller whose wait is cut short asks again.
 */
export class Waiters {
  readonly #byTask = new Map<string, Set<(ended: TaskView | null) => void>>();
  readonly #startTimer: StartTimer;
  readonly #read: (taskId: string) => TaskView | null;

  constructor(startTimer: StartTimer, read: (taskId: string) => TaskView | null) {
    this.#startTimer = startTimer;
    this.#read = read;
  }

  /** The task when it has ended, or as it stands after `waitMs`, at most one slice. */
  async untilEnd(task: TaskView, waitMs: number): Promise<TaskView> {
    const sliceMs = planSlice(0, waitMs);
    if (isTerminal(task.status) || sliceMs === 0) return task;
    return (await this.#wait(task.id, sliceMs)) ?? this.#read(task.id) ?? task;
  }

  notify(ended: TaskView): void {
    for (const end of this.#byTask.get(ended.id) ?? []) end(ended);
  }

  #wait(taskId: string, sliceMs: number): Promise<TaskView | null> {
    return new Promise((resolve) => {
      const set = this.#byTask.get(taskId) ?? new Set();
      this.#byTask.set(taskId, set);
      const end = (ended: TaskView | null): void => {
        stop();
        set.delete(end);
        if (set.size === 0) this.#byTask.delete(taskId);
        resolve(ended);
      };
      const stop = this.#startTimer(sliceMs, () => {
        end(null);
      });
      set.add(end);
    });
  }
}
