import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serverEnv, setUp } from "../../scripts/setup";
import { until } from "../support/server";

const ROOT = join(import.meta.dirname, "..", "..");
const ORIGIN = "http://localhost:18841";
let child: ChildProcess;
let statePath: string;
let key: string;

beforeAll(async () => {
  statePath = mkdtempSync(join(tmpdir(), "naru-e2e-"));
  key = (await setUp(statePath)).vars["DEMO_API_KEY"] ?? "";
  child = spawn(
    "wrangler",
    [
      "dev",
      "--config=wrangler.toml",
      "--config=wrangler.tools.toml",
      "--port=18841",
      `--persist-to=${statePath}`,
      "--log-level=error",
      "--show-interactive-dev-session=false",
    ],
    {
      cwd: ROOT,
      env: { ...process.env, ...serverEnv(statePath) },
      stdio: "ignore",
      detached: true,
    },
  );
  await until(async () => (await fetch(`${ORIGIN}/health/live`).catch(() => null))?.ok);
});
afterAll(() => {
  if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  rmSync(statePath, { recursive: true, force: true, maxRetries: 5 });
});

test("with no consumer the wait ends in a 408 that says that nothing has claimed the task", async () => {
  const answer = await fetch(`${ORIGIN}/api/v1/tasks`, {
    method: "POST",
    headers: {
      "X-API-Key": key,
      "Content-Type": "application/json",
      Prefer: "wait=1",
      "Accept-Language": "en",
    },
    body: JSON.stringify({ kind: "echo", input: {} }),
  });
  const problem = (await answer.json()) as Record<string, unknown>;
  expect(answer.status).toBe(408);
  expect(problem).toMatchObject({ code: "WAIT_TIMED_OUT", claimed: false, last_claim_at: null });
  expect(answer.headers.get("Location")).toBe(`/api/v1/tasks/${String(problem["task_id"])}`);
  expect(Number(answer.headers.get("Retry-After"))).toBeGreaterThan(0);
  const task = await fetch(ORIGIN + (answer.headers.get("Location") ?? ""), {
    headers: { "X-API-Key": key },
  });
  expect(await task.json()).toMatchObject({ status: "queued" });
});
