import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readConfig } from "#platform/config";
import { faultOf, faultsOf } from "#platform/setting-checks";

test("every fault of the settings has a code, and a way out that names the setting or a command", () => {
  const { issues } = readConfig({
    ENVIRONMENT: "production",
    SECRET_KEY: "change-me",
    JWT_SIGNING_KEYS: "{}",
    SCRAPE_ALLOW_PRIVATE: "1",
    DEMO_API_KEY: "x",
    CORS_ORIGINS: "*,example.com",
    PUBLIC_URL: "http://plain.example.com",
    RESET_PAGE_URL: "ftp://example.com",
    RATE_LIMITS: "many",
    OAUTH_PROVIDERS: "{",
    WORKER_KINDS: "[",
    AI_PROVIDER: "openai",
    AI_PRICES: "cheap",
    TASK_SHARDS: "0",
    LOG_LEVEL: "loud",
  });
  const faults = faultsOf(issues);
  expect(faults.length).toBeGreaterThan(12);
  for (const fault of faults) {
    expect(fault.code).toMatch(/^[A-Z0-9_]+_(?:MISSING|INVALID|QUESTIONABLE)$/);
    const setting = fault.code.replace(/_(?:MISSING|INVALID|QUESTIONABLE)$/, "");
    expect(fault.fix.includes(setting) || fault.fix.includes("npm ")).toBe(true);
    expect(fault.fix).toMatch(/\.$/);
  }
  expect(faults.filter(({ severity }) => severity === "critical").map(({ code }) => code)).toEqual(
    expect.arrayContaining([
      "SECRET_KEY_INVALID",
      "METRICS_TOKEN_MISSING",
      "ENCRYPTION_KEYS_MISSING",
    ]),
  );
});

test("no fault tells a value", () => {
  const { issues } = readConfig({ SECRET_KEY: "s3cr3t-value", RATE_LIMITS: "s3cr3t-limits" });
  expect(JSON.stringify(faultsOf(issues))).not.toContain("s3cr3t");
});

test("the same fault is told once, and one without a text of its own says where settings stand", () => {
  const issue = { severity: "error", setting: "MAX_WAIT", message: "is odd" } as const;
  expect(faultsOf([issue, issue])).toEqual([faultOf(issue)]);
  expect(faultOf(issue).fix).toContain("MAX_WAIT");
});

test("no setting is told of in a text of its own that no code reads", () => {
  const folder = join(import.meta.dirname, "..", "..", "..", "src", "platform");
  const own = readFileSync(join(folder, "setting-checks.ts"), "utf8");
  const others = readdirSync(folder)
    .filter((file) => file !== "setting-checks.ts")
    .map((file) => readFileSync(join(folder, file), "utf8"))
    .join("\n");
  for (const [, name = ""] of own.matchAll(/^ {2}([A-Z][A-Z_]+):/gm))
    expect(others, name).toContain(`"${name}"`);
});
