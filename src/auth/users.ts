import * as z from "zod";
import { auditStatement } from "#audit/service";
import type { AuditEvent } from "#audit/service";
import { ownerRoutingOf } from "#keys/service";
import type { OwnerRecord } from "#keys/service";
import { newId, randomBase32 } from "#platform/ids";
import type { LimitOverride } from "#platform/config";
import { ROLES } from "#platform/principal";
import type { Role } from "#platform/principal";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import { normalizeEmail } from "./core/email";

/** A person, as D1 has the record. */
export interface User {
  /** `usr_…`. */
  readonly id: string;
  readonly email: string;
  readonly name: string;
  /** An argon2id string; null for who signs in with a provider only. */
  readonly passwordHash: string | null;
  readonly role: Role;
  readonly isDisabled: boolean;
  /** The person's own quotas by policy, null for the deployment's. */
  readonly limits: Readonly<Record<string, LimitOverride | null>> | null;
  /** Milliseconds since the epoch. */
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** Raised by each change. */
  readonly version: number;
}

export interface NewUser {
  readonly email: string;
  readonly name: string;
  readonly passwordHash: string | null;
  /** `user` where it is not said. */
  readonly role?: Role;
}

/** What may change of a person; what is absent stays. */
export interface UserChanges {
  readonly name?: string;
  readonly passwordHash?: string | null;
  readonly role?: Role;
  readonly isDisabled?: boolean;
  readonly limits?: Readonly<Record<string, LimitOverride | null>> | null;
}

const RowSchema = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  password_hash: z.string().nullable(),
  role: z.enum(ROLES),
  is_disabled: z.number(),
  limits: z.string().nullable(),
  created_at: z.number(),
  updated_at: z.number(),
  version: z.number(),
});

export const findUserById = (db: D1Database, id: string): Promise<User | null> =>
  first(db.prepare("SELECT * FROM users WHERE id = ?").bind(id));

export const findUserByEmail = (db: D1Database, email: string): Promise<User | null> =>
  first(db.prepare("SELECT * FROM users WHERE email = ?").bind(normalizeEmail(email)));

/** Adds a person, and `eventOf` to the audit log with it. `email_taken` where somebody has the address, in whatever case. */
export async function createUser(
  db: D1Database,
  user: NewUser,
  nowMs: number,
  eventOf?: (id: string) => AuditEvent,
): Promise<Result<User, "email_taken">> {
  const { id, statement } = newUser(db, user, nowMs);
  const created = await changeWith(db, statement, eventOf?.(id));
  return created === null ? err("email_taken") : ok(created);
}

/**
 * The statement that adds a person and the id that it will have, to be committed together with what belongs to it.
 * Changes nothing where somebody has the address.
 */
export function newUser(
  db: D1Database,
  user: NewUser,
  nowMs: number,
): { readonly id: string; readonly statement: D1PreparedStatement } {
  const id = newId("usr", nowMs);
  const statement = db
    .prepare(
      `INSERT INTO users (id, email, name, password_hash, role, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
       ON CONFLICT (email) DO NOTHING RETURNING *`,
    )
    .bind(id, normalizeEmail(user.email), user.name, user.passwordHash, user.role ?? "user", nowMs);
  return { id, statement };
}

/**
 * Changes the record of a person, if it still is of `version`; null where it is not, or there is none. `event` stands in
 * the audit log if and only if the record has changed.
 */
export async function writeUser(
  db: D1Database,
  id: string,
  version: number,
  changes: UserChanges,
  nowMs: number,
  event?: AuditEvent,
): Promise<User | null> {
  const columns: Record<string, string | number | null> = {};
  if (changes.name !== undefined) columns["name"] = changes.name;
  if (changes.passwordHash !== undefined) columns["password_hash"] = changes.passwordHash;
  if (changes.role !== undefined) columns["role"] = changes.role;
  if (changes.isDisabled !== undefined) columns["is_disabled"] = Number(changes.isDisabled);
  if (changes.limits !== undefined)
    columns["limits"] = changes.limits === null ? null : JSON.stringify(changes.limits);
  const set = Object.keys(columns).map((name, i) => `${name} = ?${i + 4}, `);
  const update = db
    .prepare(
      `UPDATE users SET ${set.join("")}updated_at = ?3, version = version + 1 WHERE id = ?1 AND version = ?2 RETURNING *`,
    )
    .bind(id, version, nowMs, ...Object.values(columns));
  return changeWith(db, update, event);
}

/** Runs a statement that returns a person's row, and the entry of what it did, as one transaction. */
async function changeWith(
  db: D1Database,
  statement: D1PreparedStatement,
  event: AuditEvent | undefined,
): Promise<User | null> {
  if (event === undefined) return toUser(await statement.first());
  const [changed] = await db.batch([statement, auditStatement({ DB: db }, event, "if changed")]);
  return toUser(changed?.results[0] ?? null);
}

/** What a gate is told of a person. */
export const ownerOf = (user: User): OwnerRecord => ({
  ownerId: user.id,
  role: user.role,
  limits: user.limits ?? {},
  isDisabled: user.isDisabled,
  version: user.version,
});

/** A new session's id, which leads to its owner's gate and Account as the owner's id does. */
export const newSessionId = (userId: string, nowMs: number): string =>
  newId("ses", nowMs, ownerRoutingOf(userId) ?? randomBase32());

const first = async (statement: D1PreparedStatement): Promise<User | null> =>
  toUser(await statement.first());

function toUser(row: unknown): User | null {
  if (row === null) return null;
  const user = RowSchema.parse(row);
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    passwordHash: user.password_hash,
    role: user.role,
    isDisabled: user.is_disabled === 1,
    limits: user.limits === null ? null : (JSON.parse(user.limits) as User["limits"]),
    createdAtMs: user.created_at,
    updatedAtMs: user.updated_at,
    version: user.version,
  };
}
