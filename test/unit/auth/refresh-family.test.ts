import { expect, test } from "vitest";
import {
  decideRotation,
  FAMILY_LIFETIME_MS,
  openFamily,
  REPLAY_MS,
} from "#auth/core/refresh-family";
import type { RefreshFamily } from "#auth/core/refresh-family";
import { assembleRefreshToken, parseRefreshToken, refreshSecret } from "#auth/core/refresh-token";
import { importHmacKey } from "#platform/hmac";

const START = 1_700_000_000_000;
const shown = (counter: number, userAgent = "browser") => ({ counter, userAgent });

/** A family after rotations at these times. */
function rotated(...timesMs: readonly number[]): RefreshFamily {
  let family = openFamily(START);
  for (const atMs of timesMs) {
    const decided = decideRotation(family, shown(family.counter), atMs);
    if (!decided.ok || decided.value.next === null) throw new Error("it did not rotate");
    family = decided.value.next;
  }
  return family;
}

test("the youngest token rotates", () => {
  expect(decideRotation(openFamily(START), shown(0), START + 5)).toMatchObject({
    ok: true,
    value: { counter: 1, rotatedAtMs: START + 5, next: { counter: 1 } },
  });
});

test.each([0, 1, REPLAY_MS])("%i ms after a rotation its token gets its answer", (laterMs) => {
  const family = rotated(START);
  expect(decideRotation(family, shown(0), START + laterMs)).toEqual({
    ok: true,
    value: { counter: 1, rotatedAtMs: START, next: null },
  });
});

test.each<[string, RefreshFamily, number, string, number]>([
  ["too late", rotated(START), 0, "browser", START + REPLAY_MS + 1],
  ["by another client", rotated(START), 0, "other", START + 1],
  [
    "of an older rotation than the last ten seconds",
    rotated(START, START + 9_000),
    0,
    "browser",
    START + 10_001,
  ],
  ["of a token that was never made", openFamily(START), 1, "browser", START],
])("a replay %s is a reuse", (_what, family, counter, userAgent, nowMs) => {
  expect(decideRotation(family, { counter, userAgent }, nowMs)).toEqual({
    ok: false,
    error: "reused",
  });
});

test("each rotation has ten seconds of its own", () => {
  const family = rotated(START, START + 4_000, START + 8_000);
  for (const [counter, rotatedAtMs] of [
    [0, START],
    [1, START + 4_000],
    [2, START + 8_000],
  ] as const)
    expect(decideRotation(family, shown(counter), START + 10_000)).toMatchObject({
      value: { counter: counter + 1, rotatedAtMs },
    });
});

test("rotations that nobody may ask for again are not kept", () => {
  const times = Array.from({ length: 50 }, (_, i) => START + i * 3_000);
  expect(rotated(...times).recent.length).toBeLessThanOrEqual(4);
});

test("a family ends at its time, whatever is shown", () => {
  const family = rotated(START + FAMILY_LIFETIME_MS - 1);
  for (const counter of [0, 1, 7])
    expect(decideRotation(family, shown(counter), START + FAMILY_LIFETIME_MS)).toEqual({
      ok: false,
      error: "expired",
    });
});

test("a clock that was set back makes no thief of anybody", () => {
  expect(decideRotation(rotated(START), shown(0), START - 60_000).ok).toBe(true);
});

const SESSION = { seed: "5eed", sessionId: `ses_${"0".repeat(42)}` };
const KEY = "uT4rXq9ZkW2pLm7VbN5cHs8JdF3gYa6E";

test("a secret follows from the deployment's secret, the seed, the session and the counter, and from nothing less", async () => {
  const [key, other] = [await importHmacKey(KEY), await importHmacKey(`${KEY}x`)];
  const same = await refreshSecret(key, SESSION, 1);
  expect(await refreshSecret(key, { ...SESSION }, 1)).toBe(same);
  const others = await Promise.all([
    refreshSecret(other, SESSION, 1),
    refreshSecret(key, { ...SESSION, seed: "5eee" }, 1),
    refreshSecret(key, { ...SESSION, sessionId: `ses_${"1".repeat(42)}` }, 1),
    refreshSecret(key, SESSION, 2),
  ]);
  expect(new Set([same, ...others]).size).toBe(5);
});

test("a token is taken apart as it was put together, and has one spelling", async () => {
  const key = await importHmacKey(KEY);
  const secret = await refreshSecret(key, SESSION, 70);
  const token = await assembleRefreshToken(key, { ...SESSION, counter: 70, secret });
  expect(parseRefreshToken(token)).toMatchObject({
    sessionId: SESSION.sessionId,
    ownerRouting: "0".repeat(16),
    counter: 70,
    secret,
  });
  for (const other of [`${token}=`, ` ${token}`, token.toUpperCase(), token.slice(1), `${token}\n`])
    expect(parseRefreshToken(other)).toBeNull();
});
