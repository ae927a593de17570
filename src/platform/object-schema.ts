/**
 * How the tables of a Durable Object come to be and change. An object's storage lives longer than any version of the code: it is opened by the
 * next deployment, and, after a rollback, by an earlier one. So each part of a storage states its tables as numbered steps, which are only ever
 * added to, and each object records how many of them it has seen.
 *
 * - **Forward:** opening runs the steps that are missing, all of them or none, before any call is served (the statements are synchronous, and
 *   a constructor ends before the first event).
 * - **Back:** an object that has seen more steps than the code knows is served as it is. That works because steps after the first only add: tables,
 *   indexes, columns that may be left out; and because statements name their columns. `test/unit/platform/object-schema.test.ts` holds both.
 */

export interface ObjectSchema {
  /** Names these tables as one; unique among the parts of an object. */
  readonly part: string;
  /** A table that the first step makes: by it an object knows that it has the part at all. */
  readonly table: string;
  /** Each brings the tables from its index to the next version. Never changed, only added to. */
  readonly steps: readonly [string, ...string[]];
}

/** One row a part. Its name and first column are those of shards that were made before there were parts. */
const RECORD = "schema_version";
const CREATE_RECORD = `CREATE TABLE IF NOT EXISTS ${RECORD} (version INTEGER NOT NULL, part TEXT NOT NULL DEFAULT 'tasks')`;
const ADD_PART = `ALTER TABLE ${RECORD} ADD COLUMN part TEXT NOT NULL DEFAULT 'tasks'`;

/**
 * Brings the tables of a part up to date where the object has them. False, and nothing is written, where it has none: an object that was only
 * asked, under a made-up name, leaves no trace.
 */
export function upgradeSchema(storage: DurableObjectStorage, schema: ObjectSchema): boolean {
  if (textOf(storage.sql, schema.table) === null) return false;
  applySteps(storage, schema);
  return true;
}

/** Makes the tables of a part, or brings those that are there up to date. */
export function makeSchema(storage: DurableObjectStorage, schema: ObjectSchema): void {
  applySteps(storage, schema);
}

/** How many steps of a part the object has seen; 0 where none is on record. */
export function schemaVersion(sql: SqlStorage, part: string): number {
  const record = textOf(sql, RECORD);
  if (record === null) return 0;
  const isOfParts = /\bpart\b/.test(record);
  const rows = isOfParts
    ? sql.exec<Version>(`SELECT version FROM ${RECORD} WHERE part = ?`, part)
    : sql.exec<Version>(`SELECT version FROM ${RECORD}`);
  return rows.toArray()[0]?.version ?? 0;
}

// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface has no index signature
type Version = { version: number };

function applySteps(storage: DurableObjectStorage, { part, steps }: ObjectSchema): void {
  const { sql } = storage;
  const seen = schemaVersion(sql, part);
  if (seen >= steps.length) return;
  storage.transactionSync(() => {
    // Tables without a record are those of the first step, which therefore can be run over them.
    for (const statements of steps.slice(seen)) sql.exec(statements);
    sql.exec(CREATE_RECORD);
    if (!/\bpart\b/.test(textOf(sql, RECORD) ?? "")) sql.exec(ADD_PART);
    sql.exec(`DELETE FROM ${RECORD} WHERE part = ?`, part);
    sql.exec(`INSERT INTO ${RECORD} (version, part) VALUES (?, ?)`, steps.length, part);
  });
}

/** The statement that made a table, or null where there is none. */
function textOf(sql: SqlStorage, table: string): string | null {
  const found = sql.exec<{ sql: string }>(
    "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?",
    table,
  );
  return found.toArray()[0]?.sql ?? null;
}
