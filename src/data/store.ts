/** D1 as exporting and erasing see it: tables by whose their rows are. Names of tables and columns are literals of ours, never from outside. */
import type { PersonTable } from "./core/person-tables";
import type { ClaimVerdict } from "./core/ports";

export type Row = Record<string, unknown>;

/** Of a page: rows at most, and characters of its long columns, of which the last row may bring more. */
const PAGE_ROWS = 200;
const PAGE_CHARS = 2_000_000;

/** A page of a person's rows, the first or one behind a key; every key is text. */
export function pageSql(
  { table, owner, key, columns, long }: PersonTable,
  isFirst: boolean,
): string {
  const keys = key.join(", ");
  const names = [...new Set([...key, ...Object.keys(columns)])].join(", ");
  const chars = ["0", ...long.map((name) => `coalesce(length(${name}), 0)`)].join(" + ");
  const behind = isFirst ? "" : ` AND (${keys}) > (${key.map(() => "?").join(", ")})`;
  return `SELECT * FROM (
      SELECT ${names}, coalesce(sum(${chars}) OVER (ORDER BY ${keys} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS page_chars
      FROM (SELECT ${names} FROM ${table} WHERE ${owner} = ?${behind} ORDER BY ${keys} LIMIT ${PAGE_ROWS})
    ) WHERE page_chars < ${PAGE_CHARS} ORDER BY ${keys}`;
}

/** The rows of a person in a table, page by page: never more than a page is held. */
export async function* readRows(
  db: D1Database,
  table: PersonTable,
  ownerId: string,
): AsyncGenerator<Row> {
  let after: unknown[] | null = null;
  for (;;) {
    const { results }: D1Result<Row> = await db
      .prepare(pageSql(table, after === null))
      .bind(ownerId, ...(after ?? []))
      .all<Row>();
    yield* results;
    const last = results.at(-1);
    if (last === undefined) return;
    after = table.key.map((name) => last[name]);
  }
}

/** Deletes rows of a person, at most `?2`. */
export function deleteSql({ table, owner, key }: PersonTable): string {
  const keys = key.join(", ");
  return `DELETE FROM ${table} WHERE ${owner} = ?1 AND (${keys}) IN (SELECT ${keys} FROM ${table} WHERE ${owner} = ?1 LIMIT ?2)`;
}

/** Deletes rows of a person, at most `limit`. Answers how many. */
export async function deleteRows(
  db: D1Database,
  table: PersonTable,
  ownerId: string,
  limit: number,
): Promise<number> {
  const { meta } = await db.prepare(deleteSql(table)).bind(ownerId, limit).run();
  return meta.changes;
}

/**
 * Shuts a person out of the record and of every table, in one transaction: the account is disabled, and from here on no row of theirs is taken. Of two last
 * administrators who do this at the same moment one stays. Safe to repeat; `noted` follows what it tells of, if that was done.
 */
export async function claimErasure(
  db: D1Database,
  ownerId: string,
  nowMs: number,
  noted: D1PreparedStatement,
): Promise<ClaimVerdict> {
  const [, , , claimed, person] = await db.batch<{ found: number }>([
    db
      .prepare(
        `INSERT INTO erasures (owner_id, requested_at)
         SELECT id, ?2 FROM users WHERE id = ?1 AND (role <> 'admin' OR is_disabled = 1
           OR EXISTS (SELECT 1 FROM users AS other WHERE other.role = 'admin' AND other.is_disabled = 0 AND other.id <> ?1))
         ON CONFLICT (owner_id) DO NOTHING`,
      )
      .bind(ownerId, nowMs),
    noted,
    db
      .prepare(
        `UPDATE users SET is_disabled = 1, updated_at = ?2, version = version + 1
         WHERE id = ?1 AND is_disabled = 0 AND EXISTS (SELECT 1 FROM erasures WHERE owner_id = ?1)`,
      )
      .bind(ownerId, nowMs),
    db.prepare("SELECT 1 AS found FROM erasures WHERE owner_id = ?").bind(ownerId),
    db.prepare("SELECT 1 AS found FROM users WHERE id = ?").bind(ownerId),
  ]);
  if ((claimed?.results.length ?? 0) > 0) return "claimed";
  return (person?.results.length ?? 0) > 0 ? "last_admin" : "unknown";
}

/** Nothing is left of the person but the mark that keeps late writers out, which goes by its age. */
export async function finishErasure(db: D1Database, ownerId: string, nowMs: number): Promise<void> {
  await db
    .prepare("UPDATE erasures SET finished_at = coalesce(finished_at, ?2) WHERE owner_id = ?1")
    .bind(ownerId, nowMs)
    .run();
}

/** Characters of an id before those that lead to its owner, which the ids of sessions and keys share. */
const ROUTING_FROM = "usr_".length + 10;

/** Columns of administrators who did something to others. */
const ACTED: readonly (readonly [table: string, column: string])[] = [["reset_links", "issued_by"]];

/**
 * Takes a person out of the audit log: each entry stays, with its time and its action, and says `pseudonym` where it said who it was. Their keys and clients are
 * looked up here, so this comes before those are deleted. Answers whether all of it is done.
 */
export async function pseudonymise(
  db: D1Database,
  ownerId: string,
  pseudonym: string,
  limit: number,
): Promise<boolean> {
  const { results } = await db
    .prepare(
      `SELECT ?1 AS name UNION SELECT id FROM api_keys WHERE owner_id = ?1 UNION SELECT id FROM oauth_clients WHERE owner_id = ?1`,
    )
    .bind(ownerId)
    .all<{ name: string }>();
  const email = await db
    .prepare("SELECT email FROM users WHERE id = ?")
    .bind(ownerId)
    .first<string>("email");
  const routing = ownerId.slice(ROUTING_FROM);
  const own = JSON.stringify(results.map(({ name }) => name));
  const replacement = pseudonym.slice(pseudonym.indexOf("_") + 1);
  const isOwn = (column: string): string => `${column} IN (SELECT value FROM json_each(?1))`;
  // What they did is told in words of theirs, such as a key's name; but what an administrator did to another's account concerns that other, and is in the server's
  // words. What was done to them is told by others, in ids that share characters with theirs.
  const details = `iif(${isOwn("actor_id")} AND (action <> 'user.update' OR ${isOwn("subject_id")}), '{}', replace(replace(details, ?4, ?5), coalesce(?6, ?4), ?3))`;
  // Where somebody did it to them, the address is that somebody's; where nobody is named, it was tried in their name.
  const set = `actor_id = iif(${isOwn("actor_id")}, ?3, actor_id), subject_id = iif(${isOwn("subject_id")}, ?3, subject_id),
    address = iif(${isOwn("actor_id")} OR actor_id IS NULL, NULL, address), details = ${details}`;
  const changed = await db.batch([
    ...["actor_id", "subject_id"].map((column) =>
      db
        .prepare(
          `UPDATE audit SET ${set} WHERE id IN (SELECT id FROM audit WHERE ${isOwn(column)} LIMIT ?2)`,
        )
        .bind(own, limit, pseudonym, routing, replacement, email),
    ),
    ...ACTED.map(([table, column]) =>
      db
        .prepare(`UPDATE ${table} SET ${column} = ?2 WHERE ${column} = ?1`)
        .bind(ownerId, pseudonym),
    ),
  ]);
  return changed.slice(0, 2).every(({ meta }) => meta.changes < limit);
}

/** A person's entries of the audit log, as who did it or to whom it was done, oldest first. */
export async function* readAuditOf(db: D1Database, ownerId: string): AsyncGenerator<Row> {
  let after: readonly [number, string] = [-1, ""];
  for (;;) {
    const { results }: D1Result<Row & { at: number; id: string }> = await db
      .prepare(
        `SELECT * FROM (
           SELECT * FROM (SELECT * FROM audit WHERE actor_id = ?1 AND (at, id) > (?2, ?3) ORDER BY at, id LIMIT ?4)
           UNION SELECT * FROM (SELECT * FROM audit WHERE subject_id = ?1 AND (at, id) > (?2, ?3) ORDER BY at, id LIMIT ?4)
         ) ORDER BY at, id LIMIT ?4`,
      )
      .bind(ownerId, ...after, PAGE_ROWS)
      .all<Row & { at: number; id: string }>();
    yield* results;
    const last = results.at(-1);
    if (last === undefined) return;
    after = [last.at, last.id];
  }
}
