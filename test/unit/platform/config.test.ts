import { describe, expect, test } from "vitest";
import { DEFAULT_POLICIES } from "#limits/core/policy";
import { readConfig } from "#platform/config";

/** One pair for each algorithm, made for this test. */
const SIGNING_KEYS = [
  {
    kty: "OKP",
    crv: "Ed25519",
    d: "tFCYraJS6rTlgBNfx7d4oYpsy5THz6Y0mMcycj75LEg",
    x: "w5r99oCxl4utDesPEyYuII3QjQ_-eyGQWTge4hn67SY",
    kid: "test-1",
  },
  {
    kty: "EC",
    crv: "P-256",
    d: "qb2NIgeBje3LhjDbQLQdB2JTCwtLCS9cQmeu1QBAulo",
    x: "M-IeLimOqOrClA1fGbyGsUMjFRPvwa7tt9HlYul5mus",
    y: "_pO9qHiWF8ZoOao8vGSnPKZ8RiGbeyoqF_LiKPW9PVs",
    kid: "test-ec",
  },
];
const SOUND = {
  ENVIRONMENT: "production",
  SECRET_KEY: "uT4rXq9ZkW2pLm7VbN5cHs8JdF3gYa6E",
  METRICS_TOKEN: "mT7wQz4LxK9vB2nR",
  JWT_SIGNING_KEYS: JSON.stringify(SIGNING_KEYS),
  ENCRYPTION_KEYS: "v1.b1Ez5AwvrhzDq2ipaZiKcCe0-0cdsx0MtZH47sSIqeQ",
};
const issuesOf = (env: Record<string, unknown>): string[] =>
  readConfig(env).issues.map(({ severity, setting }) => `${severity} ${setting}`);

test("sound settings of production have no issue", () => {
  expect(issuesOf(SOUND)).toEqual([]);
});

test.each([
  ["http://intranet.example", false],
  ["intranet.example/path", false],
  ["*.example", false],
  ["a b", false],
  ["intranet.example:port", false],
  ["Intranet.example, 10.0.0.5:8080, [fd00::1]:80, localhost:8787, 나루.example", true],
])("hosts to be scraped, %s: that they are some is %s", (value, isGood) => {
  const found = issuesOf({ ...SOUND, SCRAPE_ALLOW_HOSTS: value });
  expect(found).toEqual(isGood ? [] : ["error SCRAPE_ALLOW_HOSTS"]);
});

test("quotas may be set for every policy that there is, and for another one there is a warning", () => {
  const names = [...Object.keys(DEFAULT_POLICIES), "site"];
  const limits = Object.fromEntries(names.map((name) => [name, null]));
  expect(issuesOf({ ...SOUND, RATE_LIMITS: JSON.stringify(limits) })).toEqual([]);
  expect(issuesOf({ ...SOUND, RATE_LIMITS: '{"chatt":null}' })).toEqual(["warning RATE_LIMITS"]);
});

test.each([
  ["a missing secret", { SECRET_KEY: "" }, "critical SECRET_KEY"],
  ["a short secret", { SECRET_KEY: "x7Rk2" }, "critical SECRET_KEY"],
  ["a repeated character", { SECRET_KEY: "a".repeat(40) }, "critical SECRET_KEY"],
  [
    "a default from a manual",
    { SECRET_KEY: "change-me-0123456789-abcdefghijklm" },
    "critical SECRET_KEY",
  ],
  ["a missing metrics token", { METRICS_TOKEN: "" }, "critical METRICS_TOKEN"],
  ["no encryption key", { ENCRYPTION_KEYS: "" }, "critical ENCRYPTION_KEYS"],
  ["an encryption key that is none", { ENCRYPTION_KEYS: "v1.abc" }, "critical ENCRYPTION_KEYS"],
  ["no signing keys", { JWT_SIGNING_KEYS: "" }, "critical JWT_SIGNING_KEYS"],
  ["signing keys that are none", { JWT_SIGNING_KEYS: "[1]" }, "critical JWT_SIGNING_KEYS"],
  [
    "two signing keys of one kid",
    { JWT_SIGNING_KEYS: JSON.stringify([SIGNING_KEYS[0], SIGNING_KEYS[0]]) },
    "critical JWT_SIGNING_KEYS",
  ],
  ["an unknown registration", { REGISTRATION: "maybe" }, "error REGISTRATION"],
  ["a life of keys that is none", { API_KEY_EXPIRY_DAYS: "0" }, "error API_KEY_EXPIRY_DAYS"],
  ["a page for links without TLS", { RESET_PAGE_URL: "http://a.test/" }, "error RESET_PAGE_URL"],
  ["private addresses allowed", { SCRAPE_ALLOW_PRIVATE: "1" }, "critical SCRAPE_ALLOW_PRIVATE"],
  ["a demo key", { DEMO_API_KEY: "nr_dev_x" }, "warning DEMO_API_KEY"],
  ["every origin allowed", { CORS_ORIGINS: "*" }, "warning CORS_ORIGINS"],
  ["an origin that is none", { CORS_ORIGINS: "app.test" }, "error CORS_ORIGINS"],
  ["limits that are no JSON", { RATE_LIMITS: "{" }, "error RATE_LIMITS"],
  ["a number that is none", { TASK_SHARDS: "many" }, "error TASK_SHARDS"],
  ["an unknown provider", { AI_PROVIDER: "magic" }, "error AI_PROVIDER"],
])("in production, %s is told", (_what, settings, issue) => {
  expect(issuesOf({ ...SOUND, ...settings })).toEqual([issue]);
});

test("what is critical in production is served in development, and told", () => {
  const config = readConfig({ ...SOUND, ENVIRONMENT: "development", SECRET_KEY: "" });
  expect(config.issues).toMatchObject([{ severity: "error", setting: "SECRET_KEY" }]);
});

test("no issue repeats a value", () => {
  const config = readConfig({
    ...SOUND,
    SECRET_KEY: "hunter2",
    CORS_ORIGINS: "hunter2",
    RATE_LIMITS: "hunter2",
    TASK_SHARDS: "hunter2",
    AI_PROVIDER: "hunter2",
    LOG_LEVEL: "hunter2",
    ENCRYPTION_KEYS: "hunter2",
    JWT_SIGNING_KEYS: "hunter2",
    REGISTRATION: "hunter2",
    API_KEY_EXPIRY_DAYS: "hunter2",
  });
  expect(config.issues.length).toBeGreaterThan(5);
  expect(JSON.stringify(config.issues)).not.toContain("hunter2");
});

test("production ignores what is for development only", () => {
  const config = readConfig({ ...SOUND, SCRAPE_ALLOW_PRIVATE: "1", DEMO_API_KEY: "nr_dev_x" });
  expect([config.scrapeAllowPrivate, config.demoApiKey]).toEqual([false, ""]);
});

describe("origins", () => {
  test.each([
    ["https://app.test", ["https://app.test"]],
    ["https://App.Test/", ["https://app.test"]],
    ["http://localhost:3000, https://app.test", ["http://localhost:3000", "https://app.test"]],
    ["https://app.test/path", []],
    ["null", []],
    ["file:///x", []],
    ["", []],
  ])("%j means %j", (text, origins) => {
    expect(readConfig({ CORS_ORIGINS: text }).corsOrigins).toEqual(origins);
  });
});

describe("limits under the names of other servers", () => {
  test.each([
    [
      { RATE_LIMIT_REQUESTS: "100", RATE_LIMIT_PERIOD: "60" },
      { client: { limit: 100, window: 60 } },
    ],
    [{ DEFAULT_RATE_LIMIT: "500" }, { client: { limit: 500, window: 3600 } }],
    [
      { RATE_LIMIT_REQUESTS: "7", RATE_LIMIT_WINDOW_MINUTES: "2" },
      { client: { limit: 7, window: 120 } },
    ],
    [
      { RATE_LIMIT_REQUESTS: "7", RATE_LIMITS: '{"client":{"limit":9,"window":1}}' },
      { client: { limit: 9, window: 1 } },
    ],
    [
      { RATE_LIMITS: '{"burst":null,"streams":{"concurrent":3}}' },
      { burst: null, streams: { concurrent: 3 } },
    ],
  ])("%j means %j", (settings, limits) => {
    expect(readConfig(settings).rateLimits).toEqual(limits);
  });

  test.each([
    '{"client":{"limit":10}}',
    '{"client":{"window":10}}',
    '{"client":{"limit":0,"window":1}}',
    '{"client":{"limit":1,"window":1,"extra":1}}',
    '{"UPPER":null}',
    "[]",
    "5",
  ])("%s is refused whole and the defaults stay", (text) => {
    const config = readConfig({ RATE_LIMITS: text });
    expect(config.rateLimits).toEqual({});
    expect(config.issues.map(({ setting }) => setting)).toContain("RATE_LIMITS");
  });

  test("RATE_LIMIT_ENABLED=0 switches every policy off", () => {
    const limits = readConfig({ RATE_LIMIT_ENABLED: "0" }).rateLimits;
    expect(Object.values(limits).every((rule) => rule === null)).toBe(true);
    expect(Object.keys(limits)).toContain("client");
  });
});
