import { expect, test } from "vitest";
import { hasScope } from "#platform/principal";
import type { Principal } from "#platform/principal";
import { isScope, SCOPE_NAMES, takesIn } from "#platform/scopes";

const principal = (...scopes: string[]): Principal => ({
  ownerId: "usr_a",
  keyId: null,
  sessionId: null,
  role: "user",
  scopes,
});

test.each([
  ...SCOPE_NAMES.map((name): [string, boolean] => [name, true]),
  ["gw:billing", true],
  [`gw:${"a".repeat(63)}`, true],
  [`gw:${"a".repeat(64)}`, false],
  ["gw:", false],
  ["gw:*", false],
  ["gw:-a", false],
  ["gw:Billing", false],
  ["gw:a:b", false],
  ["gw:a\n", false],
  ["gwx:billing", false],
  ["tasks", false],
  ["chat:x", false],
  ["*", false],
  ["constructor", false],
])("%j being a scope is %j", (text, expected) => {
  expect(isScope(text)).toBe(expected);
});

test.each([
  [["gw"], "gw:billing", true],
  [["gw:billing"], "gw:billing", true],
  [["gw:billing"], "gw:bill", false],
  [["gw:billing"], "gw", false],
  [["tasks:read"], "tasks:write", false],
  [["keys"], "keys:manage", false],
  [["gw"], "gwx:billing", false],
  [[], "gw:billing", false],
])("%j taking in %j is %j", (list, scope, expected) => {
  expect(takesIn(list, scope)).toBe(expected);
  expect(hasScope(principal(...list), scope)).toBe(expected);
});

test("a star takes in every scope of the role", () => {
  expect(hasScope(principal("*"), "gw:billing")).toBe(true);
});
