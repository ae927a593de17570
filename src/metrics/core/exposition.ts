import type { HistogramGain } from "#platform/meter";
import type { GaugeName, LabelsOf, MetricName } from "#platform/metric-table";
import { bucketsOf, definitionOf, METRICS } from "#platform/metric-table";
import type { Totals } from "./ledger";

/** One value of one series, counted elsewhere than in the Pulse: a gauge, or a counter that is kept with what it counts. */
export interface Sample {
  readonly name: MetricName;
  readonly values: readonly string[];
  readonly value: number;
}

/** A gauge as it is read at this moment. */
export const gauge = <N extends GaugeName>(
  name: N,
  labels: LabelsOf<N>,
  value: number,
): Sample => ({
  name,
  values: Object.keys(METRICS[name].labels).map((label) =>
    String((labels as Readonly<Record<string, string>>)[label]),
  ),
  value,
});

export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * All of it in Prometheus's text format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats), in the order of
 * the table. A series whose labels are all listed there is told from the start, so that its first growth is seen as one.
 */
export function renderMetrics(totals: Totals, samples: readonly Sample[]): string {
  const counted: Sample[] = totals.counters.map(({ name, values, by }) => ({
    name,
    values,
    value: by,
  }));
  const byName = Map.groupBy([...counted, ...samples], ({ name }) => name);
  const histograms = Map.groupBy(totals.histograms, ({ name }) => name);
  let text = "";
  for (const name of Object.keys(METRICS) as MetricName[]) {
    const { type, help } = definitionOf(name);
    const lines =
      type === "histogram"
        ? (histograms.get(name) ?? []).map(histogramLines)
        : [...fromTheStart(name), ...(byName.get(name) ?? [])].reduce(lastOfEach, new Map());
    const body = [...lines.values()].join("");
    if (body !== "") text += `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n${body}`;
  }
  return text;
}

/** The series of a counter of which all values are known beforehand, at nothing. */
function fromTheStart(name: MetricName): Sample[] {
  const { type, labels } = definitionOf(name);
  const lists = Object.values(labels);
  const [only] = lists;
  if (type !== "counter" || lists.length !== 1 || !Array.isArray(only)) return [];
  return (only as readonly string[]).map((value) => ({ name, values: [value], value: 0 }));
}

/** A series is told once. */
function lastOfEach(lines: Map<string, string>, { name, values, value }: Sample): typeof lines {
  const series = name + labelsText(name, values);
  return lines.set(series, `${series} ${formatValue(value)}\n`);
}

function histogramLines({ name, values, buckets, sum }: HistogramGain): string {
  const bounds = bucketsOf(name);
  let count = 0;
  let text = "";
  for (const [i, n] of buckets.entries()) {
    count += n;
    const le = formatValue(bounds[i] ?? Infinity);
    text += `${name}_bucket${labelsText(name, values, `le="${le}"`)} ${count}\n`;
  }
  const labels = labelsText(name, values);
  return `${text}${name}_sum${labels} ${formatValue(sum)}\n${name}_count${labels} ${count}\n`;
}

function labelsText(name: MetricName, values: readonly string[], more = ""): string {
  const pairs = Object.keys(definitionOf(name).labels).map(
    (label, i) => `${label}="${escapeValue(values[i] ?? "")}"`,
  );
  if (more !== "") pairs.push(more);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

const escapeHelp = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
const escapeValue = (text: string): string => escapeHelp(text).replaceAll('"', '\\"');

function formatValue(value: number): string {
  if (value === Infinity) return "+Inf";
  // What was added up in binary fractions is told to the nanosecond.
  return String(Number.isInteger(value) ? value : Math.round(value * 1e9) / 1e9);
}
