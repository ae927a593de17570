/** Backups of D1 as SQL files, and their way back. What reaches outside comes in as `CopyPorts`. */
import { reasonOf } from "./deployment-commands.ts";
import type { WranglerAnswer } from "./deployment-commands.ts";
import { parseJson } from "./wrangler-answers.ts";

export interface DatabasePlace {
  /** Of the configuration that names the database, and its environment; null at the top level. */
  readonly config: string;
  readonly environment: string | null;
  readonly isRemote: boolean;
  readonly database: string;
}

export interface CopyPorts {
  readonly wrangler: (commandArguments: readonly string[]) => Promise<WranglerAnswer>;
  readonly say: (line: string) => void;
  readonly read: (path: string) => string;
  /** For the owner alone: a backup holds password hashes. */
  readonly write: (path: string, text: string) => void;
}

/** Wrangler keeps these for itself. */
const NOT_OURS = /^(?:sqlite_|_cf_|d1_migrations$)/;

const placeArguments = (place: DatabasePlace): string[] => [
  place.isRemote ? "--remote" : "--local",
  `--config=${place.config}`,
  ...(place.environment === null ? [] : [`--env=${place.environment}`]),
];

/** Writes all tables and rows to a file. False where that failed; nothing is left there then that could be taken for a backup. */
export async function backUp(
  place: DatabasePlace,
  path: string,
  ports: CopyPorts,
): Promise<boolean> {
  const { database } = place;
  const answer = await ports.wrangler([
    "d1",
    "export",
    database,
    ...placeArguments(place),
    `--output=${path}`,
    "--skip-confirmation",
  ]);
  if (!answer.isOk) {
    ports.say(`✗ ${database}: ${reasonOf(answer)}`);
    return false;
  }
  const text = ports.read(path);
  // An export that was cut off, or of another database, shows itself here and not on the day it is needed.
  const tables = [...text.matchAll(/^CREATE TABLE (?:IF NOT EXISTS )?"?(\w+)/gm)].map(
    ([, table = ""]) => table,
  );
  if (!tables.includes("d1_migrations") || !tables.includes("users")) {
    ports.say(`✗ ${path} is no whole copy: it lacks the table of users or that of migrations.`);
    ports.write(path, "");
    return false;
  }
  ports.write(path, text);
  const rows = text.match(/^INSERT INTO "?\w/gm)?.length ?? 0;
  ports.say(
    `✓ ${path}: ${tables.length} tables, ${rows} rows, ${text.length} characters. It holds password hashes and what people wrote: keep it where only you can read it.`,
  );
  return true;
}

/**
 * Puts a backup in the place of what is there: in one import, all of it or none. A database that has rows is left alone
 * unless `force` is set.
 */
export async function restore(
  place: DatabasePlace,
  path: string,
  options: { readonly force: boolean; readonly importPath: string },
  ports: CopyPorts,
): Promise<boolean> {
  const { database } = place;
  const fail = (text: string): false => {
    ports.say(`✗ ${text}`);
    return false;
  };
  const backup = ports.read(path);
  if (!/^CREATE TABLE (?:IF NOT EXISTS )?"?d1_migrations/m.test(backup))
    return fail(`${path} is no backup of this database. Nothing was changed.`);
  const looked = await tablesOf(place, options.force, ports);
  if (typeof looked === "string") return fail(`${database}: ${looked} Nothing was changed.`);
  const filled = looked.filter(({ rows }) => rows > 0);
  if (filled.length > 0 && !options.force)
    return fail(
      `${database} has rows (${filled.map(({ name }) => name).join(", ")}). Nothing was changed. Take a backup of it first; then --force replaces all of it.`,
    );
  if (place.isRemote) {
    const info = await ports.wrangler([
      "d1",
      "time-travel",
      "info",
      database,
      ...onlyConfig(place),
    ]);
    const bookmark = /[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}/.exec(info.out)?.[0];
    ports.say(
      bookmark === undefined
        ? "No bookmark could be read; within 30 days `wrangler d1 time-travel restore --timestamp` still goes back."
        : `As it is now: wrangler d1 time-travel restore ${database} --bookmark=${bookmark}`,
    );
  }
  const drops = looked.map(({ name }) => `DROP TABLE IF EXISTS "${name}";`);
  ports.write(
    options.importPath,
    [
      "PRAGMA defer_foreign_keys=TRUE;",
      ...drops,
      'DROP TABLE IF EXISTS "d1_migrations";',
      backup,
    ].join("\n"),
  );
  const answer = await ports.wrangler([
    "d1",
    "execute",
    database,
    ...placeArguments(place),
    `--file=${options.importPath}`,
    "--yes",
  ]);
  ports.write(options.importPath, "");
  if (!answer.isOk)
    return fail(`${database}: ${reasonOf(answer)} The import is undone as a whole.`);
  ports.say(
    `✓ ${database} is what ${path} holds. If the backup is older than the code: ${place.isRemote ? "npm run deploy" : "npm run setup"} applies the migrations that it lacks.`,
  );
  return true;
}

const onlyConfig = (place: DatabasePlace): string[] => placeArguments(place).slice(1);

/** Our tables, with 1 for those that have rows and 0 for the others; a sentence where they could not be read. */
async function tablesOf(
  place: DatabasePlace,
  namesAlone: boolean,
  ports: CopyPorts,
): Promise<{ readonly name: string; readonly rows: number }[] | string> {
  const query = async (command: string): Promise<readonly Record<string, unknown>[] | string> => {
    const answer = await ports.wrangler([
      "d1",
      "execute",
      place.database,
      ...placeArguments(place),
      "--json",
      `--command=${command}`,
    ]);
    if (!answer.isOk) return reasonOf(answer);
    const [first] = (parseJson(answer.out) ?? []) as { results?: Record<string, unknown>[] }[];
    return first?.results ?? "its tables could not be read.";
  };
  const listed = await query("SELECT name FROM sqlite_master WHERE type = 'table'");
  if (typeof listed === "string") return listed;
  const names = listed.map(({ name }) => String(name)).filter((name) => !NOT_OURS.test(name));
  if (names.length === 0 || namesAlone) return names.map((name) => ({ name, rows: 0 }));
  // One row with a column a table: a statement may not have more than five parts of a UNION here.
  const columns = names.map((name) => `EXISTS (SELECT 1 FROM "${name}") AS "${name}"`);
  const counted = await query(`SELECT ${columns.join(", ")}`);
  if (typeof counted === "string") return counted;
  return names.map((name) => ({ name, rows: Number(counted[0]?.[name] ?? 1) }));
}
