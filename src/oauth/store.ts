import { changeWithEntry } from "#audit/service";
import type { AuditEvent } from "#audit/service";

/** A client of our token endpoint. */
export interface OAuthClient {
  /** `cli_…`. */
  readonly id: string;
  /** `usr_…`: what the client does counts against its quota. */
  readonly ownerId: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdAtMs: number;
}

/** A row of D1's `oauth_clients`. */
// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface has no index signature
type ClientRow = {
  id: string;
  owner_id: string;
  name: string;
  secret_hash: string;
  scopes: string;
  created_at: number;
  revoked_at: number | null;
};

/** Adds a client unless its owner has `limit` already: counted in the same statement, so that two at once cannot both be the last. */
export async function insertClient(
  db: D1Database,
  client: OAuthClient,
  secretHash: string,
  limit: number,
  event: AuditEvent,
): Promise<boolean> {
  const insert = db
    .prepare(
      `INSERT INTO oauth_clients (id, owner_id, name, secret_hash, scopes, created_at)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6
       WHERE (SELECT count(*) FROM oauth_clients WHERE owner_id = ?2 AND revoked_at IS NULL) < ?7`,
    )
    .bind(
      client.id,
      client.ownerId,
      client.name,
      secretHash,
      JSON.stringify(client.scopes),
      client.createdAtMs,
      limit,
    );
  return changeWithEntry(db, insert, event);
}

/** A client that is not revoked, with the hash of its secret; null where there is none. */
export async function findClient(
  db: D1Database,
  id: string,
): Promise<{ readonly client: OAuthClient; readonly secretHash: string } | null> {
  const row = await db
    .prepare("SELECT * FROM oauth_clients WHERE id = ? AND revoked_at IS NULL")
    .bind(id)
    .first<ClientRow>();
  return row === null ? null : { client: toClient(row), secretHash: row.secret_hash };
}

/** An owner's clients that are not revoked, newest first, older than `beforeId` where it is given. */
export async function listClients(
  db: D1Database,
  query: {
    readonly ownerId: string;
    readonly beforeId: string | null;
    readonly limit: number;
  },
): Promise<OAuthClient[]> {
  const { results } = await db
    .prepare(
      `SELECT * FROM oauth_clients WHERE owner_id = ?1 AND revoked_at IS NULL AND (?2 IS NULL OR id < ?2)
       ORDER BY id DESC LIMIT ?3`,
    )
    .bind(query.ownerId, query.beforeId, query.limit)
    .all<ClientRow>();
  return results.map(toClient);
}

/**
 * Revokes an owner's client; the first time counts. False where the owner has no such client. One that was revoked
 * before is true again: whoever repeats a revocation that broke off half-way has to get through.
 */
export async function revokeClientRow(
  db: D1Database,
  ownerId: string,
  id: string,
  nowMs: number,
  event: AuditEvent,
): Promise<boolean> {
  const update = db
    .prepare(
      "UPDATE oauth_clients SET revoked_at = coalesce(revoked_at, ?3) WHERE id = ?1 AND owner_id = ?2",
    )
    .bind(id, ownerId, nowMs);
  return changeWithEntry(db, update, event);
}

const toClient = (row: ClientRow): OAuthClient => ({
  id: row.id,
  ownerId: row.owner_id,
  name: row.name,
  scopes: JSON.parse(row.scopes) as string[],
  createdAtMs: row.created_at,
});
