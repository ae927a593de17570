import { describe, expect, test } from "vitest";
import type { Maker } from "#keys/core/grants";
import { decideKeyChange, MAX_KEYS } from "#keys/core/manage";
import type { KeyCommand } from "#keys/core/manage";
import { keyRecord } from "#keys/core/record";
import type { KeyRecord } from "#keys/core/record";

const DAY = 86_400_000;
const NOW = 1_000 * DAY;
const PERSON: Maker = { role: "user", scopes: ["*"], expiresAtMs: null, limits: {} };
const ADMIN: Maker = { ...PERSON, role: "admin" };
const NARROW: Maker = {
  role: "user",
  scopes: ["keys:manage", "scrape"],
  expiresAtMs: NOW + 10 * DAY,
  limits: { burst: { limit: 10, window: 60 } },
};
const KEY = keyRecord({
  keyId: "key_1",
  hash: "h1",
  scopes: ["scrape"],
  name: "one",
  lifetimeMs: 90 * DAY,
  expiresAtMs: NOW + 5 * DAY,
  limits: { burst: { limit: 5, window: 60 } },
});
const CREATE = {
  kind: "create",
  keyId: "key_2",
  hash: "h2",
  name: "two",
  scopes: ["scrape"],
  limits: {},
  life: { days: 90, isAsked: false },
} as const satisfies KeyCommand;
const UPDATE = { kind: "update", keyId: "key_1", ifVersion: null, life: null } as const;
const ROTATE = {
  kind: "rotate",
  keyId: "key_1",
  ifVersion: null,
  hash: "h2",
  graceMs: 3_600_000,
  life: null,
} as const;
const REVOKE = { kind: "revoke", keyId: "key_1", ifVersion: null } as const;

const decide = (maker: Maker, command: KeyCommand, keys: readonly KeyRecord[] = [KEY]) =>
  decideKeyChange(keys, maker, command, NOW);

function made(maker: Maker, command: KeyCommand, keys?: readonly KeyRecord[]): KeyRecord {
  const decided = decide(maker, command, keys);
  if (!decided.ok) throw new Error(decided.error.code);
  return decided.value.record;
}

describe("a key is refused that may do more than its maker:", () => {
  test.each([
    ["a scope that the maker has not", NARROW, { scopes: ["scrape", "chat"] }, "scope chat"],
    ["everything, where the maker has two scopes", NARROW, { scopes: ["*"] }, "scope *"],
    ["a scope of administrators, for a user with *", PERSON, { scopes: ["admin"] }, "scope admin"],
    ["a scope under it, too", PERSON, { scopes: ["admin:users"] }, "scope admin:users"],
    ["a scope of workers", PERSON, { scopes: ["worker"] }, "scope worker"],
    ["a later end", NARROW, { life: { days: 11, isAsked: true } }, "expiry"],
    ["no end, for a user", PERSON, { life: { days: null, isAsked: true } }, "no expiry"],
    [
      "no end, for an administrator's key that has one",
      { ...ADMIN, expiresAtMs: NOW + DAY },
      { life: { days: null, isAsked: true } },
      "no expiry",
    ],
    [
      "a wider quota",
      NARROW,
      { life: { days: 1, isAsked: true }, limits: { burst: { limit: 11, window: 60 } } },
      "limit burst",
    ],
    [
      "as many in a shorter time",
      NARROW,
      { life: { days: 1, isAsked: true }, limits: { burst: { limit: 10, window: 59 } } },
      "limit burst",
    ],
    [
      "another kind of quota in its place",
      NARROW,
      { life: { days: 1, isAsked: true }, limits: { burst: { concurrent: 1 } } },
      "limit burst",
    ],
  ] as const)("%s", (_name, maker, wanted, excess) => {
    expect(decide(maker, { ...CREATE, ...wanted })).toEqual({
      ok: false,
      error: { code: "GRANT_TOO_WIDE", params: { excess } },
    });
  });
});

test("a key inherits its maker's quotas, and ends with it where nobody asked for a time", () => {
  expect(made(NARROW, CREATE)).toMatchObject({
    limits: NARROW.limits,
    expiresAtMs: NARROW.expiresAtMs,
  });
  expect(made(PERSON, CREATE)).toMatchObject({ limits: {}, expiresAtMs: NOW + 90 * DAY });
});

test("only an administrator makes a key that never ends", () => {
  expect(made(ADMIN, { ...CREATE, life: { days: null, isAsked: true } }).expiresAtMs).toBeNull();
});

test("an owner has at most so many keys; revoked ones do not count", () => {
  const keys = Array.from({ length: MAX_KEYS }, (_, i) => ({ ...KEY, keyId: `key_${i}` }));
  expect(decide(PERSON, CREATE, keys)).toMatchObject({ error: { code: "TOO_MANY_API_KEYS" } });
  const withOne = keys.map((key, i) => (i === 0 ? { ...key, revokedAtMs: 1 } : key));
  expect(decide(PERSON, CREATE, withOne).ok).toBe(true);
});

test("a narrow key cannot take a wide one over: not by rotating it, not by changing it", () => {
  const wide = { ...KEY, scopes: ["chat"] };
  for (const command of [ROTATE, { ...UPDATE, scopes: ["scrape"] }, { ...UPDATE, name: "mine" }])
    expect(decide(NARROW, command, [wide])).toMatchObject({
      error: { code: "GRANT_TOO_WIDE", params: { excess: "scope chat" } },
    });
  const unlimited = { ...KEY, limits: {} };
  expect(decide(NARROW, ROTATE, [unlimited])).toMatchObject({
    error: { params: { excess: "limit burst" } },
  });
  // But it may put it out of use.
  expect(decide(NARROW, REVOKE, [wide]).ok).toBe(true);
});

test("a narrow key cannot widen another", () => {
  expect(decide(NARROW, { ...UPDATE, scopes: ["*"] })).toMatchObject({
    error: { code: "GRANT_TOO_WIDE" },
  });
  expect(
    decide(NARROW, { ...UPDATE, limits: { burst: { limit: 500, window: 60 } } }),
  ).toMatchObject({ error: { code: "GRANT_TOO_WIDE" } });
});

test("a change changes what it names, and raises the version", () => {
  expect(made(PERSON, { ...UPDATE, name: "new" })).toEqual({ ...KEY, name: "new", version: 2 });
  expect(made(PERSON, { ...UPDATE, limits: {} })).toEqual({ ...KEY, limits: {}, version: 2 });
  expect(made(PERSON, { ...UPDATE, life: { days: 2, isAsked: true } })).toMatchObject({
    lifetimeMs: 2 * DAY,
    expiresAtMs: NOW + 2 * DAY,
  });
});

test.each([ROTATE, UPDATE, REVOKE])("$kind of another version than the caller saw", (command) => {
  expect(decide(PERSON, { ...command, ifVersion: 7 })).toMatchObject({
    error: { code: "PRECONDITION_FAILED" },
  });
  expect(decide(PERSON, { ...command, ifVersion: 1 }).ok).toBe(true);
  expect(decide(PERSON, { ...command, keyId: "key_9" })).toEqual({
    ok: false,
    error: { code: "RESOURCE_NOT_FOUND" },
  });
});

test("a rotation keeps the id and starts the key's life anew; the old secret has its grace", () => {
  expect(made(PERSON, ROTATE)).toEqual({
    ...KEY,
    hash: "h2",
    oldSecrets: [{ hash: "h1", untilMs: NOW + 3_600_000 }],
    expiresAtMs: NOW + 90 * DAY,
    version: 2,
  });
});

test("no grace outlives the end that the old secret had", () => {
  const rotated = made(PERSON, { ...ROTATE, graceMs: 7 * DAY });
  expect(rotated.oldSecrets).toEqual([{ hash: "h1", untilMs: NOW + 5 * DAY }]);
  const expired = { ...KEY, expiresAtMs: NOW - 1 };
  expect(made(PERSON, ROTATE, [expired]).oldSecrets).toEqual([]);
});

test("a rotation that is asked for again, because its answer was lost, leaves the secret in use its grace", () => {
  const once = made(PERSON, ROTATE);
  const twice = made(PERSON, { ...ROTATE, hash: "h3" }, [once]);
  expect(twice.oldSecrets.map((old) => old.hash)).toEqual(["h2", "h1"]);
  // A leak: all of them end at once.
  expect(made(PERSON, { ...ROTATE, hash: "h4", graceMs: 0 }, [twice]).oldSecrets).toEqual([]);
});

test("old secrets are bounded, and a later rotation never gives an old one more time", () => {
  let key: KeyRecord = KEY;
  for (let i = 0; i < 9; i++)
    key = made(PERSON, { ...ROTATE, hash: `r${i}`, graceMs: 1000 * (i + 1) }, [key]);
  expect(key.oldSecrets.map((old) => old.hash)).toEqual(["r7", "r6", "r5", "r4", "r3"]);
  expect(key.oldSecrets.map((old) => old.untilMs - NOW)).toEqual([9000, 8000, 7000, 6000, 5000]);
});

test("a key that rotates itself cannot make itself live longer", () => {
  const self: Maker = { role: "user", ...KEY };
  expect(made(self, ROTATE).expiresAtMs).toBe(KEY.expiresAtMs);
  expect(decide(self, { ...ROTATE, life: { days: 6, isAsked: true } })).toMatchObject({
    error: { params: { excess: "expiry" } },
  });
});

test("what is revoked stays revoked: it is neither changed nor rotated, and again is no change", () => {
  const revoked = made(PERSON, REVOKE, [{ ...KEY, oldSecrets: [{ hash: "h0", untilMs: 9e15 }] }]);
  expect(revoked).toMatchObject({ revokedAtMs: NOW, oldSecrets: [], version: 2 });
  for (const command of [ROTATE, { ...UPDATE, name: "x" }])
    expect(decide(PERSON, command, [revoked])).toMatchObject({
      error: { code: "API_KEY_REVOKED" },
    });
  expect(decide(PERSON, REVOKE, [revoked])).toEqual({
    ok: true,
    value: { record: revoked, isChanged: false },
  });
});
