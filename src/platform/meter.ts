import type { CounterName, HistogramName, LabelsOf, MetricName } from "#platform/metric-table";
import { bucketsOf, METRICS } from "#platform/metric-table";
import type { LabelValues } from "#platform/metric-series";
import { SeriesCap } from "#platform/metric-series";

/** What one series of a counter gained. */
export interface CounterGain {
  readonly name: MetricName;
  readonly values: LabelValues;
  readonly by: number;
}

/** What one series of a histogram gained. */
export interface HistogramGain {
  readonly name: MetricName;
  readonly values: LabelValues;
  /** How many fell into each bucket alone, the one that takes everything last. */
  readonly buckets: readonly number[];
  /** Of all that was observed, in seconds. */
  readonly sum: number;
}

/** What was counted since the last time; plain enough to cross an RPC. */
export interface MeterDelta {
  readonly counters: readonly CounterGain[];
  readonly histograms: readonly HistogramGain[];
}

interface Series {
  readonly name: MetricName;
  readonly values: LabelValues;
  by: number;
  sum: number;
  readonly buckets: number[];
}

/**
 * Adds up in memory: nothing is awaited, nothing is written and no clock is read, so that counting may stand anywhere.
 * What it holds is bounded by the series that metrics may have, however long nobody takes it out.
 */
export class Meter {
  readonly #cap: SeriesCap;
  /** By name, then by the values as they were given, so that a series is found without looking it over again. */
  #series = new Map<string, Series>();
  #given = new Map<string, Series>();

  constructor(cap = new SeriesCap()) {
    this.#cap = cap;
  }

  /** Adds to a counter. Whatever is no growth is left out: a counter only goes up. */
  count<N extends CounterName>(name: N, labels: LabelsOf<N>, by = 1): void {
    if (by > 0 && Number.isFinite(by)) this.#find(name, labels).by += by;
  }

  /** Adds one observation in seconds to a histogram. A clock that was set back counts as no time. */
  observe<N extends HistogramName>(name: N, labels: LabelsOf<N>, seconds: number): void {
    if (!Number.isFinite(seconds)) return;
    const value = Math.max(0, seconds);
    const bounds = bucketsOf(name);
    const found = bounds.findIndex((bound) => value <= bound);
    const bucket = found === -1 ? bounds.length : found;
    const series = this.#find(name, labels);
    series.buckets[bucket] = (series.buckets[bucket] ?? 0) + 1;
    series.sum += value;
  }

  get isEmpty(): boolean {
    return this.#series.size === 0;
  }

  /** Takes out what was counted since the last time. Whoever takes it has to see that it arrives. */
  drain(): MeterDelta {
    const all = [...this.#series.values()];
    this.#series = new Map();
    this.#given = new Map();
    const of = (isHistogram: boolean): Series[] =>
      all.filter(({ buckets }) => buckets.length > 0 === isHistogram);
    return {
      counters: of(false).map(({ name, values, by }) => ({ name, values, by })),
      histograms: of(true).map(({ name, values, buckets, sum }) => ({
        name,
        values,
        buckets,
        sum,
      })),
    };
  }

  #find(name: MetricName, labels: object): Series {
    const given = labels as Readonly<Record<string, string | number>>;
    let text: string = name;
    for (const label in METRICS[name].labels) text += `\0${given[label]}`;
    const found = this.#given.get(text);
    if (found) return found;
    const values = Object.keys(METRICS[name].labels).map((label) => String(given[label]));
    const admitted = this.#cap.admit(name, values);
    const key = `${name}\0${admitted.join("\0")}`;
    const { length } = bucketsOf(name);
    const buckets = length === 0 ? [] : Array.from({ length: length + 1 }, () => 0);
    const series = this.#series.get(key) ?? { name, values: admitted, by: 0, sum: 0, buckets };
    this.#series.set(key, series);
    // Only under its own name: what is counted as `other` may come under any number of names.
    if (key === text) this.#given.set(text, series);
    return series;
  }
}

/** What this isolate counts, whichever of its Workers, objects and consumers does. Numbers alone: safe to share. */
export const meter = new Meter();

export const count: Meter["count"] = (name, labels, by) => meter.count(name, labels, by);
export const observe: Meter["observe"] = (name, labels, seconds) =>
  meter.observe(name, labels, seconds);
