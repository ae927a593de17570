/** The inventory against what the migrations, the configurations and the storages of objects really make. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { ERASURE_STEPS } from "#data/core/erasure";
import { STORES } from "#data/core/inventory";
import type { Store } from "#data/core/inventory";
import { PERSON_TABLES } from "#data/core/person-tables";
import { RETENTION_RULES } from "#data/retention-store";
import { ExportSchema } from "#data/schemas";
import { RETENTION_DEFAULTS } from "#platform/retention-settings";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const read = (...path: string[]): string => readFileSync(join(ROOT, ...path), "utf8");
const sourceFiles = ["src", "durable-objects"].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(folder, file)),
);
const MIGRATIONS = join("src", "history", "migrations");
const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();
const namesOf = (place: RegExp): string[] =>
  sorted(STORES.flatMap(({ store }) => place.exec(store)?.[1] ?? []));

function migrated(): DatabaseSync {
  const database = new DatabaseSync(":memory:");
  for (const file of readdirSync(join(ROOT, MIGRATIONS)).sort())
    database.exec(read(MIGRATIONS, file));
  return database;
}

test("every table of the database has an entry, and every entry a table", () => {
  const tables = migrated()
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all()
    .map(({ name }) => String(name));
  // The tool that applies the migrations makes this one itself.
  expect(namesOf(/^d1:(.+)$/)).toEqual(sorted([...tables, "d1_migrations"]));
});

test("every class of objects has an entry, and no other has", () => {
  const classes = ["wrangler.toml", "wrangler.consumer.toml", "wrangler.tools.toml"].flatMap(
    (file) => [...read(file).matchAll(/^\[exports\.(\w+)\]/gm)].map(([, name = ""]) => name),
  );
  expect(classes.length).toBeGreaterThan(9);
  expect(namesOf(/^([A-Z]\w+)(?:[:/@].+)?$/)).toEqual(sorted(classes));
});

test("every table that an object makes has an entry, and every entry of one is made", async () => {
  const made = sourceFiles
    .filter((file) => /\/storage[a-z-]*\.ts$/.test(file))
    .flatMap((file) => [...read(file).matchAll(/CREATE TABLE (?:IF NOT EXISTS )?(\w+) \(/g)])
    .map(([, name = ""]) => name);
  expect(made.length).toBeGreaterThan(20);
  expect(namesOf(/^[A-Z]\w+:(\w+)$/).filter((name) => name !== "schema_version")).toEqual(
    sorted(made),
  );
});

test("keys and caches are written to by those alone who have an entry", () => {
  const writing = (...patterns: RegExp[]): string[] =>
    sorted(sourceFiles.filter((file) => patterns.every((pattern) => pattern.test(read(file)))));
  // Whoever writes a new kind of key adds a line to the inventory, and then the file here.
  expect(writing(/KVNamespace|CACHE_KV/, /\bkv\s*\.put\(|CACHE_KV\.put\(/)).toEqual([
    "src/cache/store.ts",
    "src/scrape/page-cache.ts",
    "src/scrape/robots-client.ts",
  ]);
  expect(namesOf(/^kv:(.+)$/)).toHaveLength(3);
  expect(writing(/kv: SyncKvStorage|storage\.kv|DurableObject/, /\bkv\.put\(/)).toEqual([
    "durable-objects/socket-gate.ts",
    "src/auth/storage-changes.ts",
    "src/auth/storage-gate.ts",
    "src/keys/storage-outbox.ts",
    "src/keys/storage.ts",
    "src/limits/storage-requests.ts",
    "src/limits/storage.ts",
    "src/scrape/storage.ts",
    "src/upstreams/storage.ts",
  ]);
  const cached = writing(/\bcaches\.(?:default|open)/);
  expect(cached.filter((file) => !file.startsWith("src/upstreams/"))).toEqual([]);
});

const erasedWith = ({ erased }: Store): string | null =>
  typeof erased === "string" ? erased : null;

test("what is erased by table is what the inventory says, and goes with its person by a step that there is", () => {
  const byTable = STORES.filter((store) => erasedWith(store) === "records").map(
    ({ store }) => store,
  );
  expect(sorted(byTable)).toEqual(sorted(PERSON_TABLES.map(({ table }) => `d1:${table}`)));
  for (const store of STORES) {
    const step = erasedWith(store);
    if (step !== null) expect(ERASURE_STEPS).toContain(step);
    // Whoever is of nobody needs no reason, and whoever is of a person has one.
    if (store.whose === "person" && typeof store.erased !== "string")
      expect(store.erased.not.length).toBeGreaterThan(20);
  }
});

test("no table with a column for a person is missing among those that are erased", () => {
  const database = migrated();
  const columns = database
    .prepare(
      "SELECT m.name AS tableName, p.name AS columnName FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'",
    )
    .all() as { tableName: string; columnName: string }[];
  const personal = columns.filter(({ columnName }) =>
    ["owner_id", "user_id", "email"].includes(columnName),
  );
  const erased = [...PERSON_TABLES.map(({ table }) => table), "erasures"];
  expect(personal.filter(({ tableName }) => !erased.includes(tableName))).toEqual([]);
  // Nothing of theirs is written any more once they are going: each has its guard, the account itself aside.
  const guarded = database
    .prepare(
      "SELECT tbl_name AS name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'erased\\_%' ESCAPE '\\'",
    )
    .all()
    .map(({ name }) => String(name));
  expect(sorted([...guarded, "users"])).toEqual(sorted(PERSON_TABLES.map(({ table }) => table)));
});

test("what an export tells is what the inventory says, and what the document says", () => {
  const told = STORES.flatMap(({ exported }) => ("section" in exported ? [exported.section] : []));
  expect(sorted(["format", "exported_at", ...told, "complete"])).toEqual(
    sorted(Object.keys(ExportSchema.shape)),
  );
  for (const { table, section } of PERSON_TABLES) {
    const store = STORES.find((one) => one.store === `d1:${table}`);
    const said = store && "section" in store.exported ? store.exported.section : null;
    expect([table, section]).toEqual([table, said]);
  }
});

test("each setting of retention has its tables, and each table that goes by one says so", () => {
  const bySetting = STORES.flatMap(({ store, kept }) =>
    typeof kept === "string" ? [`${store} ${kept}`] : [],
  );
  const rules = RETENTION_RULES.flatMap(({ table, setting }) =>
    setting === null ? [] : [`d1:${table} ${setting}`],
  );
  expect(sorted(bySetting)).toEqual(sorted(rules));
  expect(sorted(rules.map((rule) => rule.split(" ")[1] ?? ""))).toEqual(
    sorted(Object.keys(RETENTION_DEFAULTS)),
  );
  for (const file of ["wrangler.toml"]) {
    const text = read(file);
    for (const [name, days] of Object.entries(RETENTION_DEFAULTS))
      expect(text.match(new RegExp(`^${name} = "${days}"$`, "gm"))).toHaveLength(2);
  }
});
