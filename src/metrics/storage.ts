import type { Clock } from "#platform/clock";
import type { MeterDelta } from "#platform/meter";
import type { NumberedDelta } from "#platform/meter-flush";
import { makeSchema } from "#platform/object-schema";
import type { ObjectSchema } from "#platform/object-schema";
import type { MetricName } from "#platform/metric-table";
import { definitionOf, isMetricName } from "#platform/metric-table";
import { seriesKey, valuesOfKey } from "#platform/metric-series";
import { Ledger } from "./core/ledger";
import type { Totals } from "./core/ledger";

/** The tables of the Pulse. A histogram's value is its sum, and its buckets are a JSON list; a counter has none. */
export const PULSE_SCHEMA: ObjectSchema = {
  part: "pulse",
  table: "series",
  steps: [
    `CREATE TABLE series (name TEXT NOT NULL, labels TEXT NOT NULL, value REAL NOT NULL, buckets TEXT, PRIMARY KEY (name, labels)) STRICT, WITHOUT ROWID;
     CREATE TABLE sources (id TEXT PRIMARY KEY, seq INTEGER NOT NULL, seen_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
     CREATE TABLE marks (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
  ],
};

/** No isolate sends again what it tried to send so long ago: its number may be forgotten. */
const SOURCE_TTL_MS = 24 * 3_600_000;
const PRUNE_EVERY_MS = 3_600_000;

// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface has no index signature
type StoredSeries = { name: string; labels: string; value: number; buckets: string | null };

/** What was counted, in the object's SQLite: a row for each series, written through a copy in memory. */
export class PulseBook {
  readonly #storage: DurableObjectStorage;
  readonly #now: Clock;
  /** Null until it is asked for, and again where a change was taken back. */
  #ledger: Ledger | null = null;
  #prunedAtMs = -Infinity;

  constructor(storage: DurableObjectStorage, now: Clock) {
    this.#storage = storage;
    this.#now = now;
    makeSchema(storage, PULSE_SCHEMA);
    storage.sql.exec("INSERT OR IGNORE INTO marks (name, value) VALUES ('since', ?)", now());
  }

  /** Takes what a source counted, all of it in one commit and each number once. */
  add(source: string, deltas: readonly NumberedDelta[]): void {
    const nowMs = this.#now();
    try {
      this.#storage.transactionSync(() => {
        const known = this.#seqOf(source);
        const news = deltas.filter(({ seq }) => seq > known);
        if (news.length === 0) return;
        this.#save(this.#book().add(merged(news)));
        const seq = Math.max(...news.map((delta) => delta.seq));
        this.#storage.sql.exec(
          "INSERT OR REPLACE INTO sources (id, seq, seen_at) VALUES (?, ?, ?)",
          source,
          seq,
          nowMs,
        );
        this.#prune(nowMs);
      });
    } catch (error) {
      this.#ledger = null;
      throw error;
    }
  }

  totals(): Totals {
    return this.#book().totals();
  }

  /** When counting began, in milliseconds since the epoch. */
  sinceMs(): number {
    return this.#storage.sql
      .exec<{ value: number }>("SELECT value FROM marks WHERE name = 'since'")
      .one().value;
  }

  #book(): Ledger {
    this.#ledger ??= new Ledger(this.#load());
    return this.#ledger;
  }

  #load(): Totals {
    const rows = this.#storage.sql
      .exec<StoredSeries>("SELECT name, labels, value, buckets FROM series")
      .toArray();
    const of = (type: "counter" | "histogram") =>
      rows.flatMap(({ name, ...row }) =>
        isMetricName(name) && definitionOf(name).type === type
          ? [{ ...row, name, values: valuesOfKey(row.labels) }]
          : [],
      );
    return {
      counters: of("counter").map(({ name, values, value: by }) => ({ name, values, by })),
      histograms: of("histogram").map(({ name, values, value: sum, buckets }) => ({
        name,
        values,
        sum,
        buckets: JSON.parse(buckets ?? "[]") as number[],
      })),
    };
  }

  #save({ counters, histograms }: Totals): void {
    for (const { name, values, by } of counters) this.#write(name, values, by, null);
    for (const { name, values, sum, buckets } of histograms)
      this.#write(name, values, sum, JSON.stringify(buckets));
  }

  #write(name: MetricName, values: readonly string[], value: number, buckets: string | null): void {
    this.#storage.sql.exec(
      "INSERT OR REPLACE INTO series (name, labels, value, buckets) VALUES (?, ?, ?, ?)",
      name,
      seriesKey(values),
      value,
      buckets,
    );
  }

  /** The last number of a source that was taken; 0 where none was. */
  #seqOf(source: string): number {
    const found = this.#storage.sql
      .exec<{ seq: number }>("SELECT seq FROM sources WHERE id = ?", source)
      .toArray()[0];
    return found?.seq ?? 0;
  }

  #prune(nowMs: number): void {
    if (nowMs - this.#prunedAtMs < PRUNE_EVERY_MS) return;
    this.#prunedAtMs = nowMs;
    this.#storage.sql.exec("DELETE FROM sources WHERE seen_at < ?", nowMs - SOURCE_TTL_MS);
  }
}

const merged = (deltas: readonly MeterDelta[]): MeterDelta => ({
  counters: deltas.flatMap(({ counters }) => counters),
  histograms: deltas.flatMap(({ histograms }) => histograms),
});
