/** Each table on its own: what is older than the settings keep goes, what is younger stays, a run takes no more than it may, and every statement has its index. */
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { RETENTION_RULES } from "#data/retention-store";
import { runRetention } from "#data/retention";
import { numberToBase32 } from "#platform/bytes";
import { RETENTION_DEFAULTS } from "#platform/retention-settings";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 21);
const clock = (): number => NOW;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
let count = 0;
const idAt = (prefix: string, ms: number): string =>
  `${prefix}_${numberToBase32(ms, 10)}${numberToBase32(count++, 16)}`;

/** By table: a row of that age, and which setting it goes by; null for what has its own end, which is then the age. */
const MAKERS: Readonly<
  Record<string, (ms: number) => readonly [sql: string, ...values: (string | number)[]]>
> = {
  messages: (ms) => [
    "INSERT INTO messages (id, conversation_id, owner_id, role, content, status, created_at) SELECT ?, id, 'usr_a', 'user', 'x', 'complete', ?2 FROM conversations WHERE updated_at = ?2 LIMIT 1",
    idAt("msg", ms),
    ms,
  ],
  conversations: (ms) => [
    "INSERT INTO conversations (id, owner_id, title, mode, created_at, updated_at) VALUES (?, 'usr_a', 't', 'm', 1, ?)",
    // Made long ago and gone on with since: it is as old as its last message.
    idAt("conv", NOW - 3_000 * DAY),
    ms,
  ],
  history: (ms) => [
    "INSERT INTO history (id, owner_id, kind, question, answer, created_at) VALUES (?, 'usr_a', 'code', 'q', 'a', ?)",
    idAt("hist", ms),
    ms,
  ],
  feedback: (ms) => [
    "INSERT INTO feedback (id, owner_id, type, comment, created_at) VALUES (?, 'usr_a', 'positive', 'c', ?)",
    idAt("fb", ms),
    ms,
  ],
  usage: (ms) => [
    "INSERT INTO usage (id, owner_id, day, kind, model, prompt_tokens, completion_tokens, is_estimated, created_at) VALUES (?, 'usr_a', ?, 'chat', 'm', 1, 1, 0, ?)",
    idAt("run", ms),
    dayOf(ms),
    ms,
  ],
  request_counts: (ms) => [
    "INSERT INTO request_counts VALUES (?, '', ?, 1)",
    idAt("usr", ms),
    dayOf(ms),
  ],
  api_keys: (ms) => [
    "INSERT INTO api_keys (id, owner_id, name, scopes, prefix, created_at, revoked_at) VALUES (?, 'usr_a', 'n', '[]', 'p', 1, ?)",
    idAt("key", ms),
    ms,
  ],
  oauth_clients: (ms) => [
    "INSERT INTO oauth_clients VALUES (?, 'usr_a', 'n', 'h', '[]', 1, ?)",
    idAt("cli", ms),
    ms,
  ],
  audit: (ms) => [
    "INSERT INTO audit (id, at, action) VALUES (?, ?, 'thing.make')",
    idAt("aud", ms),
    ms,
  ],
  tasks: (ms) => [
    "INSERT INTO tasks (id, owner_id, kind, status, version, created_at, expires_at) VALUES (?, 'usr_a', 'echo', 'completed', 1, 1, ?)",
    idAt("task", ms),
    ms,
  ],
  reset_links: (ms) => [
    "INSERT INTO reset_links (token_hash, user_id, expires_at) VALUES (?, 'usr_a', ?)",
    idAt("hash", ms),
    ms,
  ],
  used_signins: (ms) => ["INSERT INTO used_signins VALUES (?, ?)", idAt("state", ms), ms],
  webhook_secrets: (ms) => [
    "INSERT INTO webhook_secrets VALUES (?, 'usr_a', 's', 1, ?)",
    idAt("whs", ms),
    ms,
  ],
  erasures: (ms) => ["INSERT INTO erasures VALUES (?, 1, ?)", idAt("usr", ms), ms],
};

const insert = async (table: string, ms: number): Promise<void> => {
  const [sql = "", ...values] = MAKERS[table]?.(ms) ?? [];
  const { meta } = await env.DB.prepare(sql)
    .bind(...values)
    .run();
  expect([table, meta.changes]).toEqual([table, 1]);
};
const countOf = async (table: string): Promise<number> =>
  (await env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first<number>("n")) ?? -1;
/** Retention of ten days for everything, so that the default of none hides nothing. */
const TEN_DAYS = Object.fromEntries(Object.keys(RETENTION_DEFAULTS).map((name) => [name, "10"]));
const settings = (vars: object): Env => ({ ...env, ...vars });

/** How old a row has to be to go, by the rule of its table. */
const limitOf = (table: string): number => {
  const rule = RETENTION_RULES.find((one) => one.table === table);
  return NOW - (rule?.setting === null ? rule.keptMs : 10 * DAY);
};
/** Conversations before their messages, which are made in them. */
const TABLES = Object.keys(MAKERS).sort((a, b) => a.localeCompare(b));

test("what is older than the settings keep goes, what is younger stays, in every table", async () => {
  expect(TABLES).toEqual(
    RETENTION_RULES.map(({ table }) => table).sort((a, b) => a.localeCompare(b)),
  );
  for (const table of TABLES)
    for (const ageMs of [-DAY, DAY + 1_000]) await insert(table, limitOf(table) - ageMs);
  const deleted = await runRetention(settings(TEN_DAYS), clock);
  expect(deleted).toEqual(Object.fromEntries(TABLES.map((table) => [table, 1])));
  expect(await Promise.all(TABLES.map(countOf))).toEqual(TABLES.map(() => 1));
  // Once more, there is nothing to do.
  expect(Object.values(await runRetention(settings(TEN_DAYS), clock)).some(Boolean)).toBe(false);
});

test("nothing is deleted by a setting of 0, however old it is", async () => {
  const kept = RETENTION_RULES.filter(({ setting }) => setting !== null).map(({ table }) => table);
  for (const table of TABLES.filter((name) => kept.includes(name))) await insert(table, DAY);
  const forEver = Object.fromEntries(Object.keys(TEN_DAYS).map((name) => [name, "0"]));
  await runRetention(settings(forEver), clock);
  expect(await Promise.all(kept.map(countOf))).toEqual(kept.map(() => 1));
});

test("a run takes no more than it may, and the next one goes on", async () => {
  for (let i = 0; i < 7; i += 1) await insert("history", NOW - 20 * DAY);
  const bounds = { chunk: 2, chunks: 2 };
  const left: number[] = [];
  for (let run = 0; run < 3; run += 1) {
    await runRetention(settings(TEN_DAYS), clock, bounds);
    left.push(await countOf("history"));
  }
  expect(left).toEqual([3, 0, 0]);
});

test("a table that can't be cleared keeps no other from its turn", async () => {
  await insert("history", NOW - 20 * DAY);
  await insert("usage", NOW - 20 * DAY);
  await env.DB.prepare("DROP TABLE history").run();
  const deleted = await runRetention(settings(TEN_DAYS), clock);
  expect(deleted["history"]).toBeUndefined();
  expect(deleted["usage"]).toBe(1);
});

test("the audit log opens for what has had its time, and for nothing else", async () => {
  await insert("audit", NOW - 20 * DAY);
  await insert("audit", NOW);
  await expect(env.DB.prepare("DELETE FROM audit").run()).rejects.toThrow("append only");
  await runRetention(settings(TEN_DAYS), clock);
  await expect(env.DB.prepare("DELETE FROM audit").run()).rejects.toThrow("append only");
  expect(await countOf("audit")).toBe(1);
});

test("old rows of every table are found by an index", async () => {
  for (const { table, sql, bound } of RETENTION_RULES) {
    const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .bind(bound(NOW), 1_000)
      .all<{ detail: string }>();
    const steps = results.map(({ detail }) => detail);
    // A scan of a list that was made for the statement, or of no table at all, reads nothing that stays.
    const scans = steps.filter((step) => /^SCAN (?!CONSTANT|\(|LIST)/.test(step));
    expect([table, ...scans]).toEqual([table]);
    const found = steps.some((step) => /USING (COVERING )?INDEX|USING PRIMARY KEY/.test(step));
    expect([table, found]).toEqual([table, true]);
  }
});
