import { makeSchema, upgradeSchema } from "#platform/object-schema";
import type { ObjectSchema } from "#platform/object-schema";
import type { RoomFacts, RoomMember, RoomRole } from "./core/room";

export const ROOM_SCHEMA: ObjectSchema = {
  part: "room",
  table: "room",
  steps: [
    `
  CREATE TABLE IF NOT EXISTS room (id TEXT PRIMARY KEY, name TEXT NOT NULL, created_at INTEGER NOT NULL, version INTEGER NOT NULL,
    indexed INTEGER NOT NULL, is_deleted INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS room_members (user_id TEXT PRIMARY KEY, role TEXT NOT NULL, since INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS put_out (user_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;`,
  ],
};

/** Stands for all members of a room that has ended. */
export const EVERYBODY = "*";

/** The room that a channel belongs to and its members, in the channel's own object. */
export class RoomStorage {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    upgradeSchema(storage, ROOM_SCHEMA);
  }

  /** The room, or null where there is none or it was deleted. */
  facts(): RoomFacts | null {
    const row = this.#row();
    if (!row || row.is_deleted === 1) return null;
    return { id: row.id, name: row.name, createdAtMs: row.created_at, version: row.version };
  }

  create(id: string, name: string, ownerId: string, nowMs: number): void {
    this.#storage.transactionSync(() => {
      makeSchema(this.#storage, ROOM_SCHEMA);
      this.#sql.exec(
        "INSERT INTO room (id, name, created_at, version, indexed, is_deleted) VALUES (?, ?, ?, 1, 0, 0)",
        id,
        name,
        nowMs,
      );
      this.#sql.exec(
        "INSERT INTO room_members (user_id, role, since) VALUES (?, 'owner', ?)",
        ownerId,
        nowMs,
      );
    });
  }

  rename(name: string): void {
    this.#sql.exec("UPDATE room SET name = ?, version = version + 1", name);
  }

  roleOf(userId: string): RoomRole | null {
    if (this.facts() === null) return null;
    const found = this.#sql
      .exec<{ role: RoomRole }>("SELECT role FROM room_members WHERE user_id = ?", userId)
      .toArray()[0];
    return found?.role ?? null;
  }

  put({ userId, role, sinceMs }: RoomMember): void {
    this.#sql.exec(
      "INSERT INTO room_members (user_id, role, since) VALUES (?, ?, ?) ON CONFLICT (user_id) DO UPDATE SET role = excluded.role",
      userId,
      role,
      sinceMs,
    );
    this.#sql.exec("UPDATE room SET version = version + 1");
  }

  /** Takes somebody out, and notes that the gateways have to be told. */
  remove(userId: string): void {
    this.#sql.exec("DELETE FROM room_members WHERE user_id = ?", userId);
    this.#sql.exec("INSERT OR IGNORE INTO put_out (user_id) VALUES (?)", userId);
    this.#sql.exec("UPDATE room SET version = version + 1");
  }

  /** Nobody is in it from here on; the row stays until the index has heard. */
  delete(): void {
    this.#sql.exec("DELETE FROM room_members");
    this.#sql.exec("INSERT OR IGNORE INTO put_out (user_id) VALUES (?)", EVERYBODY);
    this.#sql.exec("UPDATE room SET is_deleted = 1, version = version + 1");
  }

  countMembers(): number {
    return this.#sql.exec<{ count: number }>("SELECT COUNT(*) AS count FROM room_members").one()
      .count;
  }

  /** Members by id, from behind `after` on. */
  members(after: string, limit: number): RoomMember[] {
    return this.#sql
      .exec<{ user_id: string; role: RoomRole; since: number }>(
        "SELECT user_id, role, since FROM room_members WHERE user_id > ? ORDER BY user_id LIMIT ?",
        after,
        limit,
      )
      .toArray()
      .map(({ user_id: userId, role, since }) => ({ userId, role, sinceMs: since }));
  }

  /** What the index lacks; null where it lacks nothing. */
  unindexed(): {
    id: string;
    name: string;
    createdAtMs: number;
    version: number;
    isDeleted: boolean;
  } | null {
    const row = this.#row();
    if (!row || row.indexed >= row.version) return null;
    return {
      id: row.id,
      name: row.name,
      createdAtMs: row.created_at,
      version: row.version,
      isDeleted: row.is_deleted === 1,
    };
  }

  /** Whose sockets the gateways have not been told to put out; `EVERYBODY` for all. */
  owedOut(): string[] {
    if (!this.#row()) return [];
    return this.#sql
      .exec<{ user_id: string }>("SELECT user_id FROM put_out")
      .toArray()
      .map((row) => row.user_id);
  }

  settleOut(userIds: readonly string[]): void {
    for (const userId of userIds) this.#sql.exec("DELETE FROM put_out WHERE user_id = ?", userId);
  }

  markIndexed(version: number): void {
    this.#sql.exec("UPDATE room SET indexed = MAX(indexed, ?)", version);
  }

  #row():
    | {
        id: string;
        name: string;
        created_at: number;
        version: number;
        indexed: number;
        is_deleted: number;
      }
    | undefined {
    const exists = this.#sql
      .exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'room'")
      .toArray();
    if (exists.length === 0) return undefined;
    return this.#sql
      .exec<{
        id: string;
        name: string;
        created_at: number;
        version: number;
        indexed: number;
        is_deleted: number;
      }>("SELECT * FROM room")
      .toArray()[0];
  }
}

/** Brings the index to a room's state, whole; a write of an older version changes nothing. */
export const roomIndexWrites = (
  db: D1Database,
  room: NonNullable<ReturnType<RoomStorage["unindexed"]>>,
  members: readonly RoomMember[],
): D1PreparedStatement[] => {
  const { id, name, createdAtMs, version } = room;
  const isCurrent = "(SELECT version FROM rooms WHERE id = ?1) = ?2";
  const owner = members.find(({ role }) => role === "owner")?.userId ?? "";
  return [
    db
      .prepare(
        `INSERT INTO rooms (id, name, owner_id, created_at, version) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, version = excluded.version WHERE excluded.version > rooms.version`,
      )
      .bind(id, name, owner, createdAtMs, version),
    db.prepare(`DELETE FROM room_members WHERE room_id = ?1 AND ${isCurrent}`).bind(id, version),
    db
      .prepare(
        `INSERT INTO room_members (room_id, user_id, role, since)
         SELECT ?1, value ->> 'userId', value ->> 'role', value ->> 'sinceMs' FROM json_each(?3) WHERE ${isCurrent}`,
      )
      .bind(id, version, JSON.stringify(members)),
    ...(room.isDeleted ? [db.prepare(`DELETE FROM rooms WHERE id = ?1`).bind(id)] : []),
  ];
};
