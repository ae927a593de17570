import { expect, test } from "vitest";
import { COMPONENTS, databaseUsage, overallStatus, reportSettings } from "#system/core/health";
import type { ComponentName, Components, HealthStatus } from "#system/core/health";

const withFailing = (...names: ComponentName[]): Components =>
  Object.fromEntries(
    COMPONENTS.map((name) => [
      name,
      { status: names.includes(name) ? "unhealthy" : "healthy", latency_ms: 1 },
    ]),
  ) as Record<ComponentName, { status: HealthStatus; latency_ms: number }>;

test.each([
  [[], "healthy"],
  [["cache"], "degraded"],
  [["queue"], "degraded"],
  [["ai_model"], "degraded"],
  [["cache", "queue", "ai_model"], "degraded"],
  [["database"], "unhealthy"],
  [["durable_objects"], "unhealthy"],
  [["cache", "database"], "unhealthy"],
] as [ComponentName[], HealthStatus][])("with %j failing the whole is %s", (names, status) => {
  expect(overallStatus(withFailing(...names), [])).toBe(status);
});

test.each([
  [["warning"], "healthy"],
  [["error"], "degraded"],
  [["warning", "error"], "degraded"],
  [["critical", "error"], "unhealthy"],
] as const)("with all parts well and settings of %j the whole is %s", (severities, status) => {
  const issues = severities.map((severity) => ({ severity, setting: "A", message: "is odd" }));
  expect(overallStatus(withFailing(), issues)).toBe(status);
});

test("settings are valid until one is wrong; a warning leaves them valid", () => {
  expect(reportSettings([]).status).toBe("valid");
  expect(reportSettings([{ severity: "warning", setting: "A", message: "is odd" }])).toEqual({
    status: "valid",
    issues: { critical: [], errors: [], warnings: ["A is odd"] },
    faults: [
      {
        code: "A_QUESTIONABLE",
        severity: "warning",
        message: "A is odd",
        fix: expect.stringContaining("A"),
      },
    ],
  });
  expect(reportSettings([{ severity: "error", setting: "A", message: "x" }]).status).toBe(
    "invalid",
  );
});

test.each([
  [0, 0],
  [1024 ** 3, 10],
  [10 * 1024 ** 3, 100],
  [1_234_567, 0.01],
])("%i bytes are %f percent of the database", (bytes, percent) => {
  expect(databaseUsage(bytes)).toBe(percent);
});
