/**
 * `npm run chaos`: tasks of mixed kinds while consumers die, objects are aborted, workerd is ended and started anew, queues lose and double
 * messages, targets hang and fail, and half of the callers leave. Then everything that was ever accepted is looked at. Ends with 1 where a
 * promise was broken. `CHAOS_TASKS` says how many (500).
 *
 * The Workers are those that a deployment would upload; what makes them wild stands around them, in `wild-naru.js` and `wild-consumer.js`.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { prepareSecrets } from "../../scripts/setup.ts";
import { pause } from "../../scripts/process-group.ts";
import { startRuntime } from "../support/runtime.ts";
import { follow } from "./follower.ts";
import { startOutside } from "./outside.ts";

const TASKS = Number(process.env["CHAOS_TASKS"] ?? 500);
/** Tasks come in over so long. */
const SPAN_MS = TASKS * 60;
const SHARDS = 8;
const FOLLOWERS = 20;
/** All that can be lost has come back by then: leases, sends again, webhooks tried again. */
const SETTLE_WITHIN_MS = 300_000;
/** A webhook whose sender died twice is tried again after 5 minutes. */
const CALL_WITHIN_MS = 420_000;
const ENDS = ["completed", "failed", "cancelled", "timed_out"];

interface Task {
  readonly request_id: string;
  readonly kind: string;
  readonly status: string;
  readonly data: { readonly late?: number } | null;
  readonly completed_at: string | null;
}

const broken: string[] = [];
const check = (isKept: boolean, promise: string, detail = ""): void => {
  console.log(`  ${isKept ? "✓" : "✗"} ${promise}${isKept || detail === "" ? "" : `: ${detail}`}`);
  if (!isKept) broken.push(promise);
};
const random = (below: number): number => Math.floor(Math.random() * below);

const outside = await startOutside();
const wild = (name: string): string => readFileSync(join(import.meta.dirname, name), "utf8");
const runtime = await startRuntime(
  {
    LOG_LEVEL: process.env["CHAOS_LOG"] ?? "error",
    SCRAPE_ALLOW_PRIVATE: "1",
    CHAOS_URL: `${outside.good}/late`,
    RATE_LIMITS: JSON.stringify({ burst: null, client: null, site: null, streams: null }),
  },
  { naru: wild("wild-naru.js"), consumer: wild("wild-consumer.js") },
);
const headers = { "X-API-Key": runtime.demoKey, "Content-Type": "application/json" };

/** A call that is made again while the server is away or refuses for the moment. */
async function insist(path: string, init: RequestInit = {}): Promise<Response> {
  for (;;) {
    const response = await fetch(runtime.origin + path, { headers, ...init }).catch(() => null);
    if (response && response.status < 500) return response;
    await response?.text();
    await pause(300);
  }
}
const readTask = async (id: string): Promise<Task> =>
  (await (await insist(`/api/v1/tasks/${id}`)).json()) as Task;

/** What the nth caller wants: two kinds, quick and slow, targets that answer, hang and fail, some for later, some to be called back. */
function bodyOf(n: number): string {
  const scrape = (url: string) => ({ script_name: "page", parameters: { url } });
  const kinds = [
    { kind: "echo", input: { n } },
    { kind: "echo", input: { n, text: "x".repeat(20_000) } },
    { kind: "scrape", input: scrape(`${outside.good}/page/${n}`) },
    { kind: "scrape", input: scrape(`${outside.good}/slow/${n}`) },
    { kind: "echo", input: { n }, priority: "low" },
    { kind: "scrape", input: scrape(`${outside.hanging}/${n}`), timeout: 5 },
    { kind: "scrape", input: scrape(`${outside.failing}/${n}`), max_attempts: 2 },
    { kind: "echo", input: { n }, priority: "high", delay_seconds: 3 },
  ];
  const callback = n % 3 === 0 ? { callback_url: `${outside.good}/hook/${n}` } : {};
  return JSON.stringify({ timeout: 60, ...kinds[n % kinds.length], ...callback });
}
const submission = (n: number, prefer?: string): RequestInit => ({
  method: "POST",
  headers: { ...headers, "Idempotency-Key": `chaos-${n}`, ...(prefer ? { Prefer: prefer } : {}) },
  body: bodyOf(n),
});

const figures = { left: 0, refused: 0, cancelled: 0, aborts: 0, restarts: 0 };
const ids = new Map<number, string>();
const follows: Promise<string | null>[] = [];

/** A caller that waits for its answer, or leaves before it. One whose call failed asks again under its key, as the documentation tells it to. */
async function caller(n: number): Promise<void> {
  await pause(random(SPAN_MS));
  if (n % 2 === 0) {
    const leaving = AbortSignal.timeout(20 + random(1_500));
    const left = await fetch(`${runtime.origin}/api/v1/tasks`, {
      ...submission(n),
      signal: leaving,
    }).catch(() => null);
    await left?.text().catch(() => "");
    if (left === null) figures.left += 1;
  }
  for (;;) {
    const response = await insist("/api/v1/tasks", submission(n, "respond-async"));
    const { request_id: id } = (await response.json()) as Task;
    if (response.status === 200 || response.status === 202) {
      ids.set(n, id);
      break;
    }
    // A run that is over its time is told as a problem, whose task is named in it.
    const location = response.headers.get("Location");
    if (location !== null) {
      ids.set(n, location.split("/").at(-1) ?? "");
      break;
    }
    figures.refused += 1;
    await pause(1_000);
  }
  const id = ids.get(n) ?? "";
  if (n % 20 === 1) {
    const answer = await insist(`/api/v1/tasks/${id}`, { method: "DELETE" });
    await answer.text();
    if (answer.status === 200) figures.cancelled += 1;
  }
  if (n < FOLLOWERS) follows.push(follow(() => runtime.origin, runtime.demoKey, id));
}

async function troublemaker(until: Promise<unknown>): Promise<void> {
  const over = until.then(() => "over" as const);
  for (let n = 0; (await Promise.race([over, pause(700)])) !== "over"; n++) {
    const shard = `shard-00${random(SHARDS)}`;
    await fetch(`${runtime.origin}/__chaos/abort?shard=${shard}`).catch(() => null);
    figures.aborts += 1;
    if (n === Math.floor(SPAN_MS / 700 / 2)) {
      await runtime.restart();
      figures.restarts += 1;
    }
  }
}

async function settled(all: readonly string[]): Promise<Map<string, Task>> {
  const ended = new Map<string, Task>();
  const deadline = Date.now() + SETTLE_WITHIN_MS;
  while (ended.size < all.length && Date.now() < deadline) {
    for (const id of all) {
      if (ended.has(id)) continue;
      const task = await readTask(id);
      if (ENDS.includes(task.status)) ended.set(id, task);
    }
    await pause(500);
  }
  return ended;
}

const countBy = (tasks: Iterable<Task>): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status } of tasks) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

async function checkCounters(tasks: Iterable<Task>): Promise<void> {
  const rows = countBy(tasks);
  const status = (await (await insist("/status")).json()) as Record<string, number>;
  const stats = (await (await insist("/api/v1/tasks/stats")).json()) as {
    by_kind: Record<string, Record<string, number>>;
  };
  const counted: Record<string, number> = {};
  for (const counts of Object.values(stats.by_kind))
    for (const [name, count] of Object.entries(counts))
      if (count > 0) counted[name] = (counted[name] ?? 0) + count;
  const sorted = (counts: object): string =>
    JSON.stringify(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
  check(
    sorted(counted) === sorted(rows),
    "the counters say what the records say",
    `${sorted(counted)} ${sorted(rows)}`,
  );
  const total = {
    completed: status["completed_tasks"],
    failed: status["failed_tasks"],
    queue: status["queue_length"],
  };
  const isExact =
    total.completed === (rows["completed"] ?? 0) &&
    total.failed === (rows["failed"] ?? 0) &&
    total.queue === 0;
  check(isExact, "/status is exact", JSON.stringify({ total, rows }));
}

/** The numbers of the ends in each task's log: one life, one end. */
async function endsOf(id: string): Promise<number> {
  const text = await (await insist(`/api/v1/tasks/${id}/events`)).text();
  return text.split("\nevent: result\n").length - 1;
}

async function replayTheDead(): Promise<string[]> {
  const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = await prepareSecrets();
  const login = await insist("/api/v1/auth/login", {
    method: "POST",
    body: JSON.stringify({ email, password }),
    headers: { "Content-Type": "application/json" },
  });
  const { access_token: token } = (await login.json()) as { access_token: string };
  const replayed: string[] = [];
  for (;;) {
    const answer = await insist("/api/v1/admin/dead-letters/replay", {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify({ filter: {} }),
    });
    const outcome = (await answer.json()) as { replayed?: string[]; has_more?: boolean };
    if (!outcome.replayed)
      throw new Error(`The dead letters can't be replayed: ${JSON.stringify(outcome)}`);
    replayed.push(...outcome.replayed);
    if (outcome.has_more !== true) return replayed;
  }
}

async function run(): Promise<void> {
  const startedAtMs = Date.now();
  const seconds = (): string => `${((Date.now() - startedAtMs) / 1000).toFixed(0)} s`;
  const callers = Promise.all(Array.from({ length: TASKS }, (_, n) => caller(n)));
  await Promise.all([callers, troublemaker(callers)]);
  const all = [...new Set(ids.values())];
  console.log(`${TASKS} callers, ${all.length} tasks, all in after ${seconds()}:`, figures);

  const ended = await settled(all);
  console.log(`settled after ${seconds()}:`, countBy(ended.values()));
  check(all.length === TASKS, "each key led to one task");
  const open = all.filter((id) => !ended.has(id));
  check(open.length === 0, "every accepted task ended", open.slice(0, 5).join(", "));
  const ends = await Promise.all(
    [...ended.keys()].map(async (id) => [id, await endsOf(id)] as const),
  );
  const twice = ends.filter(([, count]) => count !== 1);
  check(twice.length === 0, "and ended once", JSON.stringify(twice.slice(0, 5)));

  await outside.quiet();
  const taken = outside.late.filter(({ verdict }) => verdict === "accepted");
  const shown = [...ended.values()].filter(({ data }) => data?.late !== undefined);
  console.log(`${outside.late.length} late reports of dead workers`);
  check(
    taken.length === 0 && shown.length === 0,
    "no late write passed its fence",
    JSON.stringify([taken, shown].slice(0, 3)),
  );
  const again = await Promise.all([...ended.keys()].map(readTask));
  const changed = again.filter(
    (task) => JSON.stringify(task) !== JSON.stringify(ended.get(task.request_id)),
  );
  check(
    changed.length === 0,
    "what has ended stays as it ended",
    changed
      .slice(0, 5)
      .map((task) => task.request_id)
      .join(", "),
  );
  await checkCounters(ended.values());

  const readers = await Promise.all(follows);
  const wrong = readers.filter((fault) => fault !== null);
  check(
    wrong.length === 0,
    `${readers.length} readers cut every 300 ms saw each event once and in order`,
    wrong.slice(0, 3).join("; "),
  );

  const wanted = [...ids.keys()].filter((n) => n % 3 === 0);
  const deadline = Date.now() + CALL_WITHIN_MS;
  while (Date.now() < deadline && wanted.some((n) => !outside.hooks.has(n))) await pause(500);
  const silent = wanted.filter((n) => !outside.hooks.has(n));
  const doubled = wanted.filter((n) => (outside.hooks.get(n)?.size ?? 0) > 1);
  console.log(`webhooks of ${wanted.length} tasks after ${seconds()}, ${outside.calls()} calls`);
  check(
    silent.length === 0,
    "webhooks of each task arrived",
    silent
      .slice(0, 5)
      .map((n) => ids.get(n))
      .join(", "),
  );
  check(
    doubled.length === 0,
    "each under one id",
    doubled
      .slice(0, 5)
      .map((n) => ids.get(n))
      .join(", "),
  );

  outside.heal();
  const replayed = await replayTheDead();
  const revived = await settled(replayed);
  const now = new Map([...ended, ...revived]);
  console.log(
    `${replayed.length} dead letters replayed, settled after ${seconds()}:`,
    countBy(now.values()),
  );
  check(revived.size === replayed.length, "every replayed dead letter ended again");
  await checkCounters(now.values());
}

try {
  await run();
} finally {
  await runtime.stop();
  await outside.stop();
}
console.log(broken.length === 0 ? "Every promise was kept." : `Broken: ${broken.join("; ")}`);
process.exit(broken.length === 0 ? 0 : 1);
