import { expect, test } from "vitest";
import { DEFAULT_POLICIES, isPolicyName, rulesFor } from "#limits/core/policy";
import { isRoutePolicy } from "#limits/service";

const window = (name: string, limit: number, windowMs: number, key = name) => ({
  kind: "window",
  name,
  key,
  limit,
  windowMs,
});

test("the defaults are those of the API contract", () => {
  expect(rulesFor(Object.keys(DEFAULT_POLICIES), [], null)).toEqual([
    window("anonymous", 100, 3_600_000),
    window("address-day", 1000, 86_400_000),
    window("burst", 100, 60_000),
    window("client", 1000, 3_600_000),
    window("chat", 10, 60_000),
    window("code", 50, 3_600_000),
    window("workers", 3000, 60_000),
    { kind: "concurrent", name: "streams", key: "streams", limit: 10 },
  ]);
});

test("an owner's quota goes before the deployment's, and that one before the default", () => {
  const owner = { burst: { limit: 7, window: 10 } };
  const deployment = { burst: { limit: 8, window: 10 }, client: { limit: 9, window: 10 } };
  expect(rulesFor(["burst", "client", "code"], [owner, deployment], null)).toEqual([
    window("burst", 7, 10_000),
    window("client", 9, 10_000),
    window("code", 50, 3_600_000),
  ]);
});

test("a policy set to null is off, for everybody or for one owner", () => {
  expect(rulesFor(["burst"], [{}, { burst: null }], null)).toEqual([]);
  expect(rulesFor(["burst"], [{ burst: null }, { burst: { limit: 1, window: 1 } }], null)).toEqual(
    [],
  );
  expect(rulesFor(["burst"], [{ burst: { limit: 1, window: 1 } }, { burst: null }], null)).toEqual([
    window("burst", 1, 1000),
  ]);
});

test("a key's own quota is one more rule, and holds where the owner's is off", () => {
  const key = { keyId: "key_1", limits: { burst: { limit: 2, window: 60 } } };
  const own = window("key-burst", 2, 60_000, "key_1:burst");
  expect(rulesFor(["burst"], [], key)).toEqual([window("burst", 100, 60_000), own]);
  expect(rulesFor(["burst"], [{ burst: null }], key)).toEqual([own]);
  expect(rulesFor(["chat"], [], key)).toEqual([window("chat", 10, 60_000)]);
});

test("a quota of calls and of what is open at once is two rules", () => {
  const both = { chat: { limit: 5, window: 60, concurrent: 2 } };
  expect(rulesFor(["chat"], [both], null).map(({ kind, limit }) => [kind, limit])).toEqual([
    ["window", 5],
    ["concurrent", 2],
  ]);
});

test.each(["nonsense", "constructor", "__proto__", "toString"])("%s names no policy", (name) => {
  expect(isPolicyName(name)).toBe(false);
  expect(rulesFor([name], [{}], null)).toEqual([]);
});

test("a route counts against quotas of calls only: what is open at once needs to be given back", () => {
  expect(["burst", "client", "chat", "code"].every(isRoutePolicy)).toBe(true);
  expect(isRoutePolicy("streams")).toBe(false);
  expect(isRoutePolicy("brust")).toBe(false);
});
