import { isTerminal, TASK_STATUSES } from "./core/state";
import type { TaskStatus } from "./core/state";

export interface Count {
  readonly kind: string;
  readonly status: TaskStatus;
  readonly count: number;
}

// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface has no index signature
type StoredCount = { kind: string; status: string; count: number };

const KNOWN = new Set<string>(TASK_STATUSES);
const isKnown = (status: string): status is TaskStatus => KNOWN.has(status);
const UPSERT = "INSERT OR REPLACE INTO counters (kind, status, count) VALUES (?, ?, ?)";

/**
 * The numbers of tasks by kind and status, in memory. The table has those of the ended, whose rows go some day: `seal` writes them once for all tasks
 * that share a commit and in the same transaction as their rows, so that neither is ever without the other. The others are counted anew from
 * the rows, at most what a shard takes in, once in an object's life.
 */
export class Counters {
  readonly #sql: SqlStorage;
  readonly #counts = new Map<string, Count>();
  readonly #unsealed = new Set<string>();
  #journal: Count[] = [];

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    const read = (query: string, isEnded: boolean): void => {
      for (const { kind, status, count } of sql.exec<StoredCount>(query))
        if (isKnown(status) && isTerminal(status) === isEnded)
          this.#counts.set(`${status} ${kind}`, { kind, status, count });
    };
    read("SELECT kind, status, count FROM counters", true);
    read(
      `SELECT kind, status, COUNT(*) AS count FROM tasks INDEXED BY tasks_live WHERE completed_at IS NULL GROUP BY kind, status`,
      false,
    );
  }

  add(kind: string, status: TaskStatus, by: number): void {
    this.#apply({ kind, status, count: by });
    this.#journal.push({ kind, status, count: -by });
  }

  /** Begins a change that `undo` can take back. */
  begin(): void {
    this.#journal = [];
  }

  undo(): void {
    for (const delta of this.#journal) this.#apply(delta);
    this.#journal = [];
  }

  /** Writes what has changed since the last time. */
  seal(): void {
    for (const key of this.#unsealed) {
      const entry = this.#counts.get(key);
      if (entry) this.#sql.exec(UPSERT, entry.kind, entry.status, entry.count);
    }
    this.#unsealed.clear();
  }

  list(): Count[] {
    return [...this.#counts.values()];
  }

  sum(status: TaskStatus): number {
    let sum = 0;
    for (const entry of this.#counts.values()) if (entry.status === status) sum += entry.count;
    return sum;
  }

  #apply({ kind, status, count }: Count): void {
    const key = `${status} ${kind}`;
    this.#counts.set(key, { kind, status, count: (this.#counts.get(key)?.count ?? 0) + count });
    if (isTerminal(status)) this.#unsealed.add(key);
  }
}
