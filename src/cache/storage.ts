/** What an owner's gate knows of the answers that are kept for the owner; the answers themselves are in KV. */
import { addCounts, NO_COUNTS } from "./core/counts";
import type { CacheCounts } from "./core/counts";
import { evictionKey, storedName } from "./core/key";
import { NOTHING_CLEARED } from "#platform/cache-standing";
import type { CacheStanding } from "#platform/cache-standing";
import type { Clock } from "#platform/clock";
import { makeSchema, upgradeSchema } from "#platform/object-schema";
import type { ObjectSchema } from "#platform/object-schema";

export const CACHE_SCHEMA: ObjectSchema = {
  part: "cache",
  table: "cache_state",
  steps: [
    `
  CREATE TABLE IF NOT EXISTS cache_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    generation INTEGER NOT NULL,
    last_eviction INTEGER NOT NULL,
    hits INTEGER NOT NULL,
    misses INTEGER NOT NULL,
    joined INTEGER NOT NULL,
    bypassed INTEGER NOT NULL,
    changed_at_ms INTEGER NOT NULL
  ) STRICT;
  INSERT OR IGNORE INTO cache_state VALUES (1, 0, 0, 0, 0, 0, 0, 0);
  CREATE TABLE IF NOT EXISTS cache_names (
    name TEXT PRIMARY KEY,
    stored_at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS cache_names_by_age ON cache_names (stored_at_ms);
  CREATE TABLE IF NOT EXISTS cache_evictions (
    key TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    until_ms INTEGER NOT NULL
  ) STRICT`,
  ],
};

/** They travel with every admission; whoever evicts more at a time loses all that is kept. */
const MAX_EVICTIONS = 64;
/** A run that began before an eviction may store its answer so long after it: AI_TOTAL_TIMEOUT's greatest value, and some. */
const RUN_MS = 15 * 60_000;
/** Longer than any answer is kept, so that a gate that forgets itself finds nothing old under a generation that it gives again. */
const HOLD_MS = 31 * 86_400_000;
/** Counts wait so long for a write that serves them all. */
const FLUSH_MS = 450;

export interface AnswerIndexOptions {
  readonly storage: DurableObjectStorage;
  /** Read at each use, so that a test can set the object's clock. */
  readonly clock: Clock;
  /** Called after each write. */
  readonly onWrite: () => void;
  readonly ttlMs: number;
  readonly maxSize: number;
}

export interface CacheReport extends CacheCounts {
  readonly size: number;
  /** When the oldest of them was kept, in milliseconds; null where there is none. */
  readonly oldestAtMs: number | null;
}

/**
 * The names of what is kept, the oldest out where there are too many; what was cleared and evicted; and how often what was found. The tables
 * are made at the first write, so that a gate whose owner asks no model holds nothing. Counts are written within half a second, which is what
 * a crash can take of them.
 */
export class AnswerIndex {
  readonly #options: AnswerIndexOptions;
  readonly #sql: SqlStorage;
  #hasTables: boolean;
  #standing: CacheStanding | null = null;
  #counted: CacheCounts = NO_COUNTS;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(options: AnswerIndexOptions) {
    this.#options = options;
    this.#sql = options.storage.sql;
    this.#hasTables = upgradeSchema(options.storage, CACHE_SCHEMA);
  }

  /** What goes with each admission; from memory. */
  get standing(): CacheStanding {
    if (!this.#hasTables) return NOTHING_CLEARED;
    return (this.#standing ??= this.#readStanding());
  }

  /** Takes the key and the name of an answer that is being stored. Answers with the names that have to go for it. */
  keep(key: string, name: string): string[] {
    // Asked for before it was evicted or everything was cleared: nobody would find it.
    if (name !== storedName(key, this.standing)) return [name];
    this.#prepare();
    const { clock, ttlMs, maxSize } = this.#options;
    const nowMs = clock();
    this.#sql.exec(
      "INSERT OR REPLACE INTO cache_names (name, stored_at_ms) VALUES (?, ?)",
      name,
      nowMs,
    );
    this.#sql.exec("DELETE FROM cache_names WHERE stored_at_ms <= ?", nowMs - ttlMs);
    const out = this.#sql
      .exec<{ name: string }>(
        "SELECT name FROM cache_names ORDER BY stored_at_ms DESC, rowid DESC LIMIT -1 OFFSET ?",
        maxSize,
      )
      .toArray()
      .map((row) => row.name);
    for (const old of out) this.#sql.exec("DELETE FROM cache_names WHERE name = ?", old);
    this.#flush();
    return out;
  }

  /** Sees to it that the answer of this key, as it is kept or being made now, is not told again. */
  evict(key: string): void {
    this.#prepare();
    const nowMs = this.#options.clock();
    this.#sql.exec("DELETE FROM cache_evictions WHERE until_ms <= ?", nowMs);
    const { count } = this.#sql
      .exec<{ count: number }>("SELECT count(*) AS count FROM cache_evictions")
      .one();
    if (count >= MAX_EVICTIONS) {
      this.clear();
      return;
    }
    this.#sql.exec("UPDATE cache_state SET last_eviction = last_eviction + 1");
    this.#sql.exec(
      "INSERT OR REPLACE INTO cache_evictions (key, version, until_ms) SELECT ?, last_eviction, ? FROM cache_state",
      evictionKey(key),
      nowMs + this.#options.ttlMs + RUN_MS,
    );
    // All that begins with the key: LIKE takes no pattern of that length here, and "/" comes right behind ".".
    this.#sql.exec(
      "DELETE FROM cache_names WHERE name >= ? AND name < ?",
      `answer:${key}.`,
      `answer:${key}/`,
    );
    this.#standing = null;
    this.#flush();
  }

  /** Sees to it that nothing of what is kept is told again. Answers with how many answers that is. */
  clear(): number {
    this.#prepare();
    const { size } = this.report();
    this.#sql.exec("UPDATE cache_state SET generation = generation + 1");
    this.#sql.exec("DELETE FROM cache_names");
    this.#sql.exec("DELETE FROM cache_evictions");
    this.#standing = null;
    this.#flush();
    return size;
  }

  /** Counts lookups. Storage hears of it together with others. */
  count(counts: CacheCounts): void {
    this.#counted = addCounts(this.#counted, counts);
    if (this.#timer === null) this.#timer = setTimeout(this.#onTimer, FLUSH_MS);
  }

  readonly #onTimer = (): void => {
    this.#timer = null;
    if (this.#counted === NO_COUNTS) return;
    this.#prepare();
    this.#flush();
  };

  report(): CacheReport {
    if (!this.#hasTables) return { ...this.#counted, size: 0, oldestAtMs: null };
    const stored = this.#sql
      .exec<{ hits: number; misses: number; joined: number; bypassed: number }>(
        "SELECT hits, misses, joined, bypassed FROM cache_state",
      )
      .one();
    const { clock, ttlMs } = this.#options;
    const { size, oldest } = this.#sql
      .exec<{ size: number; oldest: number | null }>(
        "SELECT count(*) AS size, min(stored_at_ms) AS oldest FROM cache_names WHERE stored_at_ms > ?",
        clock() - ttlMs,
      )
      .one();
    return { ...addCounts(stored, this.#counted), size, oldestAtMs: oldest };
  }

  /** Until when a gate that belongs to nobody has to remember this, in milliseconds; null where there is nothing, or nothing any more. */
  heldUntilMs(): number | null {
    if (!this.#hasTables) return null;
    const { at } = this.#sql
      .exec<{ at: number }>("SELECT changed_at_ms AS at FROM cache_state")
      .one();
    return at + HOLD_MS > this.#options.clock() ? at + HOLD_MS : null;
  }

  /** Forgets what is in memory, for an object whose storage is being deleted. */
  drop(): void {
    this.#hasTables = false;
    this.#standing = null;
    this.#counted = NO_COUNTS;
  }

  #prepare(): void {
    if (this.#hasTables) return;
    makeSchema(this.#options.storage, CACHE_SCHEMA);
    this.#hasTables = true;
  }

  #readStanding(): CacheStanding {
    const { generation } = this.#sql
      .exec<{ generation: number }>("SELECT generation FROM cache_state")
      .one();
    const rows = this.#sql
      .exec<{ key: string; version: number }>(
        "SELECT key, version FROM cache_evictions WHERE until_ms > ?",
        this.#options.clock(),
      )
      .toArray();
    return {
      generation,
      evictions: Object.fromEntries(rows.map(({ key, version }) => [key, version])),
    };
  }

  #flush(): void {
    const { hits, misses, joined, bypassed } = this.#counted;
    this.#sql.exec(
      "UPDATE cache_state SET hits = hits + ?, misses = misses + ?, joined = joined + ?, bypassed = bypassed + ?, changed_at_ms = ?",
      hits,
      misses,
      joined,
      bypassed,
      this.#options.clock(),
    );
    this.#counted = NO_COUNTS;
    this.#options.onWrite();
  }
}
