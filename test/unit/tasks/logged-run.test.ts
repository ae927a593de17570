import { expect, test } from "vitest";
import { createLogger } from "#platform/log";
import { inTask, runLogged } from "#tasks/core/logged-run";
import type { RunOutcome } from "#tasks/core/run";
import type { Assignment, RunPorts } from "#tasks/core/run-task";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SECRET = "nr_dev_hunter2hunter2";
const ASSIGNMENT: Assignment = {
  taskId: "task_1",
  fence: 1,
  attempt: 2,
  ownerId: "usr_1",
  kind: "echo",
  lane: "fast",
  inputJson: JSON.stringify({ password: SECRET }),
  timeoutMs: 1_000,
  deadlineMs: 1_000,
  traceparent: `00-${TRACE}-b7ad6b7169203331-01`,
  consumerId: "consumer-1",
};

async function linesOf(
  executor: () => Promise<RunOutcome>,
  ports: Partial<RunPorts> = {},
): Promise<Record<string, unknown>[]> {
  const lines: string[] = [];
  const log = createLogger("info", (line) => lines.push(line));
  let nowMs = 0;
  const all: RunPorts = {
    now: () => (nowMs += 5),
    startTimer: () => () => undefined,
    heartbeat: async () => "go",
    onFault: () => undefined,
    ...ports,
  };
  await inTask(ASSIGNMENT, () => runLogged(ASSIGNMENT, { echo: executor }, all, log));
  expect(lines.join("\n")).not.toContain("hunter2");
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const never = (): Promise<RunOutcome> => new Promise(() => undefined);

test.each<[string, () => Promise<RunOutcome>, Partial<RunPorts>, object]>([
  [
    "completed",
    async () => ({ status: "completed", data: { said: SECRET } }),
    {},
    { outcome: "completed" },
  ],
  [
    "failed",
    async () => ({
      status: "failed",
      code: "TARGET_STATUS",
      params: { host: SECRET },
      retryable: true,
    }),
    {},
    { outcome: "failed", error_code: "TARGET_STATUS", is_retryable: true },
  ],
  [
    "deferred",
    async () => ({ status: "deferred", notBeforeMs: 9, code: "SITE_BUSY" }),
    {},
    { outcome: "deferred", error_code: "SITE_BUSY" },
  ],
  [
    "thrown out of its executor",
    async () => {
      throw new Error(SECRET);
    },
    {},
    { outcome: "failed", error_code: "INTERNAL", is_retryable: true },
  ],
  [
    "overrun",
    never,
    {
      startTimer: (ms, ring) => {
        if (ms === ASSIGNMENT.timeoutMs) queueMicrotask(ring);
        return () => undefined;
      },
    },
    { outcome: "timed_out" },
  ],
  [
    "taken away",
    never,
    {
      startTimer: (ms, ring) => {
        if (ms !== ASSIGNMENT.timeoutMs) queueMicrotask(ring);
        return () => undefined;
      },
      heartbeat: async () => "lost",
    },
    { outcome: "revoked" },
  ],
])(
  "a run that is %s leaves exactly one line, of its task and its trace",
  async (_how, executor, ports, told) => {
    expect(await linesOf(executor, ports)).toEqual([
      {
        timestamp: expect.any(String) as string,
        level: "info",
        event: "task.run",
        task_id: "task_1",
        trace_id: TRACE,
        kind: "echo",
        attempt: 2,
        lane: "fast",
        duration_ms: expect.any(Number) as number,
        owner_id: "usr_1",
        consumer_id: "consumer-1",
        ...told,
      },
    ]);
  },
);
