import { isTerminal, TASK_STATUSES } from "./core/state";
import type { TaskStatus } from "./core/state";

export interface Count {
  readonly kind: string;
  readonly status: TaskStatus;
  readonly count: number;
}

// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface has no index signature
type StoredCount = { kind: string; status: string; count: number };

/** Failures that were taken back, each by a replay. Kept beside the states, so that how many tasks ever failed only grows. */
const REPLAYED = "replayed";
type Counted = Omit<Count, "status"> & { readonly status: TaskStatus | typeof REPLAYED };

const KNOWN = new Set<string>([...TASK_STATUSES, REPLAYED]);
const isKnown = (status: string): status is Counted["status"] => KNOWN.has(status);
/** What the table keeps, since no row does. */
const isKept = (status: Counted["status"]): boolean => status === REPLAYED || isTerminal(status);
const UPSERT = "INSERT OR REPLACE INTO counters (kind, status, count) VALUES (?, ?, ?)";

/**
 * The numbers of tasks by kind and status, in memory. The table has those of the ended, whose rows go some day: `seal` writes them once for all tasks
 * that share a commit and in the same transaction as their rows, so that neither is ever without the other. The others are counted anew from
 * the rows, at most what a shard takes in, once in an object's life.
 */
export class Counters {
  readonly #sql: SqlStorage;
  readonly #counts = new Map<string, Counted>();
  readonly #unsealed = new Set<string>();
  #journal: Counted[] = [];

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    const read = (query: string, isEnded: boolean): void => {
      for (const { kind, status, count } of sql.exec<StoredCount>(query))
        if (isKnown(status) && isKept(status) === isEnded)
          this.#counts.set(`${status} ${kind}`, { kind, status, count });
    };
    read("SELECT kind, status, count FROM counters", true);
    read(
      `SELECT kind, status, COUNT(*) AS count FROM tasks INDEXED BY tasks_live WHERE completed_at IS NULL GROUP BY kind, status`,
      false,
    );
  }

  add(kind: string, status: TaskStatus, by: number): void {
    this.#change({ kind, status, count: by });
    if (by < 0 && isTerminal(status)) this.#change({ kind, status: REPLAYED, count: -by });
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
    return [...this.#counts.values()].flatMap(({ kind, status, count }) =>
      status === REPLAYED ? [] : [{ kind, status, count }],
    );
  }

  /** How often a task of each kind came back from having failed. */
  listReplayed(): Omit<Count, "status">[] {
    return [...this.#counts.values()].flatMap(({ kind, status, count }) =>
      status === REPLAYED ? [{ kind, count }] : [],
    );
  }

  sum(status: TaskStatus): number {
    let sum = 0;
    for (const entry of this.#counts.values()) if (entry.status === status) sum += entry.count;
    return sum;
  }

  #change(change: Counted): void {
    this.#apply(change);
    this.#journal.push({ ...change, count: -change.count });
  }

  #apply({ kind, status, count }: Counted): void {
    const key = `${status} ${kind}`;
    this.#counts.set(key, { kind, status, count: (this.#counts.get(key)?.count ?? 0) + count });
    if (isKept(status)) this.#unsealed.add(key);
  }
}
