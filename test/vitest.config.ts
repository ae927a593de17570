import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./support/longest-first.ts";

const migrations = await readD1Migrations("src/history/migrations");

/** Random enough for tests and fixed, so that a failing run repeats. */
export const TEST_SECRET_KEY = "uT4rXq9ZkW2pLm7VbN5cHs8JdF3gYa6E";

/** The first signs; the others stand for keys of earlier days. Made for tests, and in use nowhere else. */
export const TEST_SIGNING_KEYS = JSON.stringify([
  {
    kty: "OKP",
    crv: "Ed25519",
    d: "tFCYraJS6rTlgBNfx7d4oYpsy5THz6Y0mMcycj75LEg",
    x: "w5r99oCxl4utDesPEyYuII3QjQ_-eyGQWTge4hn67SY",
    kid: "test-1",
  },
  {
    kty: "OKP",
    crv: "Ed25519",
    d: "Hj0JXwmGzfqnwBG-NGWtJhVGUbB6vYOwp0fQdLhSZ64",
    x: "Q3HBUWveKOeQ855_pcVcVEUwy_u8d65PhYLGaKUGfDQ",
    kid: "test-0",
  },
  {
    kty: "EC",
    crv: "P-256",
    d: "qb2NIgeBje3LhjDbQLQdB2JTCwtLCS9cQmeu1QBAulo",
    x: "M-IeLimOqOrClA1fGbyGsUMjFRPvwa7tt9HlYul5mus",
    y: "_pO9qHiWF8ZoOao8vGSnPKZ8RiGbeyoqF_LiKPW9PVs",
    kid: "test-ec",
  },
]);

const RULE_OPTIONS = join(import.meta.dirname, "..", "src", "code", "rule-options.cjs");

/** Bundled before the tests, as wrangler's build does: they are hundreds of small files. */
const CODE_TOOLS = [
  "eslint/universal",
  "eslint-plugin-security",
  "eslint-plugin-no-unsanitized/lib/rules/method.js",
  "eslint-plugin-no-unsanitized/lib/rules/property.js",
  "@babel/parser",
  "@typescript-eslint/scope-manager",
  "@typescript-eslint/visitor-keys",
];

export default defineConfig({
  test: {
    // A request logs a line; only those of a failing test tell anything here.
    silent: "passed-only",
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          testTimeout: 30_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
          setupFiles: ["test/support/setup-properties.ts"],
          include: ["test/unit/**/*.test.ts"],
          environment: "node",
          // ESM in files that its package.json does not call ESM: bundled first, as wrangler's build does.
          deps: { optimizer: { ssr: { enabled: true, include: ["itty-durable"] } } },
        },
      },
      {
        plugins: [
          cloudflareTest({
            // One Worker holds all three entries, so that every line runs in workerd under test.
            main: "test/support/worker.ts",
            wrangler: { configPath: "wrangler.toml" },
            miniflare: {
              bindings: {
                TEST_MIGRATIONS: migrations,
                SECRET_KEY: TEST_SECRET_KEY,
                METRICS_TOKEN: "mT7wQz4LxK9vB2nR",
                JWT_SIGNING_KEYS: TEST_SIGNING_KEYS,
                // Whatever a checkout's own .dev.vars says.
                ADMIN_EMAIL: "",
                ADMIN_PASSWORD: "",
                ENCRYPTION_KEYS: "v1.b1Ez5AwvrhzDq2ipaZiKcCe0-0cdsx0MtZH47sSIqeQ",
                RUNNER_SLOTS: "8",
                WORKER_KINDS: JSON.stringify({
                  ocr: { title: "Reads images", pool: "vision" },
                  faces: { scope: "scrape", pool: "vision" },
                  speech: {},
                  scrape: { alone: false },
                }),
              },
              serviceBindings: { TOOLS: { name: "naru", entrypoint: "Tools" } },
              durableObjects: { RUNNER: { className: "Runner", useSQLite: true } },
              queueProducers: {
                TASKS_FAST: "tasks-fast",
                TASKS_SLOW: "tasks-slow",
                WEBHOOKS: "webhooks",
              },
              queueConsumers: {
                "tasks-fast": {
                  maxBatchSize: 100,
                  maxBatchTimeout: 0,
                  maxRetries: 2,
                  deadLetterQueue: "tasks-dead",
                },
                "tasks-slow": {
                  maxBatchSize: 100,
                  maxBatchTimeout: 0,
                  maxRetries: 2,
                  deadLetterQueue: "tasks-dead",
                },
                "tasks-dead": { maxBatchSize: 100, maxBatchTimeout: 0, maxRetries: 2 },
                webhooks: { maxBatchSize: 50, maxBatchTimeout: 0, maxRetries: 2 },
              },
            },
          }),
        ],
        // As `[alias]` in wrangler.tools.toml has it.
        resolve: {
          alias: [
            { find: /^ajv$/, replacement: RULE_OPTIONS },
            // The optimizer would take the package's ES module, whose only export ESLint's `require` does not look at.
            {
              find: /^esquery$/,
              replacement: fileURLToPath(import.meta.resolve("esquery/dist/esquery.min.js")),
            },
          ],
        },
        test: {
          name: "worker",
          testTimeout: 30_000,
          // One runtime for all files; with more, each file would start its own.
          maxWorkers: 1,
          include: ["test/worker/**/*.test.ts", "test/contract/**/*.test.ts"],
          setupFiles: ["test/support/setup-properties.ts", "test/support/setup-worker.ts"],
          globalSetup: ["test/support/canary.ts"],
          isolate: false,
          deps: {
            optimizer: {
              ssr: {
                enabled: true,
                include: ["itty-durable", ...CODE_TOOLS],
                rolldownOptions: { external: [/^node:/] },
              },
            },
          },
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          environment: "node",
          // `npm test` runs it beside the other two projects: one server at once leaves them a core.
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
