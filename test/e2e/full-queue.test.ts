import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "#platform/ids";
import { startRuntime } from "../support/runtime";
import type { Runtime } from "../support/runtime";
import { until } from "../support/server";

/** What the local queue holds at most; one more message makes it refuse. */
const QUEUE_CAPACITY = 10_000;
const BATCH = 100;

let runtime: Runtime;

beforeAll(async () => {
  runtime = await startRuntime({
    LOG_LEVEL: "error",
    RATE_LIMITS: JSON.stringify({ burst: null, client: null }),
  });
});
afterAll(() => runtime.stop());

const call = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(runtime.origin + path, {
    ...init,
    headers: { "X-API-Key": runtime.demoKey, ...(init.headers as Record<string, string>) },
  });

test("a full queue loses no accepted task: each is kept and runs when there is room again", async () => {
  const queue = await runtime.miniflare.getQueueProducer("TASKS_FAST", "naru");
  const wakeUps = Array.from({ length: BATCH }, () => ({
    // A wake-up for a task that is not there is dropped when its time comes.
    body: { v: 1, task_id: newId("task", 0, "000") },
  }));
  for (let sent = 0; sent < QUEUE_CAPACITY; sent += BATCH)
    await queue.sendBatch(wakeUps, { delaySeconds: 5 });
  await expect(
    queue.send({ v: 1, task_id: newId("task", 0, "000") }, { delaySeconds: 5 }),
  ).rejects.toThrow();

  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      call("/api/v1/tasks", {
        method: "POST",
        headers: { "Content-Type": "application/json", Prefer: "respond-async" },
        body: JSON.stringify({ kind: "echo", input: { n } }),
      }),
    ),
  );
  expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 202));
  for (const [n, answer] of answers.entries()) {
    const location = answer.headers.get("Location") ?? "";
    const ended = await until(async () => {
      const task = await (await call(location)).json<{ status: string; data: unknown }>();
      return task.status === "completed" && task;
    });
    expect(ended).toMatchObject({ data: { n }, attempts: 1 });
  }
});
