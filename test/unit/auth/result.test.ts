import { expect, test } from "vitest";
import { resultOfRefusal } from "#auth/core/result";

test.each([
  ["key", "unknown", "unknown_key"],
  ["session", "unknown", "unknown_session"],
  ["key", "mismatch", "wrong_secret"],
  ["key", "revoked", "revoked"],
  ["session", "expired", "expired"],
  ["session", "ended", "ended"],
  ["session", "disabled", "disabled"],
] as const)("a %s that a gate refuses as %s is counted as %s", (kind, refusal, result) => {
  expect(resultOfRefusal(kind, refusal)).toBe(result);
});
