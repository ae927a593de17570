import type { CounterGain, HistogramGain, MeterDelta } from "#platform/meter";
import { SeriesCap, seriesKey } from "#platform/metric-series";
import { bucketsOf, definitionOf, isMetricName } from "#platform/metric-table";

/** What was ever counted, in the shape in which it is told. */
export type Totals = MeterDelta;

/** Everything that was ever counted, in memory. What it is given comes from other versions of the program too: what it does not know is left out. */
export class Ledger {
  readonly #counters = new Map<string, CounterGain>();
  readonly #histograms = new Map<string, HistogramGain>();
  readonly #cap: SeriesCap;

  constructor(stored: Totals, cap = new SeriesCap()) {
    this.#cap = cap;
    this.add(stored);
  }

  /** Adds what was counted, and gives the series that it changed as they are now. */
  add(delta: MeterDelta): Totals {
    const counters = delta.counters.flatMap((gain) => this.#count(gain) ?? []);
    const histograms = delta.histograms.flatMap((gain) => this.#observe(gain) ?? []);
    return { counters: latest(counters), histograms: latest(histograms) };
  }

  totals(): Totals {
    return { counters: [...this.#counters.values()], histograms: [...this.#histograms.values()] };
  }

  #count({ name, values, by }: CounterGain): CounterGain | null {
    if (!isMetricName(name) || definitionOf(name).type !== "counter" || !(by > 0)) return null;
    const admitted = this.#cap.admit(name, values);
    const key = keyOf(name, admitted);
    const next = { name, values: admitted, by: by + (this.#counters.get(key)?.by ?? 0) };
    this.#counters.set(key, next);
    return next;
  }

  #observe({ name, values, buckets, sum }: HistogramGain): HistogramGain | null {
    if (!isMetricName(name) || definitionOf(name).type !== "histogram") return null;
    // Counted into other buckets than these: by another version.
    if (buckets.length !== bucketsOf(name).length + 1) return null;
    const admitted = this.#cap.admit(name, values);
    const key = keyOf(name, admitted);
    const before = this.#histograms.get(key);
    const next = {
      name,
      values: admitted,
      buckets: buckets.map((n, i) => n + (before?.buckets[i] ?? 0)),
      sum: sum + (before?.sum ?? 0),
    };
    this.#histograms.set(key, next);
    return next;
  }
}

const keyOf = (name: string, values: readonly string[]): string => `${name} ${seriesKey(values)}`;

/** One of each series, the one that came last. */
function latest<T extends CounterGain | HistogramGain>(changed: readonly T[]): T[] {
  return [...new Map(changed.map((one) => [keyOf(one.name, one.values), one])).values()];
}
