import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import type { ObjectSchema } from "#platform/object-schema";

const ROOT = join(import.meta.dirname, "..", "..", "..");
/** The files in which objects' statements stand. */
const storageFiles = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
  .filter((file) => /\/storage[a-z-]*\.ts$/.test(file))
  .map((file) => join(ROOT, "src", file));
const storageTexts = storageFiles.map((file) => readFileSync(file, "utf8"));

const isSchema = (value: unknown): value is ObjectSchema =>
  typeof value === "object" && value !== null && "part" in value && "steps" in value;
/** Whatever a storage exports as its tables. */
const modules = await Promise.all(
  storageFiles.map(async (file) => (await import(file)) as Record<string, unknown>),
);
const ALL = [...new Set(modules.flatMap((module) => Object.values(module)))].filter(isSchema);
const PARTS = ALL.map((schema) => [schema.part, schema] as const);
/** Tables that stood in objects before any version was recorded there. */
const UNRECORDED = new Set([
  "sessions",
  "channel",
  "room",
  "replays",
  "cache",
  "tickets",
  "runs",
  "pool",
]);
/** A database that has seen these steps. */
function withSteps({ steps }: ObjectSchema): DatabaseSync {
  const database = new DatabaseSync(":memory:");
  for (const step of steps) database.exec(step);
  return database;
}
const shapeOf = (database: DatabaseSync): string[] =>
  database
    .prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
    .all()
    .map(({ sql }) =>
      String(sql)
        .replaceAll(/--[^\n]*/g, "")
        .replaceAll(/\s+/g, " "),
    )
    .sort();

test("every part has a name of its own, and those of before have it still", () => {
  const names = ALL.map(({ part }) => part);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(expect.arrayContaining([...UNRECORDED, "tasks"]));
});

test.each(PARTS)(
  "the tables of %s are those on record: to change them, add a step, then update the snapshot",
  async (part, schema) => {
    const text = [`-- ${schema.steps.length} steps`, ...shapeOf(withSteps(schema)), ""].join("\n");
    await expect(text).toMatchFileSnapshot(
      join(ROOT, "test", "fixtures", "objects", "schemas", `${part}.sql`),
    );
  },
);

test("no table of an object is made anywhere but in a step", () => {
  const made = storageTexts.join("\n").match(/CREATE TABLE (?:IF NOT EXISTS )?\w+/g) ?? [];
  const known = ALL.flatMap(({ steps }) => steps.join("\n").match(/CREATE TABLE/g) ?? []);
  expect(made).toHaveLength(known.length);
  const objects = readdirSync(join(ROOT, "durable-objects")).map((file) =>
    readFileSync(join(ROOT, "durable-objects", file), "utf8"),
  );
  expect(objects.filter((text) => /CREATE (?:TABLE|INDEX)|ALTER TABLE/.test(text))).toEqual([]);
});

describe("an object that a later version has written to can be served by an earlier one, because", () => {
  test.each(PARTS)("the steps of %s only add after the first", (_part, { steps }) => {
    for (const step of steps.slice(1))
      for (const statement of step.split(";").map((text) => text.trim())) {
        if (statement === "") continue;
        expect(statement).toMatch(
          /^(?:CREATE TABLE \w|CREATE (?:UNIQUE )?INDEX \w|DROP INDEX \w|ALTER TABLE \w+ ADD COLUMN \w)/,
        );
        // An earlier version inserts without it.
        if (/ADD COLUMN/.test(statement) && /NOT NULL/.test(statement))
          expect(statement).toContain("DEFAULT");
      }
  });

  test("every statement that writes a row names its columns", () => {
    const blind = /INSERT (?:OR \w+ )?INTO \w+ (?:VALUES|SELECT)/g;
    const found = storageTexts.flatMap((text) => text.match(blind) ?? []);
    // A row that the first step of a schema makes together with its table.
    expect(found).toEqual(["INSERT OR IGNORE INTO cache_state VALUES"]);
  });
});

test.each(PARTS.filter(([part]) => UNRECORDED.has(part)))(
  "the first step of %s can be run over tables of before versions were recorded",
  (_part, { steps, table }) => {
    const database = new DatabaseSync(":memory:");
    database.exec(steps[0]);
    database.exec(steps[0]);
    expect(shapeOf(database).some((sql) => sql.includes(`TABLE ${table}`))).toBe(true);
  },
);
