import type { Clock } from "#platform/clock";
import { makeSchema, upgradeSchema } from "#platform/object-schema";
import type { ObjectSchema } from "#platform/object-schema";
import { decideReplay, KEPT_MS, LEASE_MS, MAX_KEPT, MAX_KEPT_CHARS } from "./core/replays";
import type { KeptAnswer, ReplayClaim, ReplayRecord, ReplayVerdict } from "./core/replays";

export const REPLAYS_SCHEMA: ObjectSchema = {
  part: "replays",
  table: "replays",
  steps: [
    `
  CREATE TABLE IF NOT EXISTS replays (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    token TEXT NOT NULL,
    until_ms INTEGER NOT NULL,
    -- Null while the request runs.
    answer TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS replays_by_end ON replays (until_ms)`,
  ],
};

/** A row of `replays`. */
// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface has no index signature
type ReplayRow = { fingerprint: string; token: string; until_ms: number; answer: string | null };

export interface ReplayStorageOptions {
  readonly storage: DurableObjectStorage;
  /** Read at each use, so that a test can set the object's clock. */
  readonly clock: Clock;
  /** Called after each write, so that the object comes back to forget what has expired. */
  readonly onWrite: () => void;
}

/**
 * The answers that a client may ask for again, inside its gate. The table is made at the first use, so that a gate that
 * never saw an `Idempotency-Key` holds nothing.
 */
export class ReplayStorage {
  readonly #storage: DurableObjectStorage;
  readonly #clock: Clock;
  readonly #onWrite: () => void;
  #hasTable: boolean;
  /** Counted at the first claim, then kept up: the whole table is not summed for each request. */
  #totals: { rows: number; chars: number } | null = null;

  constructor(options: ReplayStorageOptions) {
    this.#storage = options.storage;
    this.#clock = options.clock;
    this.#onWrite = options.onWrite;
    this.#hasTable = upgradeSchema(options.storage, REPLAYS_SCHEMA);
  }

  /** Takes a key for a request, or tells why not. */
  claim(claim: ReplayClaim): ReplayVerdict {
    this.#prepare();
    const nowMs = this.#clock();
    const known = this.#find(claim.key);
    const decided = decideReplay(known, claim, nowMs);
    if (decided.verdict !== "run") return decided;
    if (known !== null) this.#remove(claim.key);
    this.#makeRoom();
    this.#storage.sql.exec(
      "INSERT INTO replays (key, fingerprint, token, until_ms, answer) VALUES (?, ?, ?, ?, NULL)",
      claim.key,
      claim.fingerprint,
      claim.token,
      nowMs + LEASE_MS,
    );
    this.#count(1, 0);
    this.#onWrite();
    return decided;
  }

  /** Keeps the answer of the request that holds the key, or frees the key where there is none to keep. */
  settle(key: string, token: string, answer: KeptAnswer | null): void {
    this.#prepare();
    const known = this.#find(key);
    // Another try has taken the key over: this one was given up as lost, and what it did is not told.
    if (known?.token !== token || known.answer !== null) return;
    if (answer === null) this.#remove(key);
    else {
      const text = JSON.stringify(answer);
      this.#storage.sql.exec(
        "UPDATE replays SET answer = ?, until_ms = ? WHERE key = ?",
        text,
        this.#clock() + KEPT_MS,
        key,
      );
      this.#count(0, text.length);
    }
    this.#onWrite();
  }

  /** Forgets what has expired. */
  expire(): void {
    if (!this.#hasTable) return;
    this.#storage.sql.exec("DELETE FROM replays WHERE until_ms <= ?", this.#clock());
    this.#totals = null;
  }

  /** When the next of them expires, in milliseconds; null where nothing is kept. */
  nextAtMs(): number | null {
    if (!this.#hasTable) return null;
    const row = this.#storage.sql
      .exec<{ at: number | null }>("SELECT min(until_ms) AS at FROM replays")
      .one();
    return row.at;
  }

  /** Forgets what is in memory, for an object whose storage is being deleted. */
  drop(): void {
    this.#hasTable = false;
    this.#totals = null;
  }

  #prepare(): void {
    if (this.#hasTable) return;
    makeSchema(this.#storage, REPLAYS_SCHEMA);
    this.#hasTable = true;
  }

  #find(key: string): ReplayRecord | null {
    const [row] = this.#storage.sql
      .exec<ReplayRow>(
        "SELECT fingerprint, token, until_ms, answer FROM replays WHERE key = ?",
        key,
      )
      .toArray();
    if (row === undefined) return null;
    return {
      fingerprint: row.fingerprint,
      token: row.token,
      untilMs: row.until_ms,
      answer: row.answer === null ? null : (JSON.parse(row.answer) as KeptAnswer),
    };
  }

  #remove(key: string): void {
    this.#storage.sql.exec("DELETE FROM replays WHERE key = ?", key);
    this.#totals = null;
  }

  /** Keeps the table within its bounds: what has expired goes, then what would expire next. */
  #makeRoom(): void {
    for (let tries = 0; tries < 2 && this.#isFull(); tries++) {
      if (tries === 0) this.expire();
      else
        this.#storage.sql.exec(
          "DELETE FROM replays WHERE key IN (SELECT key FROM replays WHERE answer IS NOT NULL ORDER BY until_ms LIMIT ?)",
          Math.ceil(this.#read().rows / 10),
        );
      this.#totals = null;
    }
  }

  #isFull(): boolean {
    const { rows, chars } = this.#read();
    return rows >= MAX_KEPT || chars >= MAX_KEPT_CHARS;
  }

  #read(): { rows: number; chars: number } {
    this.#totals ??= this.#storage.sql
      .exec<{
        rows: number;
        chars: number;
      }>("SELECT count(*) AS rows, coalesce(sum(length(answer)), 0) AS chars FROM replays")
      .one();
    return this.#totals;
  }

  #count(rows: number, chars: number): void {
    if (this.#totals === null) return;
    this.#totals = { rows: this.#totals.rows + rows, chars: this.#totals.chars + chars };
  }
}
