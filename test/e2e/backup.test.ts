import { createHash, createHmac } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, test } from "vitest";
import { backUp, restore } from "../../scripts/database-copies";
import type { DatabasePlace } from "../../scripts/database-copies";
import { copyPorts } from "../../scripts/database-place";
import { ROOT } from "../../scripts/setup";

const folder = mkdtempSync(join(tmpdir(), "naru-backup-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const place: DatabasePlace = {
  config: join(folder, "wrangler.json"),
  environment: null,
  isRemote: false,
  database: "naru",
};
const DATABASE_ID = "0".repeat(32);
const objects = "miniflare-D1DatabaseObject";

/** The file that wrangler keeps a local database in: D1 is an object there, and its file has the id that workerd gives a name. */
function databaseFile(): string {
  const key = createHash("sha256").update(objects).digest();
  const hmac = (data: string | Buffer): Buffer =>
    createHmac("sha256", key).update(data).digest().subarray(0, 16);
  const name = hmac(DATABASE_ID);
  const id = Buffer.concat([name, hmac(name)]).toString("hex");
  return join(folder, ".wrangler", "state", "v3", "d1", objects, `${id}.sqlite`);
}

function withDatabase<T>(work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(databaseFile());
  try {
    return work(database);
  } finally {
    database.close();
  }
}
const rowsOf = (database: DatabaseSync): Map<string, string[]> =>
  new Map(
    database
      .prepare(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*' ORDER BY name",
      )
      .all()
      .map(({ name }) => String(name))
      .map((name) => [
        name,
        database
          .prepare(`SELECT * FROM "${name}"`)
          .all()
          .map((row) => JSON.stringify(row)),
      ]),
  );

test("what is backed up comes back row by row, in place of what became of it meanwhile", async () => {
  mkdirSync(dirname(databaseFile()), { recursive: true });
  writeFileSync(
    place.config,
    JSON.stringify({
      name: "naru",
      compatibility_date: "2026-10-20",
      d1_databases: [{ binding: "DB", database_name: "naru", database_id: DATABASE_ID }],
    }),
  );
  const migrations = join(ROOT, "src", "history", "migrations");
  withDatabase((database) => {
    database.exec(
      "CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)",
    );
    for (const file of readdirSync(migrations).sort()) {
      database.exec(readFileSync(join(migrations, file), "utf8"));
      database.prepare("INSERT INTO d1_migrations (name) VALUES (?)").run(file);
    }
    const insert = database.prepare(
      "INSERT INTO users (id, email, name, role, is_disabled, created_at, updated_at, version) VALUES (?, ?, ?, 'user', 0, 1, 1, 1)",
    );
    // With what SQL has to quote.
    for (let i = 0; i < 300; i++)
      insert.run(`usr_${i}`, `u${i}@naru.test`, `It's "${i}"; 나루 -- \\`);
  });
  const before = withDatabase(rowsOf);
  const ports = { ...copyPorts, say: () => undefined };
  const backup = join(folder, "backup.sql");
  expect(await backUp(place, backup, ports)).toBe(true);
  expect(statSync(backup).mode & 0o077).toBe(0);

  // Destroyed: rows gone, others changed, and what nobody knows.
  withDatabase((database) => {
    database.exec("DELETE FROM users WHERE id > 'usr_2'; UPDATE users SET name = 'gone'");
    database.exec("CREATE TABLE stray (id TEXT)");
  });
  expect(withDatabase(rowsOf).get("users")).not.toHaveLength(300);
  // That it is refused without force, a test without wrangler's seconds shows: test/unit/scripts.
  const options = { force: true, importPath: join(folder, "import.sql") };
  expect(await restore(place, backup, options, ports)).toBe(true);
  expect(withDatabase(rowsOf)).toEqual(before);
  expect(before.get("users")).toHaveLength(300);
});
