const KEY_MARK = "outbox:key:";
const ENTRY_MARK = "outbox:audit:";
/** Of each kind in one write. */
const BATCH = 100;
const RETRY_MS = 10_000;

/** What D1 has not heard yet. `T` is an entry of the audit log. */
export interface Outgoing<T> {
  /** Key id → the mark that stood when it was read. */
  readonly keys: ReadonlyMap<string, number>;
  readonly entries: readonly T[];
}

/**
 * What a gate owes D1: `outbox:key:<id>` → a mark for each key of which the index is behind, `outbox:audit:<id>` → an entry
 * of the audit log. Written in the same turn as the change, so in the same write; removed when D1 has it.
 */
export class KeyOutbox<T extends { readonly id: string }> {
  readonly #kv: SyncKvStorage;
  readonly #keys: Map<string, number>;
  readonly #entries: Map<string, T>;
  #retryAtMs = 0;

  constructor(kv: SyncKvStorage) {
    this.#kv = kv;
    this.#keys = new Map(
      Array.from(kv.list<number>({ prefix: KEY_MARK }), ([name, mark]) => [
        name.slice(KEY_MARK.length),
        mark,
      ]),
    );
    this.#entries = new Map(
      Array.from(kv.list<T>({ prefix: ENTRY_MARK }), ([, entry]) => [entry.id, entry]),
    );
  }

  /** The index is behind on a key, and the log on an entry, if there is one. */
  add(keyId: string, entry: T | null): void {
    const mark = (this.#keys.get(keyId) ?? 0) + 1;
    this.#keys.set(keyId, mark);
    this.#kv.put(`${KEY_MARK}${keyId}`, mark);
    if (entry === null) return;
    this.#entries.set(entry.id, entry);
    this.#kv.put(`${ENTRY_MARK}${entry.id}`, entry);
  }

  /** Whether the index is behind on a key. */
  owes(keyId: string): boolean {
    return this.#keys.has(keyId);
  }

  /** What to write next; null where D1 has everything. */
  read(): Outgoing<T> | null {
    if (this.#keys.size === 0 && this.#entries.size === 0) return null;
    return {
      keys: new Map([...this.#keys].slice(0, BATCH)),
      entries: [...this.#entries.values()].slice(0, BATCH),
    };
  }

  /** Forgets what D1 has taken, but not a key that changed while it was being written. */
  settle(written: Outgoing<T>): void {
    for (const [keyId, mark] of written.keys) {
      if (this.#keys.get(keyId) !== mark) continue;
      this.#keys.delete(keyId);
      this.#kv.delete(`${KEY_MARK}${keyId}`);
    }
    for (const { id } of written.entries) {
      this.#entries.delete(id);
      this.#kv.delete(`${ENTRY_MARK}${id}`);
    }
    this.#retryAtMs = 0;
  }

  /** Forgets what is in memory, for an object whose storage is being deleted. */
  drop(): void {
    this.#keys.clear();
    this.#entries.clear();
  }

  /** D1 could not be reached: it is asked again after a while. */
  putOff(nowMs: number): void {
    this.#retryAtMs = nowMs + RETRY_MS;
  }

  /** When to write, in milliseconds; null where there is nothing. */
  dueAtMs(): number | null {
    return this.#keys.size === 0 && this.#entries.size === 0 ? null : this.#retryAtMs;
  }
}
