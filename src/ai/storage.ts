/** What StreamRun keeps: runs, their events, and the streams that look at them. Times are milliseconds since the epoch. */
import type { JsonObject } from "#platform/json-value";
import { makeSchema, upgradeSchema } from "#platform/object-schema";
import { AnswerBuilder } from "./core/answer";
import type { Outcome } from "./core/answer";
import type { StreamView } from "./core/format";
import type { ModelEvent } from "./core/port";
import { KEPT_MS } from "./core/run";
import type { EndedStream, StartRun } from "./core/run";
import { RUNS_SCHEMA } from "./storage-schema";

export { writeUsage } from "./usage-store";

const RETRY_BASE_MS = 1_000;
const RETRY_CAP_MS = 60_000;
const OWED_MS = 7 * 86_400_000;

// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface has no index signature
type RunRow = {
  id: string;
  owner_id: string;
  key_id: string | null;
  kind: string;
  is_recorded: number;
  prompt_tokens: number;
  started_at: number;
  ended_at: number | null;
  usage: string | null;
  next_try_at: number;
  traceparent: string | null;
};
// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface has no index signature
type StreamRow = {
  id: string;
  run_id: string;
  key_id: string | null;
  kind: string;
  context: string;
  created_at: number;
};

export interface KnownRun {
  readonly id: string;
  readonly ownerId: string;
  /** Of who began it. */
  readonly keyId: string | null;
  readonly kind: string;
  readonly isRecorded: boolean;
  readonly promptTokens: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  /** What D1 is still to be told. */
  readonly usageJson: string | null;
  readonly nextTryAtMs: number;
  /** Of the request that began it; null where that is not on record. */
  readonly traceparent: string | null;
}

export class RunBook {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  #hasSchema: boolean;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    // A made-up id reaches an object too; as long as nothing is started there, nothing is stored.
    this.#hasSchema = upgradeSchema(storage, RUNS_SCHEMA);
  }

  get isEmpty(): boolean {
    return !this.#hasSchema || this.#sql.exec("SELECT 1 FROM runs LIMIT 1").toArray().length === 0;
  }

  /** Forgets everything; what is started afterwards begins anew. */
  async drop(): Promise<void> {
    this.#hasSchema = false;
    await this.#storage.deleteAll();
  }

  createRun(id: string, start: StartRun, promptTokens: number, nowMs: number): void {
    if (!this.#hasSchema) makeSchema(this.#storage, RUNS_SCHEMA);
    this.#hasSchema = true;
    this.#sql.exec(
      `INSERT INTO runs (id, owner_id, key_id, kind, is_recorded, prompt_tokens, next_seq, started_at, tries, next_try_at, traceparent)
       VALUES (?, ?, ?, ?, ?, ?, 0, ?, 0, 0, ?)`,
      id,
      start.ownerId,
      start.keyId,
      start.kind,
      start.recorded === null ? 0 : 1,
      promptTokens,
      nowMs,
      start.traceparent ?? null,
    );
  }

  /** Opens a stream on a run. `isKept` where nobody wants to know its outcome. */
  addStream(
    stream: { readonly id: string; readonly runId: string; readonly isKept: boolean },
    start: StartRun,
    nowMs: number,
  ): StreamView {
    const { id, runId, isKept } = stream;
    const { keyId, kind, context } = start;
    this.#sql.exec(
      "INSERT INTO streams (id, run_id, key_id, kind, context, created_at, is_kept) VALUES (?, ?, ?, ?, ?, ?, ?)",
      id,
      runId,
      keyId,
      kind,
      JSON.stringify(context),
      nowMs,
      isKept ? 1 : 0,
    );
    return { streamId: id, kind, context, createdAtMs: nowMs };
  }

  /** The newest run of an owner that is under way, or ended well since `endedSinceMs`. */
  joinable(ownerId: string, endedSinceMs: number): string | null {
    if (!this.#hasSchema) return null;
    const row = this.#sql
      .exec<{ id: string }>(
        `SELECT id FROM runs WHERE owner_id = ? AND (ended_at IS NULL OR (is_ok = 1 AND ended_at > ?))
         ORDER BY id DESC LIMIT 1`,
        ownerId,
        endedSinceMs,
      )
      .toArray()[0];
    return row?.id ?? null;
  }

  /** A stream and its run, for its owner alone. */
  findStream(
    streamId: string,
    ownerId: string,
  ): { readonly view: StreamView; readonly runId: string } | null {
    if (!this.#hasSchema) return null;
    const row = this.#sql
      .exec<StreamRow>(
        `SELECT streams.* FROM streams JOIN runs ON runs.id = run_id WHERE streams.id = ? AND owner_id = ?`,
        streamId,
        ownerId,
      )
      .toArray()[0];
    if (row === undefined) return null;
    const context = JSON.parse(row.context) as JsonObject;
    const view = { streamId, kind: row.kind, context, createdAtMs: row.created_at };
    return { view, runId: row.run_id };
  }

  /** Adds events behind those that are there, and answers how many there are. */
  append(runId: string, events: readonly ModelEvent[]): number {
    const seq = this.#sql
      .exec<{ next_seq: number }>("SELECT next_seq FROM runs WHERE id = ?", runId)
      .one().next_seq;
    this.#sql.exec(
      "INSERT INTO events (run_id, seq, events) VALUES (?, ?, ?)",
      runId,
      seq,
      JSON.stringify(events),
    );
    const next = seq + events.length;
    this.#sql.exec("UPDATE runs SET next_seq = ? WHERE id = ?", next, runId);
    return next;
  }

  /** Ends a run with its last event and what it used, in one write. */
  finish(runId: string, last: ModelEvent, usageJson: string | null, nowMs: number): number {
    return this.#storage.transactionSync(() => {
      this.#sql.exec(
        "UPDATE runs SET ended_at = ?, is_ok = ?, usage = ? WHERE id = ?",
        nowMs,
        last.type === "done" ? 1 : 0,
        usageJson,
        runId,
      );
      return this.append(runId, [last]);
    });
  }

  /** Some events from the one numbered `from`, where a write begins, up to and without `below`. */
  read(runId: string, from: number, below: number): ModelEvent[] {
    const rows = this.#sql
      .exec<{ events: string }>(
        "SELECT events FROM events WHERE run_id = ? AND seq >= ? AND seq < ? ORDER BY seq LIMIT 100",
        runId,
        from,
        Math.min(below, Number.MAX_SAFE_INTEGER),
      )
      .toArray();
    return rows.flatMap((row) => JSON.parse(row.events) as ModelEvent[]);
  }

  /** A run's answer as far as it is stored. */
  build(runId: string): AnswerBuilder {
    const built = new AnswerBuilder();
    for (let seq = 0; ;) {
      const events = this.read(runId, seq, Infinity);
      if (events.length === 0) return built;
      for (const event of events) built.add(event);
      seq += events.length;
    }
  }

  /** Runs that nobody has ended. */
  unfinished(): KnownRun[] {
    return this.#runs("ended_at IS NULL");
  }

  find(runId: string): KnownRun | null {
    return this.#runs("id = ?", runId)[0] ?? null;
  }

  /** Ended runs of which D1 or a completion is still to be told. */
  owing(): KnownRun[] {
    return this.#runs(
      `ended_at IS NOT NULL AND (usage IS NOT NULL OR EXISTS (SELECT 1 FROM streams WHERE run_id = runs.id AND is_kept = 0))`,
    );
  }

  markUsage(runId: string): void {
    this.#sql.exec("UPDATE runs SET usage = NULL WHERE id = ?", runId);
  }

  /** The streams of an ended run whose outcome is not kept yet. */
  unkept(run: KnownRun, outcome: Outcome): EndedStream[] {
    return this.#sql
      .exec<StreamRow & { is_first: number }>(
        `SELECT *, id = (SELECT id FROM streams WHERE run_id = ? ORDER BY rowid LIMIT 1) AS is_first
         FROM streams WHERE run_id = ? AND is_kept = 0`,
        run.id,
        run.id,
      )
      .toArray()
      .map((row) => ({ ...row, context: JSON.parse(row.context) as JsonObject }))
      .map((row) => ({
        streamId: row.id,
        runId: run.id,
        ownerId: run.ownerId,
        keyId: row.key_id,
        kind: row.kind,
        context: row.context,
        outcome,
        createdAtMs: row.created_at,
        endedAtMs: run.endedAtMs ?? row.created_at,
        isRecorded: row.context["cached"] === true,
        isFirst: row.is_first === 1,
      }));
  }

  hasUnkept(runId: string): boolean {
    return (
      this.#sql
        .exec("SELECT 1 FROM streams WHERE run_id = ? AND is_kept = 0 LIMIT 1", runId)
        .toArray().length > 0
    );
  }

  markKept(streamId: string): void {
    this.#sql.exec("UPDATE streams SET is_kept = 1 WHERE id = ?", streamId);
  }

  /** What is owed could not be told: it is tried again after a growing while. */
  putOff(runId: string, nowMs: number): void {
    this.#sql.exec(
      "UPDATE runs SET tries = tries + 1, next_try_at = ? + min(?, ? << min(tries, 16)) WHERE id = ?",
      nowMs,
      RETRY_CAP_MS,
      RETRY_BASE_MS,
      runId,
    );
  }

  /** Forgets the runs that were kept long enough. What still owed something after a week is answered: nobody will take it. */
  expire(nowMs: number): string[] {
    if (!this.#hasSchema) return [];
    const owing = new Set(this.owing().map(({ id }) => id));
    const dropped: string[] = [];
    for (const { id, endedAtMs } of this.#runs("ended_at <= ?", nowMs - KEPT_MS)) {
      if (owing.has(id)) {
        if ((endedAtMs ?? 0) > nowMs - OWED_MS) continue;
        dropped.push(id);
      }
      this.#sql.exec("DELETE FROM events WHERE run_id = ?", id);
      this.#sql.exec("DELETE FROM streams WHERE run_id = ?", id);
      this.#sql.exec("DELETE FROM runs WHERE id = ?", id);
    }
    return dropped;
  }

  /** When there is something to do next; null where there is nothing. */
  nextDueAtMs(): number | null {
    const owing = this.owing();
    const owingIds = new Set(owing.map(({ id }) => id));
    const dues = [
      ...owing.map(({ nextTryAtMs }) => nextTryAtMs),
      ...this.#runs("ended_at IS NOT NULL")
        .filter(({ id }) => !owingIds.has(id))
        .map(({ endedAtMs }) => (endedAtMs ?? 0) + KEPT_MS),
    ];
    return dues.length === 0 ? null : Math.min(...dues);
  }

  #runs(condition: string, ...values: (string | number)[]): KnownRun[] {
    if (!this.#hasSchema) return [];
    return this.#sql
      .exec<RunRow>(`SELECT * FROM runs WHERE ${condition} ORDER BY id`, ...values)
      .toArray()
      .map((row) => ({
        id: row.id,
        ownerId: row.owner_id,
        keyId: row.key_id,
        kind: row.kind,
        isRecorded: row.is_recorded === 1,
        promptTokens: row.prompt_tokens,
        startedAtMs: row.started_at,
        endedAtMs: row.ended_at,
        usageJson: row.usage,
        nextTryAtMs: row.next_try_at,
        traceparent: row.traceparent,
      }));
  }
}
