import { expect, test } from "vitest";
import { summarize } from "#usage/core/summary";
import type { SpentRow } from "#usage/core/summary";

const spent = (day: string, keyId: string, more: Partial<SpentRow> = {}): SpentRow => ({
  day,
  keyId,
  answers: 1,
  promptTokens: 10,
  completionTokens: 5,
  costMicrousd: 100_000,
  unpriced: 0,
  ...more,
});

test("figures add up in all, by day and by key, to the last millionth of a dollar", () => {
  const rows = [
    spent("2026-11-20", "key_a"),
    spent("2026-11-21", "key_a", { costMicrousd: 200_000 }),
    spent("2026-11-21", "", { costMicrousd: 1, unpriced: 1 }),
  ];
  const counts = [
    { day: "2026-11-21", keyId: "key_a", requests: 3 },
    { day: "2026-11-21", keyId: "", requests: 5 },
    { day: "2026-11-19", keyId: "key_b", requests: 1 },
  ];
  const summary = summarize(rows, counts, [{ day: "2026-11-18", tasks: 2 }]);
  expect(summary.total).toEqual({
    requests: 9,
    answers: 3,
    prompt_tokens: 30,
    completion_tokens: 15,
    total_tokens: 45,
    cost_usd: 0.300001,
    unpriced_answers: 1,
    tasks: 2,
  });
  expect(
    summary.by_day.map(({ day, requests, answers, tasks }) => [day, requests, answers, tasks]),
  ).toEqual([
    ["2026-11-18", 0, 0, 2],
    ["2026-11-19", 1, 0, 0],
    ["2026-11-20", 0, 1, 0],
    ["2026-11-21", 8, 2, 0],
  ]);
  expect(
    summary.by_key.map(({ key_id, requests, cost_usd }) => [key_id, requests, cost_usd]),
  ).toEqual([
    [null, 5, 0.000001],
    ["key_a", 3, 0.3],
    ["key_b", 1, 0],
  ]);
});

test("nothing used is noughts, not gaps", () => {
  const { total, by_day, by_key } = summarize([], [], []);
  expect(total).toMatchObject({ requests: 0, total_tokens: 0, cost_usd: 0, tasks: 0 });
  expect([by_day, by_key]).toEqual([[], []]);
});
