/**
 * One sliding-window count. Admissions stand in a log; an entry leaves as a whole, a window after its **last**
 * admission, so that no window of that length ever holds more than the limit. (A bucket that leaks, or two
 * weighted cells, lets more through: a full quota just before a boundary and another one just after it.)
 */

/** Up to so many admissions each keep their own time; beyond, neighbours share one. Bounds what a log can grow to. */
const RESOLUTION = 256;

/** About 5 % of a quota is reserved in storage at a time. */
const BLOCK_SHARE = 20;

/** A log as it is stored: pairs of `lastMs, count`, oldest first, and what storage holds in reserve beyond them. */
export interface StoredLog {
  readonly entries: readonly number[];
  readonly reserved: number;
}

interface Entry {
  readonly firstMs: number;
  lastMs: number;
  count: number;
}

export class WindowLog {
  #entries: Entry[] = [];
  #used = 0;
  /** Admissions that storage already counts and that have not happened yet. */
  reserved = 0;

  /**
   * The log that `stored` describes. A block found open was being used when the object died: nobody knows how far,
   * so all of it counts as used, as late as it can have been: at `nowMs`, the time of loading.
   */
  static restore(stored: StoredLog, nowMs: number): WindowLog {
    const log = new WindowLog();
    for (let i = 0; i + 1 < stored.entries.length; i += 2)
      log.#push(stored.entries[i] ?? 0, stored.entries[i + 1] ?? 0);
    if (stored.reserved > 0) log.#push(nowMs, stored.reserved);
    return log;
  }

  #push(atMs: number, count: number): void {
    this.#entries.push({ firstMs: atMs, lastMs: atMs, count });
    this.#used += count;
  }

  /** Admissions in the window that ends at `nowMs`; what has left it is forgotten. */
  used(windowMs: number, nowMs: number): number {
    let gone = 0;
    for (const entry of this.#entries) {
      if (entry.lastMs + windowMs > nowMs) break;
      this.#used -= entry.count;
      gone++;
    }
    if (gone > 0) this.#entries.splice(0, gone);
    return this.#used;
  }

  /** Counts one admission. `used` was asked at the same `nowMs`. */
  add(limit: number, windowMs: number, nowMs: number): void {
    this.#used++;
    const shareMs = limit > RESOLUTION ? windowMs / RESOLUTION : 0;
    const newest = this.#entries.at(-1);
    if (newest !== undefined && nowMs - newest.firstMs <= shareMs) {
      newest.lastMs = nowMs;
      newest.count++;
    } else this.#entries.push({ firstMs: nowMs, lastMs: nowMs, count: 1 });
    if (this.reserved > 0) this.reserved--;
  }

  /** Reserves the next block: part of what is left, less towards the end, so that a crash there costs little. */
  reserve(limit: number): void {
    const left = Math.max(0, limit - this.#used);
    this.reserved = Math.min(Math.ceil(limit / BLOCK_SHARE) - 1, Math.floor(left / 2));
  }

  /** Milliseconds until one more would pass, 0 where it passes at once. At most `windowMs`, and exact. */
  waitMs(limit: number, windowMs: number, nowMs: number): number {
    let left = this.used(windowMs, nowMs);
    if (left < limit) return 0;
    for (const entry of this.#entries) {
      left -= entry.count;
      if (left < limit) return entry.lastMs + windowMs - nowMs;
    }
    return windowMs;
  }

  /** Milliseconds until the oldest admission leaves and some of the quota comes back; the window where it is unused. */
  resetMs(windowMs: number, nowMs: number): number {
    const oldest = this.#entries[0];
    return oldest === undefined ? windowMs : oldest.lastMs + windowMs - nowMs;
  }

  /** When the newest admission leaves, on the gate's clock; null where nothing is counted. */
  emptyAtMs(windowMs: number): number | null {
    const newest = this.#entries.at(-1);
    return newest === undefined ? null : newest.lastMs + windowMs;
  }

  toStored(): StoredLog {
    return {
      entries: this.#entries.flatMap((entry) => [entry.lastMs, entry.count]),
      reserved: this.reserved,
    };
  }
}
