import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { keyVerifier } from "#keys/service";
import type { GenuineKey } from "#keys/service";
import { DenialMemory } from "#limits/core/denials";
import { makeEntry } from "#audit/service";
import { endAllSessions, endSession, entryDepsOf, openStream, updateUser } from "#auth/service";
import type { KeyCommand } from "#keys/core/manage";
import { admitCaller, limitsOf, SLOT_RENEWAL_MS, takeStreamSlot } from "#limits/service";
import type { Limits } from "#limits/service";
import { readConfig } from "#platform/config";
import { ApiError } from "#platform/errors";
import { createTestKey, gateOf } from "../../support/api";
import type { TestKeyOptions } from "../../support/api";
import { identity, openDirectly, userOf } from "../../support/people";
import type { Person } from "../../support/people";

async function genuine(options: TestKeyOptions): Promise<GenuineKey & { ownerId: string }> {
  const { key, ownerId } = await createTestKey(options);
  const verified = await keyVerifier(readConfig(env)).verify(key);
  if (verified === null) throw new Error("a minted key is genuine");
  return { ...verified, ownerId };
}

/** Limits of their own memory and clock, that count how often a gate is asked; `failures` go before the real gate. */
function observed(failures: readonly object[] = []): {
  limits: Limits;
  calls: () => number;
  setNow: (ms: number) => void;
} {
  let nowMs = Date.now();
  let calls = 0;
  const gates = new Proxy(env.CLIENT_GATE, {
    get: (target, property) => {
      if (property !== "getByName") return Reflect.get(target, property) as unknown;
      return (name: string): unknown => {
        const failure = failures[calls++];
        if (failure === undefined) return target.getByName(name);
        return { admit: () => Promise.reject(Object.assign(new Error("gate"), failure)) };
      };
    },
  });
  const limits = { gates, clock: () => nowMs, denials: new DenialMemory() };
  return { limits, calls: () => calls, setNow: (ms) => void (nowMs = ms) };
}

async function refusalOf(call: Promise<unknown>): Promise<ApiError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

const ONE = { burst: { limit: 1, window: 60 } };
const POLICIES = ["burst", "client"];

test("an admission is one call to one object", async () => {
  const key = await genuine({});
  const { limits, calls } = observed();
  for (let i = 0; i < 5; i++) await admitCaller(limits, key, POLICIES);
  expect(calls()).toBe(5);
});

test("a remembered denial is answered without asking the gate, and its Retry-After counts down", async () => {
  const key = await genuine({ ownerLimits: ONE });
  const { limits, calls, setNow } = observed();
  const startMs = limits.clock();
  await admitCaller(limits, key, POLICIES);
  const first = await refusalOf(admitCaller(limits, key, POLICIES));
  expect(first.code).toBe("RATE_LIMITED");
  expect(first.options.params).toMatchObject({ policy: "burst", limit: 1 });
  const told = Number(first.options.headers?.["Retry-After"]);
  expect(told).toBeLessThanOrEqual(60);
  expect(calls()).toBe(2);
  setNow(startMs + 4000);
  const second = await refusalOf(admitCaller(limits, key, POLICIES));
  expect(calls()).toBe(2);
  expect(Number(second.options.headers?.["Retry-After"])).toBe(told - 4);
  expect(second.options.headers?.["RateLimit"]).toContain('"burst";r=0');
  setNow(startMs + 5000);
  await refusalOf(admitCaller(limits, key, POLICIES));
  expect(calls()).toBe(3);
});

test("a denial under one policy does not hold back what counts against another", async () => {
  const key = await genuine({ ownerLimits: ONE });
  const { limits } = observed();
  await admitCaller(limits, key, ["burst"]);
  await refusalOf(admitCaller(limits, key, ["burst"]));
  expect((await admitCaller(limits, key, ["client"])).refusal).toBeNull();
});

test("a key over its own quota is remembered, and the owner's other keys go on", async () => {
  const limited = await genuine({ limits: ONE });
  const other = await genuine({ ownerId: limited.ownerId });
  const { limits, calls } = observed();
  await admitCaller(limits, limited, POLICIES);
  const refusal = await refusalOf(admitCaller(limits, limited, POLICIES));
  expect(refusal.options.params).toMatchObject({ policy: "key-burst" });
  await refusalOf(admitCaller(limits, limited, POLICIES));
  expect(calls()).toBe(2);
  expect((await admitCaller(limits, other, POLICIES)).refusal).toBeNull();
});

test.each([
  ["was reset under the call", { durableObjectReset: true, retryable: true }],
  ["says that a retry can help", { retryable: true }],
] as const)("a gate that %s is asked once more through a fresh stub", async (_name, failure) => {
  const key = await genuine({});
  const { limits, calls } = observed([failure]);
  expect((await admitCaller(limits, key, POLICIES)).refusal).toBeNull();
  expect(calls()).toBe(2);
});

test.each([
  ["fails twice", [{ retryable: true }, { retryable: true }], 2],
  ["is overloaded", [{ retryable: true, overloaded: true }], 1],
  ["fails for good", [{}], 1],
] as const)("nobody comes in by a gate that %s", async (_name, failures, asked) => {
  const key = await genuine({});
  const { limits, calls } = observed(failures);
  const refusal = await refusalOf(admitCaller(limits, key, POLICIES));
  expect(refusal.code).toBe("DEPENDENCY_UNAVAILABLE");
  expect(refusal.status).toBe(503);
  expect(Number(refusal.options.headers?.["Retry-After"])).toBeGreaterThanOrEqual(1);
  expect(calls()).toBe(asked);
});

test("as many streams as the quota says are open at once, and an end makes room", async () => {
  const key = await genuine({ ownerLimits: { streams: { concurrent: 2 } } });
  const limits = limitsOf(env);
  const first = await takeStreamSlot(limits, key, "a");
  await takeStreamSlot(limits, key, "b");
  const refusal = await refusalOf(takeStreamSlot(limits, key, "c"));
  expect(refusal.code).toBe("TOO_MANY_CONCURRENT");
  expect(refusal.status).toBe(429);
  const retryAfter = Number(refusal.options.headers?.["Retry-After"]);
  expect(retryAfter).toBeGreaterThanOrEqual(1);
  expect(retryAfter).toBeLessThanOrEqual(15);
  await first.release();
  const third = await takeStreamSlot(limits, key, "c");
  expect(await third.renew()).toEqual({ kind: "held" });
  expect(await first.renew()).toEqual({ kind: "gone", reason: "lost" });
});

/** What takes the right to something open, with the reason that its next renewal is told. */
const LOSSES: readonly [string, string, (person: Person, sessionId: string) => Promise<unknown>][] =
  [
    ["sign-out", "ended", (person, sessionId) => endSession(identity(), person.id, sessionId)],
    ["sign-out everywhere", "ended", (person) => endAllSessions(identity(), person.id)],
    [
      "disabling",
      "disabled",
      async (person) => {
        const { version } = await userOf(person);
        await updateUser(identity(), person.id, version, { isDisabled: true });
      },
    ],
    [
      "change of role",
      "changed",
      async (person) => {
        const { version } = await userOf(person);
        await updateUser(identity(), person.id, version, { role: "worker" });
      },
    ],
  ];

test.each(LOSSES)(
  "an open stream of a session learns of a %s at its next renewal",
  async (_what, reason, lose) => {
    const { person, tokens } = await openDirectly();
    const deps = entryDepsOf(env, readConfig(env));
    const headers = { authorization: `Bearer ${tokens.access_token}`, apiKey: undefined };
    const slot = await openStream(deps, headers, "a");
    expect(await slot.renew()).toEqual({ kind: "held" });
    await lose(person, tokens.session_id);
    expect(await slot.renew()).toEqual({ kind: "gone", reason });
  },
);

test("an open stream of a key learns at its next renewal that the key was revoked, rotated away or narrowed", async () => {
  const key = await genuine({ scopes: ["tasks:read", "chat"] });
  const slot = await takeStreamSlot(limitsOf(env), key, "a");
  expect(await slot.renew()).toEqual({ kind: "held" });
  const manager = { ownerId: key.ownerId, keyId: null, role: "user", scopes: ["*"] } as const;
  const manage = (command: KeyCommand): Promise<unknown> => {
    const entry = makeEntry({
      actorId: null,
      action: "api_key.test",
      subjectId: null,
      address: null,
      details: {},
    });
    return gateOf(key.ownerId).manageKeys({ ...manager, scopes: ["*"] }, command, entry);
  };
  const { keyId } = key;
  await manage({ kind: "update", keyId, ifVersion: null, scopes: ["tasks:read"], life: null });
  expect(await slot.renew()).toEqual({ kind: "gone", reason: "changed" });
  const next = await takeStreamSlot(limitsOf(env), key, "b");
  const hash = "0".repeat(64);
  const life = { days: 1, isAsked: true };
  await manage({ kind: "rotate", keyId, ifVersion: null, hash, graceMs: 0, life });
  expect(await next.renew()).toEqual({ kind: "gone", reason: "mismatch" });

  const other = await genuine({});
  const third = await takeStreamSlot(limitsOf(env), other, "a");
  await gateOf(other.ownerId).revokeKey(other.keyId);
  expect(await third.renew()).toEqual({ kind: "gone", reason: "revoked" });
  expect((await refusalOf(takeStreamSlot(limitsOf(env), other, "b"))).code).toBe("INVALID_API_KEY");
});

test("an open stream is asked about in less than five seconds", () => {
  expect(SLOT_RENEWAL_MS).toBeLessThan(5000);
});
