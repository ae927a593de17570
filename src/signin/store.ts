import { auditStatement, changeWithEntry } from "#audit/service";
import type { AuditEvent } from "#audit/service";
import { newUser } from "#auth/service";
import type { NewUser } from "#auth/service";
import { sha256Hex } from "#platform/bytes";

/** An account at a provider that belongs to one of ours. */
export interface NewIdentity {
  readonly provider: string;
  readonly subject: string;
  readonly email: string | null;
}

/**
 * Takes an attempt's one use. False where it was used before: the row is the mark, and the database lets only one of any
 * number of callers write it. What has expired is swept on the way.
 */
export async function useAttempt(
  db: D1Database,
  state: string,
  expiresAtMs: number,
  nowMs: number,
): Promise<boolean> {
  const [, mark] = await db.batch([
    db.prepare("DELETE FROM used_signins WHERE expires_at <= ?").bind(nowMs),
    db
      .prepare(
        "INSERT INTO used_signins (state_hash, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
      )
      .bind(await sha256Hex(state), expiresAtMs),
  ]);
  return mark?.meta.changes === 1;
}

/** Whose an identity is, and which subject a user has linked at its provider; null for none. */
export async function findIdentity(
  db: D1Database,
  identity: Pick<NewIdentity, "provider" | "subject">,
  userId: string | null,
): Promise<{ readonly ownerId: string | null; readonly linkedSubject: string | null }> {
  const { results } = await db
    .prepare(
      "SELECT subject, user_id FROM oauth_identities WHERE provider = ?1 AND (subject = ?2 OR user_id = ?3)",
    )
    .bind(identity.provider, identity.subject, userId)
    .all<{ subject: string; user_id: string }>();
  return {
    ownerId: results.find(({ subject }) => subject === identity.subject)?.user_id ?? null,
    linkedSubject: results.find((row) => row.user_id === userId)?.subject ?? null,
  };
}

/**
 * Adds a person together with the identity and the entry of it in the audit log, or none of them. Null where somebody has the email address or, meanwhile, the
 * identity.
 */
export async function addPerson(
  db: D1Database,
  user: NewUser,
  identity: NewIdentity,
  nowMs: number,
  eventOf: (id: string) => AuditEvent,
): Promise<string | null> {
  const { id, statement } = newUser(db, user, nowMs);
  const link = db
    .prepare(
      `INSERT INTO oauth_identities (provider, subject, user_id, email, created_at)
       SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM users WHERE id = ?3)`,
    )
    .bind(identity.provider, identity.subject, id, identity.email, nowMs);
  try {
    const event = auditStatement({ DB: db }, eventOf(id), "if changed");
    const [, linked] = await db.batch([statement, link, event]);
    return linked?.meta.changes === 1 ? id : null;
  } catch (error) {
    // The identity has been added by a request beside this one, and the batch was rolled back as a whole.
    if (String(error).includes("UNIQUE constraint failed: oauth_identities")) return null;
    throw error;
  }
}

/** Links an identity. False where it has an owner, or the user another identity at the provider. */
export async function addIdentity(
  db: D1Database,
  userId: string,
  identity: NewIdentity,
  nowMs: number,
  event: AuditEvent,
): Promise<boolean> {
  const insert = db
    .prepare(
      `INSERT INTO oauth_identities (provider, subject, user_id, email, created_at)
       SELECT ?1, ?2, ?3, ?4, ?5
       WHERE NOT EXISTS (SELECT 1 FROM oauth_identities WHERE provider = ?1 AND user_id = ?3)
       ON CONFLICT (provider, subject) DO NOTHING`,
    )
    .bind(identity.provider, identity.subject, userId, identity.email, nowMs);
  return changeWithEntry(db, insert, event);
}

/** What a user has linked, the oldest first. */
export async function listIdentities(
  db: D1Database,
  userId: string,
): Promise<
  { readonly provider: string; readonly email: string | null; readonly linkedAtMs: number }[]
> {
  const { results } = await db
    .prepare(
      "SELECT provider, email, created_at FROM oauth_identities WHERE user_id = ? ORDER BY created_at, provider",
    )
    .bind(userId)
    .all<{ provider: string; email: string | null; created_at: number }>();
  return results.map((row) => ({
    provider: row.provider,
    email: row.email,
    linkedAtMs: row.created_at,
  }));
}

/** The providers that a user has linked. */
export async function linkedProviders(db: D1Database, userId: string): Promise<string[]> {
  const { results } = await db
    .prepare("SELECT DISTINCT provider FROM oauth_identities WHERE user_id = ?")
    .bind(userId)
    .all<{ provider: string }>();
  return results.map(({ provider }) => provider);
}

/**
 * Unlinks a provider, unless nobody could sign in any more. The condition stands in the statement, so that two of them at
 * once, for two providers, cannot both find the other one still there.
 */
export async function removeIdentity(
  db: D1Database,
  userId: string,
  provider: string,
  event: AuditEvent,
): Promise<boolean> {
  const remove = db
    .prepare(
      `DELETE FROM oauth_identities WHERE user_id = ?1 AND provider = ?2 AND (
         EXISTS (SELECT 1 FROM users WHERE id = ?1 AND password_hash IS NOT NULL)
         OR EXISTS (SELECT 1 FROM oauth_identities WHERE user_id = ?1 AND provider <> ?2))`,
    )
    .bind(userId, provider);
  return changeWithEntry(db, remove, event);
}
