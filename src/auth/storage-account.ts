import { makeSchema } from "#platform/object-schema";
import type { ObjectSchema } from "#platform/object-schema";
import { decideRotation } from "./core/refresh-family";
import type { RefreshFamily, Rotation, RotationRefusal } from "./core/refresh-family";
import type { ShownToken } from "./core/refresh-token";

/** What is known of the device that a session is used from. */
export interface Device {
  readonly address: string;
  readonly userAgent: string;
}

/** A login and the refresh tokens that follow from it. */
export interface SessionRecord extends Device {
  readonly sessionId: string;
  /** How the person signed in: `password`, or the provider's id. */
  readonly method: string;
  readonly clientId: string;
  readonly createdAtMs: number;
  /** The login or the last refresh. */
  readonly lastUsedAtMs: number;
  /** What the secrets of its tokens are made of, together with the deployment's secret: of no use alone. */
  readonly seed: string;
  readonly family: RefreshFamily;
}

/** What a refresh token gets: the counter and times of the one to answer with, or why there is none. */
export type RotationVerdict =
  | { readonly refusal: "unknown" | RotationRefusal }
  | {
      readonly refusal: null;
      readonly counter: number;
      readonly issuedAtMs: number;
      readonly expiresAtMs: number;
    };

type Row = {
  readonly id: string;
  readonly method: string;
  readonly client_id: string;
  readonly address: string;
  readonly user_agent: string;
  readonly created_at: number;
  readonly last_used_at: number;
  readonly expires_at: number;
  readonly seed: string;
  readonly counter: number;
  readonly recent: string;
};

export const SESSIONS_SCHEMA: ObjectSchema = {
  part: "sessions",
  table: "sessions",
  steps: [
    `CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, method TEXT NOT NULL, client_id TEXT NOT NULL, address TEXT NOT NULL,
       user_agent TEXT NOT NULL, created_at INTEGER NOT NULL, last_used_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
       seed TEXT NOT NULL, counter INTEGER NOT NULL, recent TEXT NOT NULL) STRICT;
     CREATE TABLE IF NOT EXISTS closing (id TEXT PRIMARY KEY) STRICT`,
  ],
};

/**
 * One person's sessions in their Account. Table `sessions`: a row each, gone when the session ends. Table `closing`:
 * sessions that ended here, of which the person's gate has not heard yet. Times are milliseconds since the epoch.
 */
export class AccountStorage {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    makeSchema(storage, SESSIONS_SCHEMA);
  }

  transact<T>(change: () => T): T {
    return this.#storage.transactionSync(change);
  }

  find(sessionId: string): SessionRecord | null {
    const [row] = this.#sql.exec<Row>("SELECT * FROM sessions WHERE id = ?", sessionId).toArray();
    return row === undefined ? null : toRecord(row);
  }

  /** Those that have not expired, the youngest first. */
  list(nowMs: number): SessionRecord[] {
    return this.#sql
      .exec<Row>("SELECT * FROM sessions WHERE expires_at > ? ORDER BY id DESC", nowMs)
      .toArray()
      .map(toRecord);
  }

  add(record: SessionRecord): void {
    const { family } = record;
    this.#sql.exec(
      `INSERT INTO sessions (id, method, client_id, address, user_agent, created_at, last_used_at, expires_at, seed, counter, recent)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      record.sessionId,
      record.method,
      record.clientId,
      record.address,
      record.userAgent,
      record.createdAtMs,
      record.lastUsedAtMs,
      family.expiresAtMs,
      record.seed,
      family.counter,
      JSON.stringify(family.recent),
    );
  }

  /**
   * Rotates a genuine token of a session and keeps where that was asked for. One that is refused ends its session, and the gate is to hear of it where the
   * token was reused. One transaction: of many that come at once, each finds what the one before it left.
   */
  rotate(shown: ShownToken, device: Device, nowMs: number): RotationVerdict {
    return this.transact(() => {
      const { sessionId, counter } = shown;
      const record = this.find(sessionId);
      if (record === null) return { refusal: "unknown" };
      const { userAgent } = device;
      const decided = decideRotation(record.family, { counter, userAgent }, nowMs);
      if (!decided.ok) {
        this.remove([sessionId]);
        if (decided.error === "reused") this.#addClosing(sessionId);
        return { refusal: decided.error };
      }
      const { next, rotatedAtMs } = decided.value;
      if (next !== null) this.#writeRotation(sessionId, next, device, nowMs);
      const { expiresAtMs } = record.family;
      return {
        refusal: null,
        counter: decided.value.counter,
        issuedAtMs: rotatedAtMs,
        expiresAtMs,
      };
    });
  }

  remove(sessionIds: readonly string[]): void {
    this.#sql.exec(
      "DELETE FROM sessions WHERE id IN (SELECT value FROM json_each(?))",
      JSON.stringify(sessionIds),
    );
  }

  removeAll(): void {
    this.#sql.exec("DELETE FROM sessions");
    this.#sql.exec("DELETE FROM closing");
  }

  removeExpired(nowMs: number): void {
    this.#sql.exec("DELETE FROM sessions WHERE expires_at <= ?", nowMs);
  }

  /** When the next session expires; null where there is none. */
  nextExpiryMs(): number | null {
    return this.#sql.exec<{ at: number | null }>("SELECT min(expires_at) AS at FROM sessions").one()
      .at;
  }

  closing(): string[] {
    return this.#sql
      .exec<{ id: string }>("SELECT id FROM closing")
      .toArray()
      .map(({ id }) => id);
  }

  removeClosing(sessionIds: readonly string[]): void {
    this.#sql.exec(
      "DELETE FROM closing WHERE id IN (SELECT value FROM json_each(?))",
      JSON.stringify(sessionIds),
    );
  }

  #writeRotation(sessionId: string, family: RefreshFamily, device: Device, nowMs: number): void {
    this.#sql.exec(
      "UPDATE sessions SET counter = ?, recent = ?, address = ?, user_agent = ?, last_used_at = ? WHERE id = ?",
      family.counter,
      JSON.stringify(family.recent),
      device.address,
      device.userAgent,
      nowMs,
      sessionId,
    );
  }

  #addClosing(sessionId: string): void {
    this.#sql.exec("INSERT OR IGNORE INTO closing (id) VALUES (?)", sessionId);
  }
}

const toRecord = (row: Row): SessionRecord => ({
  sessionId: row.id,
  method: row.method,
  clientId: row.client_id,
  address: row.address,
  userAgent: row.user_agent,
  createdAtMs: row.created_at,
  lastUsedAtMs: row.last_used_at,
  seed: row.seed,
  family: {
    counter: row.counter,
    expiresAtMs: row.expires_at,
    recent: JSON.parse(row.recent) as Rotation[],
  },
});
