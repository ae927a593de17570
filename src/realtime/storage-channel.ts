import { makeSchema, upgradeSchema } from "#platform/object-schema";
import type { ObjectSchema } from "#platform/object-schema";
import type { LogState, Position } from "./core/recovery";
import { isRecoverable, KEEP_EVENTS_MS, MAX_RECOVERED_BYTES } from "./core/recovery";

/** How much of a channel is kept, whichever ends first. */
export const MAX_KEPT_EVENTS = 1_000;
/** The same message id within this time is the same message. */
export const DEDUPE_MS = 5 * 60_000;

export const CHANNEL_SCHEMA: ObjectSchema = {
  part: "channel",
  table: "facts",
  steps: [
    `
  CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS log (position INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, data TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS messages (publisher TEXT NOT NULL, id TEXT NOT NULL, position INTEGER NOT NULL, until INTEGER NOT NULL,
    PRIMARY KEY (publisher, id)) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS messages_by_end ON messages (until);
  CREATE TABLE IF NOT EXISTS gateways (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS present (connection_id TEXT PRIMARY KEY, gateway TEXT NOT NULL, owner_id TEXT NOT NULL,
    since INTEGER NOT NULL) STRICT, WITHOUT ROWID;`,
    // Who said it, so that they can have it and have it taken back; null for the server itself, and for what was said before it was noted.
    "ALTER TABLE log ADD COLUMN publisher TEXT",
  ],
};

/** One event of the log: its data as the JSON that frames carry. */
export interface LoggedEvent {
  readonly offset: number;
  readonly dataJson: string;
}

export interface PresentMember {
  readonly connectionId: string;
  readonly ownerId: string;
  readonly sinceMs: number;
}

/** What a channel keeps: its log, which gateways carry it, who is there. Every call is part of the turn that makes it. */
export class ChannelStorage {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  #state: LogState | null = null;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    upgradeSchema(storage, CHANNEL_SCHEMA);
  }

  /** Where the log stands. The first call makes it, with an epoch that no other log has. */
  state(newEpoch: () => string): LogState {
    this.#state ??= this.#open(newEpoch);
    return this.#state;
  }

  get isOpen(): boolean {
    return this.#state !== null || this.#hasTables();
  }

  /** The channel's name, empty where nobody has said it yet. */
  name(): string {
    return (
      this.#sql
        .exec<{ value: string }>("SELECT value FROM facts WHERE name = 'channel'")
        .toArray()[0]?.value ?? ""
    );
  }

  keepName(channel: string): void {
    this.#sql.exec("INSERT OR IGNORE INTO facts (name, value) VALUES ('channel', ?)", channel);
  }

  /** Adds an event and gives its offset. */
  append(
    state: LogState,
    dataJson: (offset: number) => string,
    nowMs: number,
    publisher: string | null,
  ): LoggedEvent {
    const offset = state.offset + 1;
    const event = { offset, dataJson: dataJson(offset) };
    this.#sql.exec(
      "INSERT INTO log (position, at, data, publisher) VALUES (?, ?, ?, ?)",
      offset,
      nowMs,
      event.dataJson,
      publisher,
    );
    const firstKept = Math.max(state.firstKept, offset - MAX_KEPT_EVENTS + 1);
    if (firstKept > state.firstKept)
      this.#sql.exec("DELETE FROM log WHERE position < ?", firstKept);
    this.#state = { ...state, offset, firstKept };
    return event;
  }

  /** The offset under which a message is kept already, or null. */
  findMessage(publisher: string, id: string, nowMs: number): number | null {
    const found = this.#sql
      .exec<{ position: number }>(
        "SELECT position FROM messages WHERE publisher = ? AND id = ? AND until > ?",
        publisher,
        id,
        nowMs,
      )
      .toArray()[0];
    return found?.position ?? null;
  }

  keepMessage(publisher: string, id: string, offset: number, nowMs: number): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO messages (publisher, id, position, until) VALUES (?, ?, ?, ?)",
      publisher,
      id,
      offset,
      nowMs + DEDUPE_MS,
    );
  }

  /** Everything behind a position, or null where that can't be had whole. */
  recover(state: LogState, since: Position): LoggedEvent[] | null {
    if (!isRecoverable(state, since)) return null;
    const events = this.after(since.offset, state.offset - since.offset);
    const chars = events.reduce((sum, event) => sum + event.dataJson.length, 0);
    return chars > MAX_RECOVERED_BYTES ? null : events;
  }

  /** At most `limit` events behind an offset, oldest first. */
  after(offset: number, limit: number): LoggedEvent[] {
    return this.#sql
      .exec<{ position: number; data: string }>(
        "SELECT position, data FROM log WHERE position > ? ORDER BY position LIMIT ?",
        offset,
        limit,
      )
      .toArray()
      .map(({ position, data }) => ({ offset: position, dataJson: data }));
  }

  /** At most `limit` events before an offset, newest first. */
  before(offset: number, limit: number): LoggedEvent[] {
    return this.#sql
      .exec<{ position: number; data: string }>(
        "SELECT position, data FROM log WHERE position < ? ORDER BY position DESC LIMIT ?",
        offset,
        limit,
      )
      .toArray()
      .map(({ position, data }) => ({ offset: position, dataJson: data }));
  }

  /** The newest events, oldest of them first. */
  newest(limit: number): LoggedEvent[] {
    return limit === 0 ? [] : this.before(Number.MAX_SAFE_INTEGER, limit).toReversed();
  }

  gateways(): string[] {
    return this.#sql
      .exec<{ name: string }>("SELECT name FROM gateways")
      .toArray()
      .map(({ name }) => name);
  }

  addGateway(name: string): void {
    this.#sql.exec("INSERT OR IGNORE INTO gateways (name) VALUES (?)", name);
  }

  dropGateway(name: string): void {
    this.#sql.exec("DELETE FROM gateways WHERE name = ?", name);
    this.#sql.exec("DELETE FROM present WHERE gateway = ?", name);
  }

  /** False where the connection was there already. */
  join(gateway: string, member: PresentMember): boolean {
    return (
      this.#sql.exec(
        "INSERT OR IGNORE INTO present (connection_id, gateway, owner_id, since) VALUES (?, ?, ?, ?)",
        member.connectionId,
        gateway,
        member.ownerId,
        member.sinceMs,
      ).rowsWritten > 0
    );
  }

  /** The member that left, or null where it was not there. */
  leave(connectionId: string): PresentMember | null {
    const found = this.#sql
      .exec<{ owner_id: string; since: number }>(
        "DELETE FROM present WHERE connection_id = ? RETURNING owner_id, since",
        connectionId,
      )
      .toArray()[0];
    return found ? { connectionId, ownerId: found.owner_id, sinceMs: found.since } : null;
  }

  present(limit: number): PresentMember[] {
    return this.#sql
      .exec<{ connection_id: string; owner_id: string; since: number }>(
        "SELECT connection_id, owner_id, since FROM present ORDER BY since, connection_id LIMIT ?",
        limit,
      )
      .toArray()
      .map((row) => ({
        connectionId: row.connection_id,
        ownerId: row.owner_id,
        sinceMs: row.since,
      }));
  }

  /** The connections that a gateway is said to hold here. */
  presentAt(gateway: string): string[] {
    return this.#sql
      .exec<{ connection_id: string }>(
        "SELECT connection_id FROM present WHERE gateway = ?",
        gateway,
      )
      .toArray()
      .map((row) => row.connection_id);
  }

  countPresent(): number {
    return this.#sql.exec<{ count: number }>("SELECT COUNT(*) AS count FROM present").one().count;
  }

  /** At most `limit` events that somebody published, behind an offset, oldest first. */
  publishedBy(publisher: string, after: number, limit: number): LoggedEvent[] {
    if (!this.isOpen) return [];
    return this.#sql
      .exec<{ position: number; data: string }>(
        "SELECT position, data FROM log WHERE publisher = ? AND position > ? ORDER BY position LIMIT ?",
        publisher,
        after,
        limit,
      )
      .toArray()
      .map(({ position, data }) => ({ offset: position, dataJson: data }));
  }

  /** Takes back what somebody said and that they are here. The events keep their places, empty: readers count on offsets without a gap. */
  blank(publisher: string): void {
    if (!this.isOpen) return;
    this.#sql.exec(
      `UPDATE log SET publisher = NULL,
         data = json_set(json_remove(data, '$.cause'), '$.event', 'naru.erased', '$.payload', json('null')) WHERE publisher = ?`,
      publisher,
    );
    this.#sql.exec("DELETE FROM messages WHERE publisher = ?", publisher);
    this.#sql.exec("DELETE FROM present WHERE owner_id = ?", publisher);
  }

  /** Drops what has had its time. */
  prune(nowMs: number): void {
    const state = this.#state;
    if (state === null) return;
    this.#sql.exec("DELETE FROM messages WHERE until <= ?", nowMs);
    this.#sql.exec("DELETE FROM log WHERE at <= ?", nowMs - KEEP_EVENTS_MS);
    this.#state = { ...state, firstKept: this.#firstKept(state.offset) };
  }

  /** When something has had its time next, or null where nothing is kept. */
  nextEndMs(): number | null {
    const { at } = this.#sql.exec<{ at: number | null }>("SELECT MIN(at) AS at FROM log").one();
    return at === null ? null : at + KEEP_EVENTS_MS;
  }

  /** Forgets what was said. A reader that comes back has lost its place, and is told so. */
  forgetLog(): void {
    const state = this.#state;
    this.#sql.exec("DELETE FROM log");
    this.#sql.exec("DELETE FROM messages");
    if (state) this.#state = { ...state, firstKept: state.offset + 1 };
  }

  /** Forgets the channel altogether: the next log has another epoch. */
  async drop(): Promise<void> {
    this.#state = null;
    await this.#storage.deleteAll();
  }

  #open(newEpoch: () => string): LogState {
    return this.#storage.transactionSync(() => {
      makeSchema(this.#storage, CHANNEL_SCHEMA);
      this.#sql.exec("INSERT OR IGNORE INTO facts (name, value) VALUES ('epoch', ?)", newEpoch());
      const { value: epoch } = this.#sql
        .exec<{ value: string }>("SELECT value FROM facts WHERE name = 'epoch'")
        .one();
      // The sequence outlives the rows, so an offset is never given twice.
      const offset =
        this.#sql
          .exec<{ seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'log'")
          .toArray()[0]?.seq ?? 0;
      return { epoch, offset, firstKept: this.#firstKept(offset) };
    });
  }

  #firstKept(offset: number): number {
    const { first } = this.#sql
      .exec<{ first: number | null }>("SELECT MIN(position) AS first FROM log")
      .one();
    return first ?? offset + 1;
  }

  #hasTables(): boolean {
    return (
      this.#sql
        .exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'facts'")
        .toArray().length > 0
    );
  }
}
