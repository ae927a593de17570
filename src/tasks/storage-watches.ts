/** Which tasks are told of in channels, how far each has been told, and whose tasks all are; an entry of the schema's migrations. */
export const WATCHES_SCHEMA = `CREATE TABLE watches (
    task_id TEXT NOT NULL, channel TEXT NOT NULL, told INTEGER NOT NULL, is_due INTEGER NOT NULL, PRIMARY KEY (task_id, channel)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX watches_due ON watches (is_due) WHERE is_due = 1;
  CREATE TABLE watched_owners (owner_id TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID`;

export interface Watch {
  readonly taskId: string;
  readonly channel: string;
  /** The newest event of the task that the channel has. */
  readonly told: number;
}

/** Every call takes part in the transaction of the turn that makes it. */
export class WatchBook {
  readonly #sql: SqlStorage;
  /** Read once: nearly every change is of a task that nobody watches, and then costs nothing. */
  #owners: Map<string, number> | null = null;
  #tasks: Set<string> | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The channel hears of this task from here on; with `restart`, from its first event. */
  watch(taskId: string, channel: string, restart: boolean): void {
    this.#sql.exec(
      `INSERT INTO watches (task_id, channel, told, is_due) VALUES (?1, ?2, 0, 1)
       ON CONFLICT (task_id, channel) DO UPDATE SET is_due = 1, told = CASE WHEN ?3 THEN 0 ELSE told END`,
      taskId,
      channel,
      restart ? 1 : 0,
    );
    this.#watched().add(taskId);
  }

  /** All tasks of this owner are told of until then. */
  watchOwner(ownerId: string, untilMs: number): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO watched_owners (owner_id, until) VALUES (?, ?)",
      ownerId,
      untilMs,
    );
    this.#watchedOwners().set(ownerId, untilMs);
  }

  isOwnerWatched(ownerId: string, nowMs: number): boolean {
    return (this.#watchedOwners().get(ownerId) ?? 0) > nowMs;
  }

  isWatched(taskId: string): boolean {
    return this.#watched().has(taskId);
  }

  /** A task has events that its channels lack. */
  markDue(taskId: string): void {
    this.#sql.exec("UPDATE watches SET is_due = 1 WHERE task_id = ?", taskId);
  }

  due(limit: number): Watch[] {
    return this.#sql
      .exec<{ task_id: string; channel: string; told: number }>(
        "SELECT task_id, channel, told FROM watches WHERE is_due = 1 LIMIT ?",
        limit,
      )
      .toArray()
      .map(({ task_id: taskId, channel, told }) => ({ taskId, channel, told }));
  }

  of(taskId: string, channel: string): Watch | null {
    const found = this.#sql
      .exec<{ told: number }>(
        "SELECT told FROM watches WHERE task_id = ? AND channel = ?",
        taskId,
        channel,
      )
      .toArray()[0];
    return found ? { taskId, channel, told: found.told } : null;
  }

  hasDue(): boolean {
    return this.#sql.exec("SELECT 1 FROM watches WHERE is_due = 1 LIMIT 1").toArray().length > 0;
  }

  /** The channel has everything up to `told`; it stays due where the task has had more since. */
  settle({ taskId, channel }: Watch, told: number, lastSeq: number): void {
    this.#sql.exec(
      "UPDATE watches SET told = ?, is_due = ? WHERE task_id = ? AND channel = ?",
      told,
      told < lastSeq ? 1 : 0,
      taskId,
      channel,
    );
  }

  forget(taskId: string): void {
    if (!this.#watched().delete(taskId)) return;
    this.#sql.exec("DELETE FROM watches WHERE task_id = ?", taskId);
  }

  /** The channels that are told of a task. */
  channelsOf(taskId: string): string[] {
    return this.#sql
      .exec<{ channel: string }>("SELECT channel FROM watches WHERE task_id = ?", taskId)
      .toArray()
      .map(({ channel }) => channel);
  }

  forgetOwner(ownerId: string): void {
    this.#sql.exec("DELETE FROM watched_owners WHERE owner_id = ?", ownerId);
    this.#watchedOwners().delete(ownerId);
  }

  prune(nowMs: number): void {
    for (const [ownerId, untilMs] of this.#watchedOwners()) {
      if (untilMs > nowMs) continue;
      this.#sql.exec("DELETE FROM watched_owners WHERE owner_id = ?", ownerId);
      this.#watchedOwners().delete(ownerId);
    }
  }

  #watched(): Set<string> {
    this.#tasks ??= new Set(
      this.#sql
        .exec<{ task_id: string }>("SELECT DISTINCT task_id FROM watches")
        .toArray()
        .map((row) => row.task_id),
    );
    return this.#tasks;
  }

  #watchedOwners(): Map<string, number> {
    this.#owners ??= new Map(
      this.#sql
        .exec<{ owner_id: string; until: number }>("SELECT owner_id, until FROM watched_owners")
        .toArray()
        .map((row) => [row.owner_id, row.until]),
    );
    return this.#owners;
  }
}
