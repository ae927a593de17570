import { TASK_STATUSES } from "./core/state";
import type { TaskStatus } from "./core/state";

export interface Count {
  readonly kind: string;
  readonly status: TaskStatus;
  readonly count: number;
}

const KNOWN = new Set<string>(TASK_STATUSES);
const UPSERT = "INSERT OR REPLACE INTO counters (kind, status, count) VALUES (?, ?, ?)";

/**
 * The numbers of tasks by kind and status, in memory and in the table. Changes are written by `seal`, once for all tasks that share a commit and
 * in the same transaction as their rows, so that neither is ever without the other.
 */
export class Counters {
  readonly #sql: SqlStorage;
  readonly #counts = new Map<string, Count>();
  readonly #unsealed = new Set<string>();
  #journal: Count[] = [];

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    const rows = sql.exec<{ kind: string; status: string; count: number }>(
      "SELECT kind, status, count FROM counters",
    );
    for (const { kind, status, count } of rows)
      if (KNOWN.has(status))
        this.#counts.set(`${status} ${kind}`, { kind, status: status as TaskStatus, count });
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
    this.#unsealed.add(key);
  }
}
