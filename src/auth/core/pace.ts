/**
 * Spreads work that holds the isolate's one thread, so that whatever else it serves gets its turns in between (the generic cell rate
 * algorithm, ITU-T I.371): `burst` pieces may follow each other at once, and then one begins every `gapMs`.
 */
export class Pace {
  readonly #gapMs: number;
  readonly #burst: number;
  /** When the work that has been admitted so far would be done, were it spread evenly. */
  #doneAtMs = -Infinity;

  constructor(gapMs: number, burst: number) {
    this.#gapMs = gapMs;
    this.#burst = burst;
  }

  /** Takes a place, and tells how many milliseconds from now it begins. */
  reserve(nowMs: number): number {
    const beginMs = Math.max(this.#doneAtMs, nowMs);
    this.#doneAtMs = beginMs + this.#gapMs;
    return Math.max(0, beginMs - nowMs - (this.#burst - 1) * this.#gapMs);
  }
}
