import { expect, test } from "vitest";
import { challenge } from "#auth/core/challenge";
import { readShown } from "#auth/core/credentials";
import { mayUse } from "#auth/core/scopes";
import type { Principal } from "#platform/principal";

const text = (value: string, isKey: boolean) => ({
  ok: true,
  value: { kind: "text", text: value, isKey },
});
const NOTHING = { ok: true, value: { kind: "nothing" } };
const CONFLICT = { ok: false, error: "conflicting" };
const MALFORMED = { ok: false, error: "malformed" };

test.each([
  ["nothing at all", undefined, undefined, NOTHING],
  ["empty headers", "", " ", NOTHING],
  ["a bearer credential", "Bearer k1", undefined, text("k1", false)],
  ["the scheme in any case", "bEARER k1", undefined, text("k1", false)],
  ["more than one space", "Bearer   k1 ", undefined, text("k1", false)],
  ["a key in its own header", undefined, "k1", text("k1", true)],
  ["the same key in both", "Bearer k1", "k1", text("k1", true)],
  ["two keys", "Bearer k1", "k2", CONFLICT],
  ["a key beside another scheme", "Basic k1", "k1", CONFLICT],
  ["two Authorization headers, joined", "Bearer k1, Bearer k2", undefined, CONFLICT],
  ["the same Authorization header twice", "Bearer k1, Bearer k1", undefined, CONFLICT],
  ["two key headers, joined", undefined, "k1, k2", CONFLICT],
  ["another scheme", "Basic dXNlcg==", undefined, MALFORMED],
  ["a scheme with commas of its own", 'Digest a="1", b="2"', undefined, MALFORMED],
  ["a scheme without a credential", "Bearer", undefined, MALFORMED],
  ["a credential without a scheme", "k1", undefined, MALFORMED],
  ["two words", "Bearer k1 k2", undefined, MALFORMED],
] as const)("reads %s", (_name, authorization, apiKey, expected) => {
  expect(readShown({ authorization, apiKey })).toEqual(expected);
});

test("a challenge names an error only where something was shown (RFC 6750 section 3.1)", () => {
  expect(challenge()).toBe('Bearer realm="naru"');
  expect(challenge("invalid_token")).toBe('Bearer realm="naru", error="invalid_token"');
  expect(challenge("insufficient_scope", "scrape")).toBe(
    'Bearer realm="naru", error="insufficient_scope", scope="scrape"',
  );
});

const principal = (role: Principal["role"], ...scopes: string[]): Principal => ({
  ownerId: "usr_1",
  keyId: null,
  sessionId: null,
  role,
  scopes,
});

test.each([
  [principal("user", "scrape"), "scrape", true],
  [principal("user", "scrape"), "chat", false],
  [principal("user", "*"), "chat", true],
  [principal("user", "*"), "admin", false],
  [principal("user", "admin"), "admin", false],
  [principal("service", "*"), "admin:users", false],
  [principal("admin", "*"), "admin:users", true],
  [principal("admin", "scrape"), "admin", false],
  [principal("worker", "worker"), "worker", true],
  [principal("user", "worker"), "worker", false],
  [principal("user"), "", false],
] as const)("%j for the scope %s: %s", (caller, scope, allowed) => {
  expect(mayUse(caller, scope)).toBe(allowed);
});
