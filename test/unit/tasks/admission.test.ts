import { expect, test } from "vitest";
import { ERRORS } from "#platform/errors";
import { refusalOf } from "#tasks/admission";

test.each([
  ["full", "QUEUE_FULL", 503],
  ["busy", "QUEUE_FULL", 503],
  ["own_backlog", "TOO_MANY_TASKS", 429],
] as const)(
  "a shard that says %s is told as %s, with the time to come again",
  (verdict, code, status) => {
    const refusal = refusalOf({ verdict, retryAfterMs: 14_200 });
    expect(refusal.code).toBe(code);
    expect(ERRORS[refusal.code]).toBe(status);
    expect(refusal.options.headers).toEqual({ "Retry-After": "15" });
  },
);

test("a key that was used for another request is told as that, with no time", () => {
  const refusal = refusalOf({ verdict: "key_reused" });
  expect([refusal.code, refusal.options.headers]).toEqual(["IDEMPOTENCY_KEY_REUSED", undefined]);
});
