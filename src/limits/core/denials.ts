import type { Denial, QuotaState } from "./ledger";

/**
 * What an isolate remembers of clients that are over a limit, so that a flood of theirs stops here and does not
 * reach their gate. Short and bounded: an entry lives at most `MEMORY_MS`, never longer than the denial itself, and
 * the oldest goes when there are too many. What is open at once is never remembered: it can end at any moment.
 */
const MEMORY_MS = 5000;
const MAX_ENTRIES = 4096;

export interface RememberedDenial {
  readonly denial: Denial;
  readonly quotas: readonly QuotaState[];
}

interface Entry extends RememberedDenial {
  readonly sinceMs: number;
  readonly untilMs: number;
}

export class DenialMemory {
  readonly #entries = new Map<string, Entry>();

  /**
   * Remembers the denials of one answer of `gate`. `askedAtMs` is when the gate was asked, on this isolate's clock: it
   * decided later than that, so what is counted from here ends no later than the denial.
   */
  remember(
    gate: string,
    denials: readonly Denial[],
    quotas: readonly QuotaState[],
    askedAtMs: number,
  ): void {
    for (const denial of denials) {
      if (denial.kind === "concurrent") continue;
      const place = placeOf(gate, denial.key);
      const untilMs = askedAtMs + Math.min(denial.waitMs, MEMORY_MS);
      this.#entries.delete(place);
      this.#entries.set(place, { denial, quotas, sinceMs: askedAtMs, untilMs });
    }
    for (const place of this.#entries.keys()) {
      if (this.#entries.size <= MAX_ENTRIES) break;
      this.#entries.delete(place);
    }
  }

  /** The longest remembered denial of a gate under any of the rules `keys`, with what is left of its wait at `nowMs`. */
  recall(gate: string, keys: readonly string[], nowMs: number): RememberedDenial | null {
    if (this.#entries.size === 0) return null;
    let longest: RememberedDenial | null = null;
    for (const key of keys) {
      const place = placeOf(gate, key);
      const entry = this.#entries.get(place);
      if (entry === undefined) continue;
      // A clock that was set back must not make a denial live longer.
      if (nowMs >= entry.untilMs || nowMs < entry.sinceMs) this.#entries.delete(place);
      else longest = longer(longest, age(entry, nowMs));
    }
    return longest;
  }
}

const placeOf = (gate: string, key: string): string => `${gate} ${key}`;

const longer = (a: RememberedDenial | null, b: RememberedDenial): RememberedDenial =>
  a === null || b.denial.waitMs > a.denial.waitMs ? b : a;

/** An entry with its times counted down by its age. */
function age(entry: Entry, nowMs: number): RememberedDenial {
  const elapsedMs = nowMs - entry.sinceMs;
  return {
    denial: { ...entry.denial, waitMs: entry.denial.waitMs - elapsedMs },
    quotas: entry.quotas.map((quota) => ({
      ...quota,
      resetMs: quota.resetMs === null ? null : Math.max(0, quota.resetMs - elapsedMs),
    })),
  };
}
