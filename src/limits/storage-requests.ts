import type { Clock } from "#platform/clock";
import { describeError } from "#platform/log";
import type { Logger } from "#platform/log";

const DAY_MARK = "requests:";
const DAY_MS = 24 * 3_600_000;
/** What a crash can take: counts that are younger. */
const STORE_MS = 900;
/** D1 hears of a busy owner as seldom. */
const TELL_MS = 10_000;

/** `requests:<day>` → the owner's calls of that day by key; the empty key is a signed-in person's. */
interface DayTotals {
  readonly ownerId: string;
  readonly counts: Record<string, number>;
}

/** One statement whatever the number of rows. Totals only grow, so a repeated or late write is harmless. */
const UPSERT = `INSERT INTO request_counts (owner_id, key_id, day, requests)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?1) WHERE true
  ON CONFLICT (owner_id, key_id, day) DO UPDATE SET requests = max(requests, excluded.requests)`;

export interface RequestCountsOptions {
  readonly storage: DurableObjectStorage;
  /** Read at each use, so that a test can set the object's clock. */
  readonly clock: Clock;
  /** Called after each write, so that the object comes back to tell D1. */
  readonly onWrite: () => void;
}

/**
 * Counts the calls that an owner's gate lets in, without a write for any of them: in memory, stored within a second of activity, told to D1 by
 * alarm and to whoever asks for it. What is kept and told are the totals of a day, never differences, so that no failure counts twice.
 */
export class RequestCounts {
  readonly #storage: DurableObjectStorage;
  readonly #clock: Clock;
  readonly #onWrite: () => void;
  readonly #days: Map<string, DayTotals>;
  /** Days that storage does not know as they are. */
  readonly #unstored = new Set<string>();
  /** Days that D1 does not know as they are → how often they changed. After a restart nobody knows, so all of them. */
  readonly #untold: Map<string, number>;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #tellAtMs: number | null;
  /** Writes since the object woke, for tests of what an admission costs. */
  writes = 0;

  constructor({ storage, clock, onWrite }: RequestCountsOptions) {
    this.#storage = storage;
    this.#clock = clock;
    this.#onWrite = onWrite;
    this.#days = new Map(
      Array.from(storage.kv.list<DayTotals>({ prefix: DAY_MARK }), ([name, totals]) => [
        name.slice(DAY_MARK.length),
        totals,
      ]),
    );
    this.#untold = new Map(Array.from(this.#days.keys(), (day) => [day, 0]));
    this.#tellAtMs = this.#days.size === 0 ? null : clock();
  }

  /** Counts one call. `keyId` is null for a signed-in person. */
  count(ownerId: string, keyId: string | null): void {
    const day = dayOf(this.#clock());
    const totals = this.#days.get(day) ?? { ownerId, counts: {} };
    this.#days.set(day, totals);
    totals.counts[keyId ?? ""] = (totals.counts[keyId ?? ""] ?? 0) + 1;
    this.#unstored.add(day);
    this.#untold.set(day, (this.#untold.get(day) ?? 0) + 1);
    this.#tellAtMs ??= this.#clock() + TELL_MS;
    this.#timer ??= setTimeout(() => this.store(), STORE_MS);
  }

  /** Stores what is in memory alone. From here on an eviction costs nothing. */
  store(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#unstored.size === 0) return;
    for (const day of this.#unstored) {
      this.writes++;
      this.#storage.kv.put(`${DAY_MARK}${day}`, this.#days.get(day));
    }
    this.#unstored.clear();
    this.#onWrite();
  }

  /** Tells D1 the totals that it does not know, and forgets days that are over. Throws where D1 does not take them; they stay owed. */
  async tell(db: D1Database): Promise<void> {
    this.store();
    const telling = [...this.#untold];
    const rows = telling.flatMap(([day]) => {
      const { ownerId, counts } = this.#days.get(day) ?? { ownerId: "", counts: {} };
      return Object.entries(counts).map(([keyId, count]) => [ownerId, keyId, day, count]);
    });
    this.#tellAtMs = this.#clock() + TELL_MS;
    if (rows.length > 0) await db.prepare(UPSERT).bind(JSON.stringify(rows)).run();
    for (const [day, changes] of telling)
      if (this.#untold.get(day) === changes) this.#untold.delete(day);
    if (this.#untold.size === 0) this.#tellAtMs = null;
    this.#forget();
  }

  /** For the alarm: as `tell`, but lets no error out. D1 hears of it later. */
  async settle(db: D1Database, log: Logger): Promise<void> {
    try {
      await this.tell(db);
    } catch (error) {
      log.warn("gate.requests_not_told", describeError(error));
    }
  }

  /** When there is something to tell or to forget, in milliseconds; null where nothing is held. */
  dueAtMs(): number | null {
    if (this.#tellAtMs !== null) return this.#tellAtMs;
    if (this.#days.size === 0) return null;
    // Until a day is over its totals are needed: the next call goes on from them.
    return Math.min(...Array.from(this.#days.keys(), (day) => Date.parse(day) + DAY_MS));
  }

  /** Forgets what is in memory, for an object whose storage is being deleted. */
  drop(): void {
    this.#days.clear();
    this.#untold.clear();
    this.#unstored.clear();
  }

  #forget(): void {
    const today = dayOf(this.#clock());
    for (const day of this.#days.keys())
      if (day < today && !this.#untold.has(day)) {
        this.#days.delete(day);
        this.#storage.kv.delete(`${DAY_MARK}${day}`);
      }
  }
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
