import { expect, test } from "vitest";
import { checkKey, keyRecord } from "#keys/core/record";
import type { KeyRecord } from "#keys/core/record";
import { readDemoKey } from "#keys/core/demo";
import { decideStanding } from "#keys/core/standing";
import { mintApiKey } from "#keys/mint";

const RECORD: KeyRecord = keyRecord({
  keyId: "key_1",
  hash: "aa".repeat(32),
  scopes: ["scrape"],
  expiresAtMs: 1000,
});
const ROTATED = { ...RECORD, oldSecrets: [{ hash: "cc".repeat(32), untilMs: 500 }] };
const OLD = { keyId: "key_1", hash: "cc".repeat(32) };
const SHOWN = { keyId: "key_1", hash: RECORD.hash };
const REVOKED = { ...RECORD, revokedAtMs: 5 };
const WRONG = { ...SHOWN, hash: "ab".repeat(32) };

test.each([
  ["good until its last millisecond", RECORD, SHOWN, 999, null],
  ["expired at the millisecond that it names", RECORD, SHOWN, 1000, "expired"],
  ["never expired without an expiry", { ...RECORD, expiresAtMs: null }, SHOWN, 1e15, null],
  ["revoked, also when expired too", REVOKED, SHOWN, 2000, "revoked"],
  ["unknown", undefined, SHOWN, 0, "unknown"],
  ["good by an old secret until its grace ends", ROTATED, OLD, 499, null],
  ["expired by an old secret when its grace has ended", ROTATED, OLD, 500, "expired"],
  ["good by its own secret after that", ROTATED, SHOWN, 500, null],
  ["revoked with its old secrets", { ...ROTATED, revokedAtMs: 5 }, OLD, 10, "revoked"],
  ["a mismatch with another secret", RECORD, WRONG, 0, "mismatch"],
  [
    "a mismatch, and no word of its revocation, to who has not its secret",
    REVOKED,
    WRONG,
    0,
    "mismatch",
  ],
  ["a mismatch with a part of the hash", RECORD, { ...SHOWN, hash: "aa" }, 0, "mismatch"],
] as const)("a key is %s", (_name, record, shown, nowMs, refusal) => {
  const checked = checkKey(record, shown, nowMs);
  expect(checked.ok ? null : checked.error).toBe(refusal);
});

test("a caller is told when what it showed ends: an old secret before its key", () => {
  const until = (shown: typeof SHOWN): number | null | undefined => {
    const checked = checkKey(ROTATED, shown, 0);
    return checked.ok ? checked.value.goodUntilMs : undefined;
  };
  expect([until(SHOWN), until(OLD)]).toEqual([1000, 500]);
});

test("a caller has the role that its owner has now, and the key's scopes", () => {
  const owner = { ownerId: "usr_1", role: "admin", limits: {} } as const;
  expect(decideStanding(owner, RECORD, SHOWN, 0)).toMatchObject({
    refusal: null,
    caller: { ownerId: "usr_1", role: "admin", scopes: ["scrape"], expiresAtMs: 1000 },
  });
  expect(decideStanding(null, RECORD, SHOWN, 0)).toEqual({ refusal: "unknown" });
});

test("the demo key belongs to the owner that was made with it, and to no admin", async () => {
  const minted = await mintApiKey({
    environment: "development",
    nowMs: 1,
    secretKey: "s".repeat(32),
  });
  const demo = await readDemoKey(minted.key);
  expect(demo?.owner).toEqual({ ownerId: minted.ownerId, role: "user", limits: {} });
  expect(demo?.record).toMatchObject({ keyId: minted.keyId, hash: minted.hash });
  expect(await readDemoKey("")).toBeNull();
});
