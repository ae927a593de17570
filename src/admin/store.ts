import type { User } from "#auth/service";
import type { Role } from "#platform/principal";

export interface UserQuery {
  /** A part of the e-mail address or the name, or a whole id. */
  readonly text: string | null;
  readonly role: Role | null;
  readonly isDisabled: boolean | null;
  /** Only people who came before this one; ids sort by creation. */
  readonly beforeId: string | null;
  readonly limit: number;
}

/** A person as a list shows one: never the stored form of the password. */
export type ListedUser = Omit<User, "passwordHash" | "version"> & { readonly hasPassword: boolean };

/** A row of the list. */
// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface has no index signature
type UserRow = {
  id: string;
  email: string;
  name: string;
  role: Role;
  is_disabled: number;
  limits: string | null;
  created_at: number;
  updated_at: number;
  has_password: number;
};

/** People who match, newest first. */
export async function queryUsers(db: D1Database, query: UserQuery): Promise<ListedUser[]> {
  const conditions = ["true"];
  const values: (string | number)[] = [];
  if (query.text !== null) {
    conditions.push(String.raw`(email LIKE ? ESCAPE '\' OR name LIKE ? ESCAPE '\' OR id = ?)`);
    const part = `%${query.text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
    values.push(part, part, query.text);
  }
  const narrow = (condition: string, value: string | number | null): void => {
    if (value === null) return;
    conditions.push(condition);
    values.push(value);
  };
  narrow("role = ?", query.role);
  narrow("is_disabled = ?", query.isDisabled === null ? null : Number(query.isDisabled));
  narrow("id < ?", query.beforeId);
  const { results } = await db
    .prepare(
      `SELECT id, email, name, role, is_disabled, limits, created_at, updated_at, password_hash IS NOT NULL AS has_password
       FROM users WHERE ${conditions.join(" AND ")} ORDER BY id DESC LIMIT ?`,
    )
    .bind(...values, query.limit)
    .all<UserRow>();
  return results.map((row) => ({
    id: row.id,
    email: row.email,
    name: row.name,
    role: row.role,
    isDisabled: row.is_disabled === 1,
    limits: row.limits === null ? null : (JSON.parse(row.limits) as User["limits"]),
    createdAtMs: row.created_at,
    updatedAtMs: row.updated_at,
    hasPassword: row.has_password === 1,
  }));
}

/** Whether anybody but `userId` can administer the server. */
export async function hasOtherAdmin(db: D1Database, userId: string): Promise<boolean> {
  const row = await db
    .prepare("SELECT 1 FROM users WHERE role = 'admin' AND is_disabled = 0 AND id <> ? LIMIT 1")
    .bind(userId)
    .first();
  return row !== null;
}
