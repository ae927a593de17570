import { describe, expect, test } from "vitest";
import { backUp, restore } from "../../../scripts/database-copies.ts";
import type { CopyPorts, DatabasePlace } from "../../../scripts/database-copies.ts";

const BACKUP = `PRAGMA defer_foreign_keys=TRUE;
CREATE TABLE IF NOT EXISTS "d1_migrations"(id INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE TABLE users (id TEXT PRIMARY KEY);
INSERT INTO "users" ("id") VALUES('usr_a');
`;
const REMOTE: DatabasePlace = {
  config: "naru.json",
  environment: "production",
  isRemote: true,
  database: "naru",
};
const BOOKMARK = "00000085-0000024c-00004c6d-8e61117bf38d7adb71b934ebbf891683";
const OPTIONS = { force: false, importPath: "import.sql" };

/** A database of which wrangler tells only what is asked here. */
function stage(tables: Readonly<Record<string, number>>, exported = BACKUP) {
  const files = new Map([["backup.sql", BACKUP]]);
  const calls: string[] = [];
  const said: string[] = [];
  let imported = "";
  const state = { failOn: "" };
  const ports: CopyPorts = {
    wrangler: async (commandArguments) => {
      const call = commandArguments.join(" ");
      calls.push(call);
      const answer = (out: string) => ({ isOk: true, out, err: "" });
      if (state.failOn !== "" && call.startsWith(state.failOn))
        return { isOk: false, out: "", err: "✘ [ERROR] D1_ERROR: no such host" };
      if (call.startsWith("d1 export")) files.set("out.sql", exported);
      if (call.startsWith("d1 time-travel")) return answer(`The current bookmark is '${BOOKMARK}'`);
      if (call.includes("sqlite_master"))
        return answer(
          JSON.stringify([
            {
              results: ["d1_migrations", "_cf_KV", ...Object.keys(tables)].map((name) => ({
                name,
              })),
            },
          ]),
        );
      if (call.includes("EXISTS")) return answer(JSON.stringify([{ results: [tables] }]));
      if (call.includes("--file")) imported = files.get("import.sql") ?? "";
      return answer("");
    },
    say: (line) => void said.push(line),
    read: (path) => files.get(path) ?? "",
    write: (path, text) => void files.set(path, text),
  };
  return { ports, calls, said, files, state, imported: () => imported };
}

describe("a backup", () => {
  test("is kept where it is whole, and said to hold secrets", async () => {
    const { ports, files, said } = stage({});
    expect(await backUp(REMOTE, "out.sql", ports)).toBe(true);
    expect(files.get("out.sql")).toBe(BACKUP);
    expect(said.join("\n")).toContain("password hashes");
  });

  test.each([
    ["is cut off", BACKUP.slice(0, 60)],
    ["is empty", ""],
    ["is another database's", 'CREATE TABLE "other"(id TEXT);'],
  ])("that %s is no backup, and does not stay as if it were one", async (_case, exported) => {
    const { ports, files } = stage({}, exported);
    expect(await backUp(REMOTE, "out.sql", ports)).toBe(false);
    expect(files.get("out.sql")).toBe("");
  });

  test("that wrangler refuses is told with its reason", async () => {
    const { ports, said, state } = stage({});
    state.failOn = "d1 export";
    expect(await backUp(REMOTE, "out.sql", ports)).toBe(false);
    expect(said.join("\n")).toContain("no such host");
  });
});

describe("a restoration", () => {
  test("into a database without rows is one import, in place of its empty tables", async () => {
    const { ports, calls, imported } = stage({ users: 0, keys: 0 });
    expect(await restore(REMOTE, "backup.sql", OPTIONS, ports)).toBe(true);
    expect(calls.filter((call) => call.includes("--file"))).toHaveLength(1);
    expect(imported()).toContain('DROP TABLE IF EXISTS "keys";');
    expect(imported().indexOf('DROP TABLE IF EXISTS "users"')).toBeLessThan(
      imported().indexOf("CREATE TABLE users"),
    );
    // The platform's own tables are left alone.
    expect(imported()).not.toContain("_cf_");
  });

  test("into one with rows is refused without --force, and nothing is changed", async () => {
    const { ports, calls, said } = stage({ users: 1, keys: 0 });
    expect(await restore(REMOTE, "backup.sql", OPTIONS, ports)).toBe(false);
    expect(said.join("\n")).toMatch(/has rows \(users\)[\s\S]*--force/);
    expect(calls.some((call) => call.includes("--file"))).toBe(false);
  });

  test("with --force says first how to go back to what was there", async () => {
    const { ports, said } = stage({ users: 1 });
    expect(await restore(REMOTE, "backup.sql", { ...OPTIONS, force: true }, ports)).toBe(true);
    expect(said[0]).toContain(`--bookmark=${BOOKMARK}`);
  });

  test.each(["d1 execute", "no tables"])("changes nothing where `%s` fails", async (begin) => {
    const { ports, calls, state } = stage({ users: 0 });
    state.failOn = begin;
    const path = begin === "no tables" ? "none.sql" : "backup.sql";
    expect(await restore(REMOTE, path, OPTIONS, ports)).toBe(false);
    expect(calls.some((call) => call.includes("--file"))).toBe(false);
  });
});
