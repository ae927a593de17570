import { describe, expect, test } from "vitest";
import { checkConfigs } from "../../../scripts/config-files.ts";
import type { Configs, EnvironmentConfig, WorkerConfig } from "../../../scripts/config-files.ts";
import {
  checkBudget,
  checkLocal,
  checkProductionSettings,
  describeFaults,
  isRefused,
} from "../../../scripts/doctor-checks.ts";
import { readConfigs } from "../../../scripts/read-configs.ts";
import type { LocalFacts, ProductionFacts } from "../../../scripts/doctor-checks.ts";

const GOOD_SETTINGS = {
  SECRET_KEY: "uT4rXq9ZkW2pLm7VbN5cHs8JdF3gYa6E",
  METRICS_TOKEN: "mT7wQz4LxK9vB2nR",
  ENCRYPTION_KEYS: "v1.b1Ez5AwvrhzDq2ipaZiKcCe0-0cdsx0MtZH47sSIqeQ",
  JWT_SIGNING_KEYS: JSON.stringify([
    {
      kty: "OKP",
      crv: "Ed25519",
      d: "tFCYraJS6rTlgBNfx7d4oYpsy5THz6Y0mMcycj75LEg",
      x: "w5r99oCxl4utDesPEyYuII3QjQ_-eyGQWTge4hn67SY",
      kid: "test-1",
    },
  ]),
};
const WELL: LocalFacts = {
  nodeVersion: "v24.21.0",
  wrongPackages: [],
  workerdFault: null,
  takenPorts: [],
  secretsFileMode: 0o100600,
  hasPendingMigrations: false,
  settings: GOOD_SETTINGS,
  ownSettings: Object.keys(GOOD_SETTINGS),
  declaredSettings: ["CACHE_TTL", "OF_A_CONSUMER"],
};
const codes = (faults: readonly { readonly code: string }[]): string[] =>
  faults.map(({ code }) => code);

describe("a checkout", () => {
  test("where everything is as it has to be has no fault", () => {
    expect(checkLocal(WELL)).toEqual([]);
  });

  test.each([
    ["CACHE_TTLL", "CACHE_TTL"],
    ["RATE_LIMIT", "RATE_LIMITS"],
    ["log-level", "LOG_LEVEL"],
    ["AI_PROVIDOR", "AI_PROVIDER"],
  ])("is told that nothing reads %s, and that %s may be meant", (name, meant) => {
    const [fault, ...more] = checkLocal({ ...WELL, ownSettings: [...WELL.ownSettings, name] });
    expect(more).toEqual([]);
    expect(fault).toMatchObject({ code: "SETTING_UNKNOWN", severity: "warning" });
    expect(fault?.message).toContain(name);
    expect(fault?.fix).toContain(`Write ${meant} `);
  });

  test("is told of a setting that is like none, and not of those of tools and of other Workers", () => {
    const ownSettings = [
      "FAVOURITE_COLOUR",
      "CLOUDFLARE_API_TOKEN",
      "OF_A_CONSUMER",
      "JWT_SECRET_KEY",
    ];
    expect(checkLocal({ ...WELL, ownSettings }).map(({ message }) => message)).toEqual([
      ".dev.vars sets FAVOURITE_COLOUR, which nothing reads.",
    ]);
  });

  test.each<[string, Partial<LocalFacts>, string, boolean]>([
    ["an old Node", { nodeVersion: "v20.20.2" }, "NODE_TOO_OLD", true],
    ["a package missing", { wrongPackages: ["hono"] }, "MODULES_INCOMPLETE", true],
    ["a runtime that fails", { workerdFault: "GLIBC_2.35 not found" }, "WORKERD_FAILS", true],
    ["the port in use", { takenPorts: [8787] }, "PORT_TAKEN", false],
    ["no secrets yet", { secretsFileMode: null, settings: {} }, "SECRETS_FILE_MISSING", false],
    ["secrets for all to read", { secretsFileMode: 0o100644 }, "SECRETS_FILE_READABLE", false],
    ["a migration to apply", { hasPendingMigrations: true }, "MIGRATIONS_PENDING", false],
    [
      "a weak secret",
      { settings: { ...GOOD_SETTINGS, SECRET_KEY: "changeme" } },
      "SECRET_KEY_INVALID",
      false,
    ],
  ])("with %s is told so, and what to do", (_case, changes, code, keepsFromRunning) => {
    const faults = checkLocal({ ...WELL, ...changes });
    expect(codes(faults)).toEqual([code]);
    expect(faults[0]?.fix).toMatch(/`|\.$/);
    expect(isRefused(faults, false)).toBe(keepsFromRunning);
  });
});

describe("production", () => {
  const FACTS: ProductionFacts = {
    vars: {
      ENVIRONMENT: "production",
      PUBLIC_URL: "https://api.example.com",
      AI_PROVIDER: "workers-ai",
      AI_MODEL: "@cf/meta/llama-3.1-8b-instruct",
    },
    requiredSecrets: ["SECRET_KEY", "METRICS_TOKEN", "JWT_SIGNING_KEYS", "ENCRYPTION_KEYS"],
    hasAi: true,
    deployedSecrets: ["SECRET_KEY", "METRICS_TOKEN", "JWT_SIGNING_KEYS", "ENCRYPTION_KEYS"],
    pendingMigrations: [],
  };
  test("with good settings has no fault, also where nobody could look at its secrets", () => {
    expect(checkProductionSettings(FACTS)).toEqual([]);
    const unseen = { ...FACTS, deployedSecrets: null, pendingMigrations: null };
    expect(checkProductionSettings(unseen)).toEqual([]);
  });

  test.each<[string, Partial<ProductionFacts>, string, boolean]>([
    ["a secret is missing", { deployedSecrets: ["SECRET_KEY"] }, "METRICS_TOKEN_MISSING", true],
    [
      "private hosts are open",
      { vars: { ...FACTS.vars, SCRAPE_ALLOW_PRIVATE: "1" } },
      "SCRAPE_ALLOW_PRIVATE_INVALID",
      true,
    ],
    [
      "a model's key is missing",
      {
        vars: {
          ...FACTS.vars,
          AI_PROVIDER: "openai",
          AI_MODEL: "m",
          AI_MODEL_ENDPOINT: "https://models.example.com/v1",
        },
      },
      "AI_MODEL_API_KEY_MISSING",
      true,
    ],
    [
      "it calls itself development",
      { vars: { ...FACTS.vars, ENVIRONMENT: "development" } },
      "ENVIRONMENT_NOT_PRODUCTION",
      false,
    ],
    ["it logs too much", { vars: { ...FACTS.vars, DEBUG: "1" } }, "LOGS_TOO_MUCH", false],
    [
      "nobody said where it is",
      { vars: { ...FACTS.vars, PUBLIC_URL: "" } },
      "PUBLIC_URL_UNSET",
      false,
    ],
    [
      "a migration waits",
      { pendingMigrations: ["0012_x.sql"] },
      "PRODUCTION_MIGRATIONS_PENDING",
      false,
    ],
  ])("where %s is told of", (_case, changes, code, isFatal) => {
    const faults = checkProductionSettings({ ...FACTS, ...changes });
    expect(codes(faults)).toContain(code);
    expect(isRefused(faults, true)).toBe(isFatal);
  });
});

describe("the three configurations", () => {
  const real = readConfigs();
  const DATE = "2026-10-23";
  const edit = (
    change: (naru: WorkerConfig & { env: { production: EnvironmentConfig } }) => object,
    name: keyof Configs = "naru",
  ): Configs => {
    const config = structuredClone(real[name]) as Parameters<typeof change>[0];
    return { ...real, [name]: { ...config, ...change(config) } };
  };
  const production = (
    change: (config: EnvironmentConfig) => object,
    name: keyof Configs = "naru",
  ): Configs =>
    edit(
      ({ env }) => ({ env: { production: { ...env.production, ...change(env.production) } } }),
      name,
    );

  test("of this checkout agree with each other", () => {
    expect(checkConfigs(real, DATE)).toEqual([]);
  });

  test.each<[string, Configs, string]>([
    [
      "production lacks a queue",
      production(({ queues }) => ({ queues: { producers: queues?.producers?.slice(1) } })),
      "PRODUCTION_INCOMPLETE",
    ],
    [
      "production lacks an object",
      production(({ durable_objects: objects }) => ({
        durable_objects: { bindings: objects?.bindings.slice(1) },
      })),
      "PRODUCTION_INCOMPLETE",
    ],
    [
      "a queue's consumer has other settings in production",
      production(
        ({ queues }) => ({
          queues: { consumers: queues?.consumers?.map((one) => ({ ...one, max_retries: 1 })) },
        }),
        "naru-consumer",
      ),
      "PRODUCTION_INCOMPLETE",
    ],
    [
      "production has what development never ran",
      production(({ vars }) => ({ vars: { ...vars, NEW_SWITCH: "1" } })),
      "DEVELOPMENT_INCOMPLETE",
    ],
    [
      "two Workers have another number of shards",
      production(({ vars }) => ({ vars: { ...vars, TASK_SHARDS: "64" } })),
      "WORKERS_DISAGREE",
    ],
    [
      "production has development's database",
      production(({ d1_databases: databases }) => ({
        d1_databases: databases?.map((one) => ({
          ...one,
          database_id: "00000000-0000-0000-0000-000000000000",
        })),
      })),
      "PLACEHOLDER_ID",
    ],
    [
      "a queue has no consumer",
      edit(
        ({ queues }) => ({ queues: { consumers: queues?.consumers?.slice(1) } }),
        "naru-consumer",
      ),
      "QUEUE_WITHOUT_CONSUMER",
    ],
    [
      "a dead-letter queue is nobody's",
      edit(
        ({ queues }) => ({
          queues: { consumers: queues?.consumers?.filter(({ queue }) => queue !== "tasks-dead") },
        }),
        "naru-consumer",
      ),
      "QUEUE_WITHOUT_CONSUMER",
    ],
    [
      "a service is none of ours",
      edit(({ services }) => ({
        services: services?.map((one) => ({ ...one, service: "naru-tool" })),
      })),
      "SERVICE_UNKNOWN",
    ],
    [
      "an exported object is bound nowhere",
      edit(({ exports }) => ({ exports: { ...exports, Lighthouse: {} } })),
      "OBJECT_UNBOUND",
    ],
    [
      "one has another compatibility date",
      edit(() => ({ compatibility_date: "2026-10-01" })),
      "COMPATIBILITY_DATES_DIFFER",
    ],
    [
      "a date is newer than the runtime",
      edit(() => ({ compatibility_date: "2027-01-01" })),
      "COMPATIBILITY_DATE_TOO_NEW",
    ],
    ["there is no production", edit(() => ({ env: {} })), "PRODUCTION_MISSING"],
  ])("where %s are told to be faulty", (_case, configs, code) => {
    const faults = checkConfigs(configs, DATE);
    expect(codes(faults)).toContain(code);
    for (const { fix } of faults) expect(fix).toMatch(/\.$/);
  });

  test("that lack a variable or an object class are told which", () => {
    const { TASK_SHARDS: _gone, ...vars } = real.naru.env?.["production"]?.vars ?? {};
    const [lacking] = checkConfigs(
      production(() => ({ vars })),
      DATE,
    );
    expect(lacking?.message).toContain("TASK_SHARDS");
    const { TaskShard: _class, ...exports } = real.naru.exports ?? {};
    const unknown = checkConfigs(
      edit(() => ({ exports })),
      DATE,
    );
    // In the API, and in the consumer that reaches it there.
    expect(codes(unknown)).toEqual(["OBJECT_UNKNOWN", "OBJECT_UNKNOWN"]);
  });
});

test.each([
  [90, null],
  [98, "NEAR_BUDGET"],
  [100, "NEAR_BUDGET"],
  [101, "OVER_BUDGET"],
  [Number.NaN, "OVER_BUDGET"],
])("a measure of %d against a budget of 100 is %s", (value, code) => {
  expect(checkBudget("It", value, 100)?.code ?? null).toBe(code);
});

test("the worst is told first, with its way out below", () => {
  const text = describeFaults([
    { code: "B", severity: "warning", message: "b.", fix: "Do b." },
    { code: "A", severity: "critical", message: "a.", fix: "Do a." },
  ]);
  expect(text).toBe("✗ critical A: a.\n  → Do a.\n! warning B: b.\n  → Do b.");
});
