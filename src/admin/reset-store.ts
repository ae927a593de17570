/** A link that sets a new password. Its token is known to whoever holds it; what is stored only recognises it. */
export interface ResetLink {
  /** SHA-256 of the token, hexadecimal. */
  readonly tokenHash: string;
  readonly userId: string;
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
  readonly issuedBy: string | null;
}

/**
 * Adds a link. Earlier ones of the same person end with it, and those that ended long ago are forgotten. One that was
 * asked for by mail ends no administrator's: anybody can ask for one.
 */
export async function insertLink(db: D1Database, link: ResetLink, nowMs: number): Promise<void> {
  const { tokenHash, userId, expiresAtMs, issuedBy } = link;
  await db.batch([
    db
      .prepare(
        "DELETE FROM reset_links WHERE (user_id = ?1 AND (issued_by IS NULL OR ?3 IS NOT NULL)) OR expires_at <= ?2",
      )
      .bind(userId, nowMs, issuedBy),
    db
      .prepare(
        "INSERT INTO reset_links (token_hash, user_id, expires_at, used_at, issued_by) VALUES (?, ?, ?, NULL, ?)",
      )
      .bind(tokenHash, userId, expiresAtMs, issuedBy),
  ]);
}

/** Whose link it is, if it can still be used; null otherwise. */
export async function findLink(
  db: D1Database,
  tokenHash: string,
  nowMs: number,
): Promise<string | null> {
  const row = await db
    .prepare(
      "SELECT user_id FROM reset_links WHERE token_hash = ? AND used_at IS NULL AND expires_at > ?",
    )
    .bind(tokenHash, nowMs)
    .first<{ user_id: string }>();
  return row?.user_id ?? null;
}

/** Uses a link up. True for exactly one of any number that try at once. */
export async function useLink(db: D1Database, tokenHash: string, nowMs: number): Promise<boolean> {
  const row = await db
    .prepare(
      `UPDATE reset_links SET used_at = ?2 WHERE token_hash = ?1 AND used_at IS NULL AND expires_at > ?2
       RETURNING user_id`,
    )
    .bind(tokenHash, nowMs)
    .first();
  return row !== null;
}
