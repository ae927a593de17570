import { CONSUMER_ACTIVE_MS } from "./core/timing";

/** How old what is stored of a consumer may be while memory knows better: a restart forgets no more than this. */
const WRITE_EVERY_MS = 1_000;

/** Who works for a shard and when anyone last took anything: exact in memory, written at most once a second. */
export class Presence {
  readonly #sql: SqlStorage;
  readonly #seenAtMs = new Map<string, number>();
  readonly #writtenAtMs = new Map<string, number>();
  #lastClaimAtMs: number | null;
  #claimWrittenAtMs = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    for (const row of sql.exec<{ id: string; seen_at: number }>(
      "SELECT id, seen_at FROM consumers",
    ))
      this.#seenAtMs.set(row.id, row.seen_at);
    const mark = sql
      .exec<{ value: number }>("SELECT value FROM marks WHERE name = 'last_claim_at'")
      .toArray()[0];
    this.#lastClaimAtMs = mark?.value ?? null;
  }

  see(consumerId: string, nowMs: number): void {
    this.#seenAtMs.set(consumerId, nowMs);
    if (nowMs - (this.#writtenAtMs.get(consumerId) ?? 0) < WRITE_EVERY_MS) return;
    this.#writtenAtMs.set(consumerId, nowMs);
    this.#sql.exec(
      "INSERT OR REPLACE INTO consumers (id, seen_at) VALUES (?, ?)",
      consumerId,
      nowMs,
    );
  }

  noteClaim(nowMs: number): void {
    this.#lastClaimAtMs = nowMs;
    if (nowMs - this.#claimWrittenAtMs < WRITE_EVERY_MS) return;
    this.#claimWrittenAtMs = nowMs;
    this.#sql.exec("INSERT OR REPLACE INTO marks (name, value) VALUES ('last_claim_at', ?)", nowMs);
  }

  lastClaimAtMs(): number | null {
    return this.#lastClaimAtMs;
  }

  active(nowMs: number): string[] {
    return [...this.#seenAtMs]
      .filter(([, seenAtMs]) => seenAtMs > nowMs - CONSUMER_ACTIVE_MS)
      .map(([id]) => id);
  }

  prune(nowMs: number): void {
    for (const [id, seenAtMs] of this.#seenAtMs) {
      if (seenAtMs > nowMs - CONSUMER_ACTIVE_MS) continue;
      this.#seenAtMs.delete(id);
      this.#writtenAtMs.delete(id);
      this.#sql.exec("DELETE FROM consumers WHERE id = ?", id);
    }
  }
}
