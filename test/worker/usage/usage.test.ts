import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { api, createTestKey } from "../../support/api";
import type { TestKey } from "../../support/api";
import { openDirectly } from "../../support/people";

interface Report {
  readonly from: string;
  readonly to: string;
  readonly total: Readonly<Record<string, number>>;
  readonly by_day: readonly Readonly<Record<string, unknown>>[];
  readonly by_key: readonly Readonly<Record<string, unknown>>[];
}

const usage = async (key: string, query = ""): Promise<Report> =>
  (await api(`/api/v1/users/usage${query}`, { key })).json();

/** A settled answer, as its run writes it. */
async function spend(
  { ownerId }: Pick<TestKey, "ownerId">,
  id: string,
  row: { keyId: string | null; day: string; cost: number | null },
): Promise<void> {
  await env.DB.prepare(
    `INSERT INTO usage (id, owner_id, key_id, day, kind, model, prompt_tokens, completion_tokens, is_estimated, cost_microusd, created_at)
     VALUES (?, ?, ?, ?, 'chat', 'm', 10, 4, 0, ?, 0)`,
  )
    .bind(id, ownerId, row.keyId, row.day, row.cost)
    .run();
}

test("figures are exact, by day and by key, and only the owner's", async () => {
  const owner = await createTestKey();
  const stranger = await createTestKey();
  await spend(owner, "run_1", { keyId: owner.keyId, day: "2026-03-01", cost: 1_500 });
  await spend(owner, "run_2", { keyId: null, day: "2026-03-01", cost: null });
  await spend(owner, "run_3", { keyId: owner.keyId, day: "2026-03-31", cost: 500 });
  await spend(owner, "run_4", { keyId: owner.keyId, day: "2026-04-01", cost: 9 });
  await spend(stranger, "run_5", { keyId: null, day: "2026-03-02", cost: 7 });
  const report = await usage(owner.key, "?from=2026-03-01&to=2026-03-31");
  expect(report.total).toEqual({
    requests: 0,
    answers: 3,
    prompt_tokens: 30,
    completion_tokens: 12,
    total_tokens: 42,
    cost_usd: 0.002,
    unpriced_answers: 1,
    tasks: 0,
  });
  expect(report.by_day.map(({ day, answers }) => [day, answers])).toEqual([
    ["2026-03-01", 2],
    ["2026-03-31", 1],
  ]);
  expect(report.by_key.map(({ key_id, answers, cost_usd }) => [key_id, answers, cost_usd])).toEqual(
    expect.arrayContaining([
      [owner.keyId, 2, 0.002],
      [null, 1, 0],
    ]),
  );
});

test("the caller's own calls are in it at once, this one included, each with its key", async () => {
  const { person, tokens } = await openDirectly();
  const made = await createTestKey({ ownerId: person.id });
  for (let i = 0; i < 3; i++) await (await api("/api/v1/test", { key: made.key })).text();
  const report = await usage(tokens.access_token);
  expect(report.total).toMatchObject({ requests: 4 });
  expect(report.by_key).toMatchObject([
    { key_id: made.keyId, requests: 3 },
    { key_id: null, name: null, requests: 1 },
  ]);
});

test("tasks are counted on the day they were submitted", async () => {
  const owner = await createTestKey();
  const at = Date.parse("2026-03-05T23:59:59.999Z");
  for (const [id, createdAt] of [
    ["task_1", at],
    ["task_2", at + 1],
  ] as const)
    await env.DB.prepare(
      "INSERT INTO tasks (id, owner_id, kind, status, version, created_at) VALUES (?, ?, 'echo', 'completed', 1, ?)",
    )
      .bind(id, owner.ownerId, createdAt)
      .run();
  const { by_day: days } = await usage(owner.key, "?from=2026-03-05&to=2026-03-06");
  expect(days.map(({ day, tasks }) => [day, tasks])).toEqual([
    ["2026-03-05", 1],
    ["2026-03-06", 1],
  ]);
});

test("without a span it is the last thirty days; one that ends before it begins, or of years, is refused", async () => {
  const { key } = await createTestKey();
  const { from, to } = await usage(key);
  expect((Date.parse(to) - Date.parse(from)) / 86_400_000).toBe(29);
  for (const query of ["?from=2026-03-02&to=2026-03-01", "?from=2024-01-01&to=2026-03-01"])
    expect((await api(`/api/v1/users/usage${query}`, { key })).status).toBe(422);
});
