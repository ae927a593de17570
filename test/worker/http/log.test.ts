import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "#platform/errors";
import { probe, put } from "../../support/http-app";
import type { ProbeOptions } from "../../support/http-app";

const lines: string[] = [];
const keep = (line: unknown): void => {
  lines.push(String(line));
};
beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, "log").mockImplementation(keep);
  vi.spyOn(console, "warn").mockImplementation(keep);
  vi.spyOn(console, "error").mockImplementation(keep);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const settings = { LOG_LEVEL: "info" };
const line = (): Record<string, unknown> => {
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? "") as Record<string, unknown>;
};

test("a request leaves exactly one line, which names its route and not its path", async () => {
  const response = await probe({ settings }).fetch("/probe/items/i77?length=3", {
    headers: { "X-Request-Id": "mine" },
  });
  expect(response.status).toBe(200);
  expect(line()).toMatchObject({
    level: "info",
    event: "request",
    request_id: "mine",
    trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    method: "GET",
    route: "/probe/items/:id",
    status: 200,
    duration_ms: expect.any(Number),
  });
  expect(lines[0]).not.toContain("i77");
});

test("no credential reaches the line, wherever it was put", async () => {
  const secret = "nr_dev_0123456789abcdef";
  await probe({ settings }).fetch(`/probe/items/i1?token=${secret}`, {
    ...put(JSON.stringify({ password: secret })),
    headers: { Authorization: `Bearer ${secret}`, "X-API-Key": secret, Cookie: `a=${secret}` },
  });
  expect(line()).toMatchObject({ status: 400, error_code: "CREDENTIAL_IN_URL" });
  expect(lines[0]).not.toContain("0123456789");
});

test("a refusal leaves its code, a failure what it was, on the one line", async () => {
  await probe({ settings, thrown: new ApiError("CONFLICT", { internal: "row 7" }) }).fetch(
    "/probe/fail",
    { method: "POST" },
  );
  expect(line()).toMatchObject({ level: "info", error_code: "CONFLICT", error_internal: "row 7" });
  lines.length = 0;
  await probe({ settings, thrown: new TypeError("boom") }).fetch("/probe/fail", { method: "POST" });
  expect(line()).toMatchObject({
    level: "error",
    status: 500,
    error_code: "INTERNAL",
    error_name: "TypeError",
    error_message: "boom",
  });
});

test("what no route took is one series, not one for each path", async () => {
  await probe({ settings }).fetch("/some/random/path");
  expect(line()).toMatchObject({ route: "unmatched", status: 404 });
});

test("the caller's trace goes on in the log", async () => {
  await probe({ settings }).fetch("/probe/raw", {
    headers: { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
  });
  expect(line()).toMatchObject({ trace_id: "0af7651916cd43dd8448eb211c80319c" });
});

test.each([
  ["slow where it took longer than the settings bear", 1_001, undefined, "warn", true],
  ["not slow at the bound itself", 1_000, undefined, "info", undefined],
  ["not slow for what its caller asked to wait for", 60_000, 59_500, "info", undefined],
  ["slow for what it took beside that", 60_000, 58_500, "warn", true],
])("a request is %s", async (_name, tookMs, waitedMs, level, slow) => {
  const startedAtMs = Date.now();
  const clock = vi.spyOn(Date, "now").mockReturnValue(startedAtMs);
  const answer = (c: Parameters<NonNullable<ProbeOptions["answer"]>>[0]) => {
    clock.mockReturnValue(startedAtMs + tookMs);
    c.set("waitedMs", waitedMs);
    return c.text("late");
  };
  await probe({ settings, answer }).fetch("/probe/raw");
  const told = line();
  expect([told["level"], told["slow"], told["duration_ms"]]).toEqual([level, slow, tookMs]);
});

test("a route whose path another one would take for an id is named by its own template", async () => {
  await probe({ settings }).fetch("/api/v1/tasks/stats");
  expect(line()).toMatchObject({ route: "/api/v1/tasks/stats", status: 401 });
});
