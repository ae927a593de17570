import type { IndexEntry } from "./storage-rows";

/**
 * The tasks whose index entry is behind. An id stands here until the version that was written is the one that the record has, so a change during
 * a write is not lost. Memory holds the same ids, which saves asking the table at each of a task's few changes.
 */
export class IndexOutbox {
  readonly #sql: SqlStorage;
  readonly #ids: Set<string>;
  #journal: string[] = [];

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    const rows = sql.exec<{ task_id: string }>("SELECT task_id FROM outbox").toArray();
    this.#ids = new Set(rows.map((row) => row.task_id));
  }

  add(id: string): void {
    if (this.#ids.has(id)) return;
    this.#ids.add(id);
    this.#journal.push(id);
    this.#sql.exec("INSERT INTO outbox (task_id) VALUES (?)", id);
  }

  drop(id: string): void {
    if (this.#ids.delete(id)) this.#sql.exec("DELETE FROM outbox WHERE task_id = ?", id);
  }

  /** Takes out the entries that are still as they were written. */
  settle(entries: readonly IndexEntry[]): void {
    const settled = this.#sql
      .exec<{ task_id: string }>(
        `DELETE FROM outbox WHERE task_id IN (
           SELECT tasks.id FROM json_each(?) AS written
           JOIN tasks ON tasks.id = written.value ->> 'id' AND tasks.version = written.value ->> 'version'
         ) RETURNING task_id`,
        JSON.stringify(entries.map(({ id, version }) => ({ id, version }))),
      )
      .toArray();
    for (const { task_id: id } of settled) this.#ids.delete(id);
  }

  isEmpty(): boolean {
    return this.#ids.size === 0;
  }

  /** Begins a change that `undo` can take back. */
  begin(): void {
    this.#journal = [];
  }

  undo(): void {
    for (const id of this.#journal) this.#ids.delete(id);
    this.#journal = [];
  }
}
