/** D1's `webhook_secrets`, for the route that rotates them and for the objects that sign. Nothing here leaves the deployment unsealed. */
import { newId } from "#platform/ids";
import { isSealedWithNewest, open, reseal, seal } from "#platform/secret-box";
import type { EncryptionKeys } from "#platform/secret-box";
import { WEBHOOK_SECRET_BYTES, webhookSecret } from "#platform/standard-webhooks";

export interface SecretBox {
  readonly db: D1Database;
  readonly keys: EncryptionKeys;
}

/** A secret as it was just made. */
export interface NewSecret {
  readonly id: string;
  readonly secret: string;
  readonly createdAtMs: number;
}

/** So many older secrets sign beside the one in force; each makes the header longer by 48 characters. */
const MAX_OLDER = 4;

/** Sealed for its row and owner: a sealed text that is copied into another row opens nothing there. */
const contextOf = (ownerId: string, id: string): string => `webhook-secret:${ownerId}:${id}`;

const IN_FORCE = "SELECT 1 FROM webhook_secrets WHERE owner_id = ?1 AND expires_at IS NULL";

/** Sees to it that an owner has a secret. Two calls at once make one: the index lets no second one be in force. */
export async function ensureSecret(box: SecretBox, ownerId: string, nowMs: number): Promise<void> {
  if ((await box.db.prepare(IN_FORCE).bind(ownerId).first()) !== null) return;
  const made = makeSecret(nowMs);
  const insert = await insertion(
    box,
    ownerId,
    made,
    "ON CONFLICT (owner_id) WHERE expires_at IS NULL DO NOTHING",
  );
  await insert.run();
}

/**
 * The secrets under which an owner's messages are signed at this moment, the one in force first. One that does not open, because its
 * key was taken out of the settings, is left out. Empty only where none is there or none opens.
 */
export async function signingSecrets(
  { db, keys }: SecretBox,
  ownerId: string,
  nowMs: number,
): Promise<string[]> {
  const { results } = await db
    .prepare(
      `SELECT id, sealed FROM webhook_secrets WHERE owner_id = ? AND (expires_at IS NULL OR expires_at > ?)
       ORDER BY expires_at IS NULL DESC, created_at DESC LIMIT ?`,
    )
    .bind(ownerId, nowMs, 1 + MAX_OLDER)
    .all<{ id: string; sealed: string }>();
  const opened = await Promise.all(
    results.map(({ id, sealed }) => open(keys, sealed, contextOf(ownerId, id))),
  );
  const stale = results.filter(({ sealed }, index) => {
    const secret = opened[index];
    return secret?.ok === true && !isSealedWithNewest(keys, sealed);
  });
  for (const row of stale) await sealAgain({ db, keys }, ownerId, row);
  return opened.flatMap((secret) => (secret.ok ? [secret.value] : []));
}

/** Moves a secret to the newest key, so that older keys can leave the settings some day. Whoever was faster did the same. */
async function sealAgain(
  { db, keys }: SecretBox,
  ownerId: string,
  { id, sealed }: { readonly id: string; readonly sealed: string },
): Promise<void> {
  const next = await reseal(keys, sealed, contextOf(ownerId, id));
  if (!next.ok) return;
  await db
    .prepare("UPDATE webhook_secrets SET sealed = ? WHERE id = ? AND sealed = ?")
    .bind(next.value, id, sealed)
    .run();
}

/**
 * Puts a new secret in force. Those before it sign until `untilMs` at the latest, the youngest few of them. `more` is committed in
 * the same transaction, all of it or none.
 */
export async function replaceSecret(
  box: SecretBox,
  ownerId: string,
  made: NewSecret,
  untilMs: number,
  more: readonly D1PreparedStatement[],
): Promise<void> {
  const { db } = box;
  await db.batch([
    db
      .prepare(
        "UPDATE webhook_secrets SET expires_at = min(coalesce(expires_at, ?1), ?1) WHERE owner_id = ?2",
      )
      .bind(untilMs, ownerId),
    db
      .prepare(
        `DELETE FROM webhook_secrets WHERE owner_id = ?1 AND (expires_at <= ?2 OR id NOT IN
           (SELECT id FROM webhook_secrets WHERE owner_id = ?1 ORDER BY created_at DESC, id DESC LIMIT ?3))`,
      )
      .bind(ownerId, made.createdAtMs, MAX_OLDER),
    await insertion(box, ownerId, made),
    ...more,
  ]);
}

export function makeSecret(nowMs: number): NewSecret {
  const bytes = crypto.getRandomValues(new Uint8Array(WEBHOOK_SECRET_BYTES));
  return { id: newId("whs", nowMs), secret: webhookSecret(bytes), createdAtMs: nowMs };
}

async function insertion(
  { db, keys }: SecretBox,
  ownerId: string,
  { id, secret, createdAtMs }: NewSecret,
  onConflict = "",
): Promise<D1PreparedStatement> {
  const sealed = await seal(keys, secret, contextOf(ownerId, id));
  return db
    .prepare(
      `INSERT INTO webhook_secrets (id, owner_id, sealed, created_at) VALUES (?, ?, ?, ?) ${onConflict}`,
    )
    .bind(id, ownerId, sealed, createdAtMs);
}
