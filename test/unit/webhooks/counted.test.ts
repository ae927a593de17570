import { expect, test } from "vitest";
import { countedAs } from "#tasks/core/delivery";

test.each([
  ["delivered", 200],
  ["delivered", 299],
  ["refused", 302],
  ["refused", 410],
  ["refused", 500],
  ["failed", null],
])("an attempt counts as %s where the answer was %s", (outcome, statusCode) => {
  const attempt = { durationMs: 1, code: null, retryAfterMs: 0, statusCode };
  expect(countedAs(attempt)).toBe(outcome);
});
