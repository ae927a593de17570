import type { MetricName } from "#platform/metric-table";
import { definitionOf, OTHER } from "#platform/metric-table";

/**
 * How many series with values that anybody may have chosen one metric keeps. Above the routes of this API times the
 * statuses that each may give; what comes beyond is counted under `other`, so that no client can fill a store with names.
 */
const MAX_SERIES = 2_000;
/** Longer values are cut: they are names, not texts. */
const MAX_VALUE_CHARS = 120;

/** The values of a metric's labels, in the order of the table. */
export type LabelValues = readonly string[];

/** One text for one series, under which it is found. */
export const seriesKey = (values: LabelValues): string => JSON.stringify(values);

/** The values of a series from its key. */
export const valuesOfKey = (key: string): LabelValues => JSON.parse(key) as string[];

/**
 * Gives each metric its series and no more than it may have. A series that was seen keeps its own; a new one beyond the
 * cap is counted where its open values say `other`, while what is known of it, such as its status, is told on.
 */
export class SeriesCap {
  readonly #known = new Map<MetricName, Set<string>>();
  readonly #max: number;

  constructor(max = MAX_SERIES) {
    this.#max = max;
  }

  /** The values under which this is counted. */
  admit(name: MetricName, values: LabelValues): LabelValues {
    const checked = listed(name, values);
    const key = seriesKey(checked);
    const known = this.#known.get(name) ?? new Set<string>();
    if (known.has(key)) return checked;
    if (known.size >= this.#max) return collapsed(name, checked);
    this.#known.set(name, known.add(key));
    return checked;
  }
}

/** Values as the table allows them: a value that is not listed is `other`, whoever sends it. */
function listed(name: MetricName, values: LabelValues): LabelValues {
  return Object.values(definitionOf(name).labels).map((allowed, i) => {
    const value = values[i] ?? "";
    if (allowed === "any")
      return value.length > MAX_VALUE_CHARS ? value.slice(0, MAX_VALUE_CHARS) : value;
    const isAllowed = allowed === "status" ? /^[1-5]\d\d$/.test(value) : allowed.includes(value);
    return isAllowed ? value : OTHER;
  });
}

function collapsed(name: MetricName, values: LabelValues): LabelValues {
  return Object.values(definitionOf(name).labels).map((allowed, i) =>
    allowed === "any" ? OTHER : (values[i] ?? OTHER),
  );
}
