import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RECIPES } from "../../../src/ai/embedded/recipes/book";
import type { Recipe } from "../../../src/ai/embedded/recipes/recipe";

/** Every recipe is executed by the interpreter of its language, followed by its check. */
const of = (language: Recipe["language"]): Recipe[] =>
  RECIPES.filter((recipe) => recipe.language === language);
const folder = mkdtempSync(join(tmpdir(), "naru-recipes-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** How an interpreter ended and what it said, by the recipe's id. All run side by side, a few at a time. */
async function runAll(
  recipes: readonly Recipe[],
  run: (recipe: Recipe) => readonly [command: string, ...rest: string[]],
): Promise<Map<string, string>> {
  const outcomes = new Map<string, string>();
  const waiting = [...recipes];
  const lane = async (): Promise<void> => {
    for (let recipe = waiting.shift(); recipe !== undefined; recipe = waiting.shift()) {
      const [command, ...rest] = run(recipe);
      const child = spawn(command, rest, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
      let said = "";
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
      const code = await new Promise((resolve) => child.on("close", resolve));
      outcomes.set(recipe.id, `${String(code)}\n${said}`.trim());
    }
  };
  await Promise.all([lane(), lane()]);
  return outcomes;
}

const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const PYTHON = ["python3", "python"].find(
  (name) =>
    spawnSync(name, ["-c", "import sys; sys.exit(sys.version_info < (3, 10))"]).status === 0,
);

const WITHOUT = "Python (skipped: there is no python3 of version 3.10 or newer on this machine)";
describe.skipIf(PYTHON === undefined)(PYTHON === undefined ? WITHOUT : "Python", () => {
  const recipes = of("python");
  let outcomes = new Map<string, string>();
  beforeAll(async () => {
    if (PYTHON === undefined) return;
    outcomes = await runAll(recipes, ({ id, code, check }) => [
      PYTHON,
      "-W",
      "error",
      write(`${id}.py`, `${code}\n${check as string}`),
    ]);
  }, 60_000);
  test.each(recipes.map(({ id }) => id))("%s runs and does what it says", (id) => {
    expect(outcomes.get(id)).toBe("0");
  });
});

describe.each(["javascript", "typescript"] as const)("%s", (language) => {
  const recipes = of(language);
  let outcomes = new Map<string, string>();
  beforeAll(async () => {
    const extension = language === "javascript" ? "mjs" : "mts";
    outcomes = await runAll(recipes, ({ id, code, check }) => [
      process.execPath,
      "--disable-warning=ExperimentalWarning",
      write(
        `${id}.${extension}`,
        `import assert from "node:assert/strict";\n${code}\n${check as string}`,
      ),
    ]);
  }, 60_000);
  test.each(recipes.map(({ id }) => id))("%s runs and does what it says", (id) => {
    expect(outcomes.get(id)).toBe("0");
  });
});

describe("SQL", () => {
  test.each(of("sql").map((recipe) => [recipe.id, recipe] as const))(
    "%s answers the rows that it should",
    (_id, { code, check }) => {
      if (typeof check === "string") throw new Error("SQL is checked by rows");
      const database = new DatabaseSync(":memory:");
      database.exec(check.setup);
      if (check.readBack !== undefined) database.exec(code);
      const rows = database.prepare(check.readBack ?? code).all();
      expect(rows.map((row) => ({ ...row }))).toEqual(check.rows);
      database.close();
    },
  );
});
