/** Reading and deleting by person: whole, page by page, and never through a whole table. */
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { PERSON_TABLES } from "#data/core/person-tables";
import type { PersonTable } from "#data/core/person-tables";
import { deleteRows, deleteSql, pageSql, readRows } from "#data/store";

const OWNER = "usr_a";
const COUNT = 450;
const tableOf = (name: string): PersonTable => {
  const found = PERSON_TABLES.find(({ table }) => table === name);
  if (found === undefined) throw new Error(`no table ${name}`);
  return found;
};
async function read(name: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const row of readRows(env.DB, tableOf(name), OWNER)) ids.push(String(row["id"]));
  return ids;
}

test("every row is read once, in order, over as many pages as it takes, and nobody else's", async () => {
  const numbers = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${2 * COUNT})`;
  await env.DB.batch([
    // Some are so long that three of them fill a page.
    env.DB.prepare(
      `${numbers} INSERT INTO history (id, owner_id, kind, question, answer, created_at)
       SELECT printf('hist_%05d', i), iif(i % 2, 'usr_a', 'usr_b'), 'code', 'q', printf('%.*c', iif(i % 150 = 1, 900000, 1), 'x'), i FROM n`,
    ),
    env.DB.prepare(
      `${numbers} INSERT INTO usage (id, owner_id, day, kind, model, prompt_tokens, completion_tokens, is_estimated, created_at)
       SELECT printf('run_%05d', i), iif(i % 2, 'usr_a', 'usr_b'), iif(i < 20, '2026-01-02', '2026-01-01'), 'chat', 'm', 1, 1, 0, i FROM n`,
    ),
  ]);
  const ids = await read("history");
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => a.localeCompare(b)));
  expect(ids).toHaveLength(COUNT);
  const usage = await read("usage");
  expect([usage.length, new Set(usage).size]).toEqual([COUNT, COUNT]);
});

test("rows are deleted as many as may go at once, until none is left, and nobody else's", async () => {
  const insert = env.DB.prepare(
    "INSERT INTO history (id, owner_id, kind, question, answer, created_at) VALUES (?, ?, 'code', 'q', 'a', 1)",
  );
  const owners = [OWNER, OWNER, OWNER, "usr_b"];
  await env.DB.batch(owners.map((owner, index) => insert.bind(`hist_${index}`, owner)));
  const deleted: number[] = [];
  for (let i = 0; i < 3; i += 1)
    deleted.push(await deleteRows(env.DB, tableOf("history"), OWNER, 2));
  expect(deleted).toEqual([2, 1, 0]);
  expect(await env.DB.prepare("SELECT id FROM history").first("id")).toBe("hist_3");
});

test("a person's rows are found by an index in every table", async () => {
  for (const table of PERSON_TABLES) {
    const behind = table.key.map(() => "x");
    for (const [sql, values] of [
      [pageSql(table, true), [OWNER]],
      [pageSql(table, false), [OWNER, ...behind]],
      [deleteSql(table), [OWNER, 10]],
    ] as const) {
      const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .bind(...values)
        .all<{ detail: string }>();
      const steps = results.map(({ detail }) => detail);
      expect(steps.filter((step) => step.startsWith(`SCAN ${table.table}`))).toEqual([]);
      const found = steps.some((step) => step.startsWith(`SEARCH ${table.table} USING`));
      expect([table.table, found]).toEqual([table.table, true]);
    }
  }
});
