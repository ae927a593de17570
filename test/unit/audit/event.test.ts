import { expect, test } from "vitest";
import { toEntry } from "#audit/core/event";
import type { AuditDetails } from "#audit/core/event";

const entry = (details: AuditDetails, actorId = "usr_1") =>
  toEntry({ actorId, action: "test.run", subjectId: null, address: null, details }, "aud_1", 5);

test("an event is kept as it was told", () => {
  const details = { role: "admin", scopes: ["a", "b"], count: 2, key_id: "key_1", none: null };
  expect(entry(details)).toEqual({
    id: "aud_1",
    atMs: 5,
    actorId: "usr_1",
    action: "test.run",
    subjectId: null,
    address: null,
    details,
  });
});

const API_KEY = `nr_dev_${"0".repeat(42)}_${"1".repeat(32)}_${"2".repeat(12)}`;

test.each([
  ["password", "x"],
  ["new_password", "x"],
  ["client_secret", "x"],
  ["refresh_token", "x"],
  ["api_key", "x"],
  ["key", "x"],
  ["note", API_KEY],
  ["note", `it was ${API_KEY}`],
  ["note", "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2ln"],
  ["note", "v1.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA"],
  ["note", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"],
])("what looks like a secret never reaches the log: %s = %s", (name, value) => {
  expect(entry({ [name]: value }).details[name]).toBe("[redacted]");
  if (name === "note") {
    expect(entry({ items: [value] }).details["items"]).toEqual(["[redacted]"]);
    expect(entry({}, value).actorId).toBe("[redacted]");
  }
});

test("an event is bounded, whatever a caller could put into it", () => {
  const many = Object.fromEntries(
    Array.from({ length: 100 }, (_, i) => [`n${i}`, "x".repeat(9e3)]),
  );
  const { details } = entry({ ...many });
  expect(JSON.stringify(details).length).toBeLessThan(32 * 300);
  expect(entry({ list: Array.from({ length: 500 }, () => "x") }).details["list"]).toHaveLength(100);
});
