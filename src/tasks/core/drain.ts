/** A backlog has to stand so long before what is seen of it says anything. */
const MIN_BUSY_MS = 5_000;
const WINDOW_S = 60;

/**
 * How fast a backlog is being served: starts a second over the last minute, while something waited all along. Without a backlog the rate would be
 * that of what comes, which says nothing of what could be served.
 */
export class DrainMeter {
  readonly #starts = new Map<number, number>();
  #busySinceMs: number | null = null;

  /** So many wait now. */
  setBacklog(count: number, nowMs: number): void {
    if (count === 0) {
      this.#busySinceMs = null;
      this.#starts.clear();
    } else this.#busySinceMs ??= nowMs;
  }

  noteStart(nowMs: number): void {
    if (this.#busySinceMs === null) return;
    const second = Math.floor(nowMs / 1000);
    this.#starts.set(second, (this.#starts.get(second) ?? 0) + 1);
    for (const old of this.#starts.keys()) {
      if (old > second - WINDOW_S) break;
      this.#starts.delete(old);
    }
  }

  /** Starts a second; null where nothing waits, or not for long enough to tell. */
  perSecond(nowMs: number): number | null {
    if (this.#busySinceMs === null || nowMs - this.#busySinceMs < MIN_BUSY_MS) return null;
    const windowS = Math.min(WINDOW_S, (nowMs - this.#busySinceMs) / 1000);
    const from = Math.floor(nowMs / 1000) - WINDOW_S;
    let starts = 0;
    for (const [second, count] of this.#starts) if (second > from) starts += count;
    return starts / windowS;
  }
}
