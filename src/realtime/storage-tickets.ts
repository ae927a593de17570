import { makeSchema } from "#platform/object-schema";
import type { ObjectSchema } from "#platform/object-schema";
import type { SocketIdentity } from "./core/attachment";

export const TICKETS_SCHEMA: ObjectSchema = {
  part: "tickets",
  table: "tickets",
  steps: [
    "CREATE TABLE IF NOT EXISTS tickets (hash TEXT PRIMARY KEY, identity TEXT NOT NULL, until INTEGER NOT NULL) STRICT, WITHOUT ROWID",
  ],
};

/** Tickets that a gateway has given out. Taking one is deleting it, so that of two who come with it one gets in. */
export class TicketStorage {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
    makeSchema(storage, TICKETS_SCHEMA);
  }

  /** `ticket` is the name that it is kept under: a hash of what the client holds. */
  put(ticket: string, identity: SocketIdentity, untilMs: number, nowMs: number): void {
    this.prune(nowMs);
    this.#sql.exec(
      "INSERT INTO tickets (hash, identity, until) VALUES (?, ?, ?)",
      ticket,
      JSON.stringify(identity),
      untilMs,
    );
  }

  take(ticket: string, nowMs: number): SocketIdentity | null {
    const found = this.#sql
      .exec<{ identity: string; until: number }>(
        "DELETE FROM tickets WHERE hash = ? RETURNING identity, until",
        ticket,
      )
      .toArray()[0];
    return found && found.until > nowMs ? (JSON.parse(found.identity) as SocketIdentity) : null;
  }

  prune(nowMs: number): void {
    this.#sql.exec("DELETE FROM tickets WHERE until <= ?", nowMs);
  }

  nextEndMs(): number | null {
    return this.#sql.exec<{ at: number | null }>("SELECT MIN(until) AS at FROM tickets").one().at;
  }
}
