import { rmSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { startServer, until } from "../support/server";
import type { RunningServer } from "../support/server";
import { html, startSite } from "../support/site";
import type { Site } from "../support/site";

interface Task {
  request_id: string;
  status: string;
  data: unknown;
}

const TERMINAL = ["completed", "failed", "cancelled", "timed_out"];
const VARS = {
  SCRAPE_ALLOW_PRIVATE: "1",
  RATE_LIMITS: JSON.stringify({ burst: null, client: null, site: null }),
};
let server: RunningServer | undefined;
let site: Site | undefined;

afterEach(async () => {
  await server?.stop();
  await site?.stop();
});

/** Submits `count` tasks of two kinds without waiting and gives the ids of those that were accepted. */
async function submit(target: RunningServer, pages: Site, count: number): Promise<string[]> {
  const answers = await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const body =
        n % 2 === 0
          ? { kind: "echo", input: { n } }
          : {
              kind: "scrape",
              input: { script_name: "page", parameters: { url: `${pages.origin}/page` } },
            };
      const answer = await fetch(`${target.origin}/api/v1/tasks`, {
        method: "POST",
        headers: {
          "X-API-Key": target.demoKey,
          "Content-Type": "application/json",
          Prefer: "respond-async",
        },
        body: JSON.stringify(body),
      }).catch(() => null);
      return answer?.status === 202 ? (answer.headers.get("Location") ?? "") : null;
    }),
  );
  return answers.filter((location) => location !== null);
}

async function readTask(target: RunningServer, location: string): Promise<Task | null> {
  const answer = await fetch(target.origin + location, {
    headers: { "X-API-Key": target.demoKey },
  }).catch(() => null);
  return answer?.ok ? ((await answer.json()) as Task) : null;
}

/** Every accepted task ends, once, and the counters say what the rows say. */
async function expectAllEndOnce(target: RunningServer, locations: string[]): Promise<void> {
  const tasks = await Promise.all(
    locations.map((location) =>
      until(async () => {
        const task = await readTask(target, location);
        return task && TERMINAL.includes(task.status) ? task : null;
      }, 90_000),
    ),
  );
  expect(tasks.filter((task) => task.status !== "completed")).toEqual([]);
  const status = (await (await fetch(`${target.origin}/status`)).json()) as Record<string, number>;
  expect(status).toMatchObject({
    completed_tasks: locations.length,
    failed_tasks: 0,
    queue_length: 0,
  });
  // A second look: what has ended stays as it ended.
  const again = await Promise.all(locations.map((location) => readTask(target, location)));
  expect(again).toEqual(tasks);
}

test("a power cut with 100 tasks in flight loses none and answers none twice", async () => {
  site = await startSite({ "/page": html("<title>ok</title>") });
  const first = await startServer({ port: 18_831, vars: VARS });
  server = first;
  const accepted = await submit(first, site, 100);
  first.kill();
  server = await startServer({ port: 18_831, vars: VARS, statePath: first.statePath });
  expect(accepted).toHaveLength(100);
  await expectAllEndOnce(server, accepted);
  rmSync(first.statePath, { recursive: true, force: true });
});

test("a killed workerd with 100 tasks in flight loses none and answers none twice", async () => {
  site = await startSite({ "/page": html("<title>ok</title>") });
  const running = await startServer({ port: 18_832, vars: VARS });
  server = running;
  const accepted = await submit(running, site, 100);
  expect(running.killWorkerd()).toBeGreaterThan(0);
  expect(accepted).toHaveLength(100);
  await until(async () => (await fetch(`${running.origin}/health/live`).catch(() => null))?.ok);
  await expectAllEndOnce(running, accepted);
});
