import { expect, test } from "vitest";
import { api, createTestKey } from "../../support/api";
import { PATH, codeOf, create, owner, tryKey } from "../../support/keys";
import type { Key } from "../../support/keys";

const DAY = 86_400_000;

test("a new key works at once, is shown once, and lives for 90 days where nobody says", async () => {
  const as = await owner();
  const response = await api(PATH, {
    key: as.key,
    json: { name: "crawler", scopes: ["tasks:read", "scrape"] },
  });
  expect([response.status, response.headers.get("cache-control")]).toEqual([201, "no-store"]);
  const made = await response.json<Key>();
  expect(response.headers.get("location")).toBe(`${PATH}/${made.id}`);
  expect(made).toMatchObject({ name: "crawler", status: "active", last_used_at: null });
  const days = (Date.parse(made.expires_at ?? "") - Date.now()) / DAY;
  expect(Math.round(days)).toBe(90);
  expect(await tryKey(made.key)).toBe(200);
  const shown = await api(`${PATH}/${made.id}`, { key: as.key });
  const text = await shown.text();
  expect(text).not.toContain(made.key.slice(60));
  expect(JSON.parse(text)).not.toHaveProperty("key");
  // Only what it was given.
  expect(await codeOf(api(PATH, { key: made.key }))).toBe("INSUFFICIENT_SCOPE");
});

test("nobody sees or touches a key of another owner: every route with its id is a 404", async () => {
  const as = await owner();
  const other = await createTestKey({ role: "admin" });
  const made = await create(as);
  const calls: [string, string, object | undefined][] = [
    ["GET", `${PATH}/${made.id}`, undefined],
    ["PATCH", `${PATH}/${made.id}`, { name: "mine" }],
    ["DELETE", `${PATH}/${made.id}`, undefined],
    ["POST", `${PATH}/${made.id}/rotate`, undefined],
    ["POST", `${PATH}/${made.id}/rotate`, { grace_seconds: 0 }],
  ];
  for (const [method, path, json] of calls) {
    const foreign = await api(path, { key: other.key, method, json });
    expect([method, foreign.status]).toEqual([method, 404]);
    const unknown = await api(path.replace(made.id, `${made.id.slice(0, -4)}zzzz`), {
      key: as.key,
      method,
      json,
    });
    const bodies = await Promise.all([foreign.json<object>(), unknown.json<object>()]);
    const [a, b] = bodies.map((body) => ({
      ...body,
      instance: 0,
      request_id: 0,
      trace_id: 0,
      timestamp: 0,
    }));
    expect(a).toEqual(b);
  }
  const list = await (await api(PATH, { key: other.key })).text();
  expect(list).not.toContain(made.id);
  expect(await tryKey(made.key)).toBe(200);
});

test("a key makes no key that is wider than itself, nor takes a wider one over", async () => {
  const as = await owner();
  const narrow = await create(as, { expires_in_days: 10 });
  const wide = await create(as, { name: "wide", scopes: ["*"] });
  const wanted: object[] = [
    { scopes: ["*"] },
    { scopes: ["tasks:write"] },
    { scopes: ["admin"] },
    { scopes: ["tasks:read"], expires_in_days: 11 },
    { scopes: ["tasks:read"], expires_in_days: null },
  ];
  for (const body of wanted)
    expect(await codeOf(api(PATH, { key: narrow.key, json: { name: "x", ...body } }))).toBe(
      "GRANT_TOO_WIDE",
    );
  const change = { key: narrow.key, json: { name: "mine" } };
  expect(await codeOf(api(`${PATH}/${wide.id}/rotate`, { ...change, json: {} }))).toBe(
    "GRANT_TOO_WIDE",
  );
  expect(await codeOf(api(`${PATH}/${wide.id}`, { ...change, method: "PATCH" }))).toBe(
    "GRANT_TOO_WIDE",
  );
  const child = await create({ ...as, key: narrow.key }, { scopes: ["tasks:read"] });
  expect(child.expires_at).toBe(narrow.expires_at);
});

test("a key for ever is an administrator's to make", async () => {
  const forever = { expires_in_days: null };
  const admin = await createTestKey({ role: "admin" });
  expect((await create(admin, forever)).expires_at).toBeNull();
  const json = { name: "x", scopes: ["scrape"], ...forever };
  expect(await codeOf(api(PATH, { key: (await owner()).key, json }))).toBe("GRANT_TOO_WIDE");
});

test("a key's own quota narrows the owner's for its calls alone", async () => {
  const as = await owner();
  const made = await create(as, { limits: { burst: { limit: 2, window: 60 } } });
  expect([await tryKey(made.key), await tryKey(made.key), await tryKey(made.key)]).toEqual([
    200, 200, 429,
  ]);
  expect(await tryKey(as.key)).toBe(200);
});

test.each([[{}], [null]])("quotas that are replaced by %j are gone", async (limits) => {
  const as = await owner();
  const made = await create(as, { limits: { streams: { concurrent: 1 } } });
  const response = await api(`${PATH}/${made.id}`, {
    key: as.key,
    method: "PATCH",
    json: { limits },
  });
  expect([response.status, await response.json()]).toEqual([
    200,
    expect.objectContaining({ limits: {} }),
  ]);
  const shown = await (
    await api("/api/v1/test", { key: made.key })
  ).json<{
    limits: { policy: string }[];
  }>();
  expect(shown.limits.map(({ policy }) => policy)).not.toContain("key-streams");
});

test.each([
  ["an unknown policy", { limits: { site: { limit: 1, window: 1 } } }],
  ["a policy of addresses", { limits: { anonymous: { limit: 1, window: 1 } } }],
  ["a limit without a window", { limits: { burst: { limit: 1 } } }],
  ["a quota of nothing", { limits: { burst: {} } }],
  ["a quota that is null", { limits: { burst: null } }],
  ["no scope", { scopes: [] }],
  ["a scope twice", { scopes: ["scrape", "scrape"] }],
  ["an invented scope", { scopes: ["scrape", "tasks:fly"] }],
  ["no name", { name: " " }],
  ["a life of no days", { expires_in_days: 0 }],
  ["a life of more than a year", { expires_in_days: 366 }],
  ["half a day", { expires_in_days: 0.5 }],
])("%s is refused with 422", async (_what, body) => {
  const json = { name: "x", scopes: ["scrape"], ...body };
  expect(await codeOf(api(PATH, { key: (await owner()).key, json }))).toBe("VALIDATION_FAILED");
});
