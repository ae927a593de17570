import { env } from "cloudflare:workers";
import { parseList } from "structured-headers";
import { expect, test } from "vitest";
import { requireScope } from "#auth/guard";
import { enter, entryDepsOf } from "#auth/service";
import { mintApiKey } from "#keys/mint";
import { readConfig } from "#platform/config";
import { api, createTestKey, gateOf, uniqueAddress } from "../../support/api";

const PATH = "/api/v1/test";
const LIMIT_50 = { burst: { limit: 50, window: 60 } };

interface Problem {
  readonly code: string;
  readonly status: number;
  readonly policy?: string;
}

async function problemOf(response: Response): Promise<Problem> {
  expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  const problem: Problem = await response.json();
  expect(problem.status).toBe(response.status);
  return problem;
}

/** A key of this deployment's secret that no gate holds. */
async function unheldKey(environment = readConfig(env).environment): Promise<string> {
  const { secretKey } = readConfig(env);
  return (await mintApiKey({ environment, nowMs: Date.now(), secretKey })).key;
}

test("of 200 at once by one owner at a limit of 50 exactly 50 pass, whichever keys, spellings and paths", async () => {
  const first = await createTestKey({ ownerLimits: LIMIT_50 });
  const { ownerId } = first;
  const second = await createTestKey({ ownerId, ownerLimits: LIMIT_50, scopes: [] });
  const third = await createTestKey({ ownerId, ownerLimits: LIMIT_50, role: "service" });
  const keys = [first, second, third].map(({ key }) => key);
  const spell = (i: number): Promise<Response> => {
    const key = keys[i % keys.length] ?? "";
    const path = [PATH, "/test", "/./api/v1/x/../test", "/%2e/api/v1/test"][i % 4] ?? PATH;
    if (i % 5 === 0) return api(path, { headers: { "X-API-Key": key } });
    if (i % 5 === 1) return api(path, { headers: { Authorization: `bEaReR  ${key}` } });
    if (i % 5 === 2) return api(path, { key, headers: { "X-API-Key": key } });
    return api(path, { key, method: i % 5 === 3 ? "HEAD" : "GET" });
  };
  const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => spell(i)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(50);
  const denied = answers.filter(({ status }) => status === 429);
  expect(denied).toHaveLength(150);
  for (const { headers } of denied) {
    const retryAfter = Number(headers.get("retry-after"));
    expect(Number.isInteger(retryAfter) && retryAfter >= 1 && retryAfter <= 60).toBe(true);
    expect(headers.get("ratelimit")).toContain('"burst";r=0');
  }
});

test("a limited answer tells its limits in structured fields, passed or denied", async () => {
  const { key } = await createTestKey({ ownerLimits: { burst: { limit: 1, window: 60 } } });
  for (const [status, left] of [
    [200, 0],
    [429, 0],
  ] as const) {
    const { headers, status: actual } = await api(PATH, { key });
    expect(actual).toBe(status);
    const policies = parseList(headers.get("ratelimit-policy") ?? "");
    expect(policies.map(([name]) => name)).toEqual(["burst", "client"]);
    expect(policies[0]?.[1].get("q")).toBe(1);
    expect(policies[0]?.[1].get("w")).toBe(60);
    const [burst] = parseList(headers.get("ratelimit") ?? "");
    expect(burst?.[1].get("r")).toBe(left);
    expect(Number(burst?.[1].get("t"))).toBeLessThanOrEqual(60);
    expect(headers.get("x-ratelimit-limit")).toBe("1");
    expect(headers.get("x-ratelimit-remaining")).toBe("0");
    expect(Number(headers.get("x-ratelimit-reset")) * 1000).toBeGreaterThan(Date.now());
  }
});

test("a denial is a problem that names the policy", async () => {
  const { key } = await createTestKey({ limits: { client: { limit: 1, window: 60 } } });
  await api(PATH, { key });
  const denied = await api(PATH, { key });
  expect(await problemOf(denied)).toMatchObject({
    code: "RATE_LIMITED",
    status: 429,
    policy: "key-client",
  });
});

test("who am I: the owner, the key, what it may, until when, and every limit with what is left", async () => {
  const expiresAtMs = Date.now() + 3_600_000;
  const testKey = await createTestKey({
    scopes: ["scrape"],
    expiresAtMs,
    limits: { chat: { limit: 2, window: 60 } },
  });
  const response = await api(PATH, testKey);
  expect(await response.json()).toMatchObject({
    owner_id: testKey.ownerId,
    key_id: testKey.keyId,
    role: "user",
    scopes: ["scrape"],
    expires_at: new Date(expiresAtMs).toISOString(),
    limits: [
      { policy: "burst", limit: 100, window_seconds: 60, remaining: 99 },
      { policy: "client", limit: 1000, window_seconds: 3600, remaining: 999 },
      { policy: "chat", limit: 10, window_seconds: 60, remaining: 10 },
      { policy: "key-chat", limit: 2, remaining: 2 },
      { policy: "code", limit: 50 },
      { policy: "streams", limit: 10, window_seconds: null, remaining: 10, reset_seconds: null },
    ],
  });
});

test("the old path works as an alias and says that it goes", async () => {
  const { key } = await createTestKey();
  const { status, headers } = await api("/test", { key });
  expect(status).toBe(200);
  expect(headers.get("deprecation")).toMatch(/^@\d+$/);
  expect(Date.parse(headers.get("sunset") ?? "")).toBeGreaterThan(
    Number(headers.get("deprecation")?.slice(1)) * 1000,
  );
});

test("nothing shown: a challenge without an error code", async () => {
  const response = await api(PATH);
  expect(response.headers.get("www-authenticate")).toBe('Bearer realm="naru"');
  expect(await problemOf(response)).toMatchObject({ code: "AUTHENTICATION_REQUIRED", status: 401 });
});

test.each([
  ["a word that is no key", "secret", "INVALID_TOKEN"],
  ["a token of somebody else", "eyJhbGciOiJub25lIn0.e30.", "INVALID_TOKEN"],
  ["a key of the wrong form", "nr_dev_123_456_789", "INVALID_API_KEY"],
] as const)("%s is refused as an invalid credential", async (_name, shown, code) => {
  const response = await api(PATH, { key: shown });
  expect(response.headers.get("www-authenticate")).toBe(
    'Bearer realm="naru", error="invalid_token"',
  );
  expect(await problemOf(response)).toMatchObject({ code, status: 401 });
});

test("a key with one character changed never reaches its owner's gate", async () => {
  const { key, ownerId } = await createTestKey();
  const end = key.endsWith("0") ? "1" : "0";
  const response = await api(PATH, { key: key.slice(0, -1) + end });
  expect(await problemOf(response)).toMatchObject({ code: "INVALID_API_KEY", status: 401 });
  expect(await gateOf(ownerId).peek({ policies: ["burst"], credential: null })).toMatchObject({
    quotas: [{ remaining: 100 }],
  });
});

test("a key that no gate holds, one of another environment and a revoked one are refused alike", async () => {
  const revoked = await createTestKey();
  await gateOf(revoked.ownerId).revokeKey(revoked.keyId);
  for (const key of [await unheldKey(), await unheldKey("production"), revoked.key]) {
    const response = await api(PATH, { key });
    expect(await problemOf(response)).toMatchObject({ code: "INVALID_API_KEY", status: 401 });
  }
});

test("a revocation holds from the next request on, although the isolate knows the key", async () => {
  const { key, keyId, ownerId } = await createTestKey();
  expect((await api(PATH, { key })).status).toBe(200);
  await gateOf(ownerId).revokeKey(keyId);
  expect((await api(PATH, { key })).status).toBe(401);
});

test("an expired key is told so", async () => {
  const { key } = await createTestKey({ expiresAtMs: Date.now() - 1 });
  const response = await api(PATH, { key });
  expect(response.headers.get("www-authenticate")).toContain('error="invalid_token"');
  expect(await problemOf(response)).toMatchObject({ code: "API_KEY_EXPIRED", status: 401 });
});

test("a token in the header for keys is no way in", async () => {
  const response = await api(PATH, { headers: { "X-API-Key": "eyJhbGciOiJub25lIn0.e30." } });
  expect((await problemOf(response)).code).toBe("INVALID_API_KEY");
});

test("two credentials on one request are refused, good as each may be", async () => {
  const [a, b] = [await createTestKey(), await createTestKey()];
  const joined = new Headers([
    ["Authorization", `Bearer ${a.key}`],
    ["Authorization", `Bearer ${b.key}`],
  ]);
  for (const headers of [
    { Authorization: `Bearer ${a.key}`, "X-API-Key": b.key },
    Object.fromEntries(joined),
    { "X-API-Key": `${a.key}, ${b.key}` },
  ]) {
    const response = await api(PATH, { headers });
    expect(await problemOf(response)).toMatchObject({
      code: "CONFLICTING_CREDENTIALS",
      status: 400,
    });
  }
});

test("strangers share the limit of their address: IPv6 by /64, and no other header names an address", async () => {
  const network = uniqueAddress().replace("::1", "");
  const left = async (address: string, headers = {}): Promise<unknown> => {
    const answer = await api(PATH, { address, headers });
    return parseList(answer.headers.get("ratelimit") ?? "")[0]?.[1].get("r");
  };
  expect(await left(`${network}::1`)).toBe(99);
  expect(await left(`${network}::2`)).toBe(98);
  expect(await left(`${network}:0:ffff::`, { "X-Forwarded-For": "203.0.113.9" })).toBe(97);
  expect(
    await left(`${network}::4`, {
      "True-Client-IP": "203.0.113.9",
      "X-Real-IP": "203.0.113.9",
      Forwarded: "for=203.0.113.9",
    }),
  ).toBe(96);
  expect(await left(uniqueAddress())).toBe(99);
});

test("refused credentials count against the address until it is limited; a good key still passes there", async () => {
  const address = uniqueAddress();
  const { key } = await createTestKey();
  const tries = [undefined, "nonsense", await unheldKey()];
  for (let i = 0; i < 100; i++) {
    const shown = tries[i % tries.length];
    const response = await api(PATH, { address, ...(shown === undefined ? {} : { key: shown }) });
    expect(response.status).toBe(401);
  }
  for (const shown of tries) {
    const response = await api(PATH, { address, ...(shown === undefined ? {} : { key: shown }) });
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await problemOf(response)).toMatchObject({ code: "RATE_LIMITED", policy: "anonymous" });
  }
  expect((await api(PATH, { address, key })).status).toBe(200);
  expect((await api("/", { address })).status).not.toBe(429);
});

test("a key without the scope, or an owner without the role for it, is told which scope is asked", async () => {
  const deps = entryDepsOf(env, readConfig(env));
  const enterWith = (key: string, scope: string): Promise<unknown> =>
    enter(deps, {
      shown: { authorization: `Bearer ${key}`, apiKey: undefined },
      address: uniqueAddress(),
      scope,
      policies: ["burst"],
    });
  const narrow = await createTestKey({ scopes: ["scrape"] });
  await expect(enterWith(narrow.key, "scrape")).resolves.toMatchObject({
    principal: {
      ownerId: narrow.ownerId,
      keyId: narrow.keyId,
      sessionId: null,
      role: "user",
      scopes: ["scrape"],
    },
    headers: { "RateLimit-Policy": '"burst";q=100;w=60' },
  });
  const everything = await createTestKey({ scopes: ["*"] });
  for (const [key, scope] of [
    [narrow.key, "chat"],
    [everything.key, "admin"],
  ] as const)
    await expect(enterWith(key, scope)).rejects.toMatchObject({
      code: "INSUFFICIENT_SCOPE",
      status: 403,
      options: {
        headers: {
          "WWW-Authenticate": `Bearer realm="naru", error="insufficient_scope", scope="${scope}"`,
          "RateLimit-Policy": '"burst";q=100;w=60',
        },
      },
    });
  const admin = await createTestKey({ role: "admin" });
  await expect(enterWith(admin.key, "admin")).resolves.toBeDefined();
});

test("a route that names a policy which does not exist, or needs a slot, fails when the server starts", () => {
  expect(() => requireScope("scrape", ["brust"])).toThrow("brust");
  expect(() => requireScope("scrape", ["streams"])).toThrow("streams");
});
