import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startRuntime } from "../support/runtime";
import type { Runtime } from "../support/runtime";
import { until } from "../support/server";
import { html, startSite } from "../support/site";
import type { Site } from "../support/site";

let runtime: Runtime;
let site: Site;

beforeAll(async () => {
  site = await startSite({ "/page": html("<title>A page</title><p>Of text.</p>") });
  runtime = await startRuntime({
    LOG_LEVEL: "error",
    SCRAPE_ALLOW_PRIVATE: "1",
    RATE_LIMITS: JSON.stringify({
      burst: null,
      client: null,
      anonymous: null,
      "address-day": null,
      site: null,
    }),
  });
});
afterAll(async () => {
  await runtime?.stop();
  await site?.stop();
});

/** Series → value, of everything on the page. */
type Page = ReadonlyMap<string, number>;

const parse = (text: string): Page =>
  new Map(
    text
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line): [string, number] => {
        const end = line.lastIndexOf(" ");
        return [line.slice(0, end), Number(line.slice(end + 1))];
      }),
  );

async function scrape(): Promise<string> {
  const answer = await fetch(`${runtime.origin}/metrics`);
  expect(answer.status).toBe(200);
  return answer.text();
}

const isGrowing = (series: string): boolean => /_(total|bucket|sum|count)(\{|$)/.test(series);
const isScrape = (series: string): boolean => series.includes('route="/metrics"');

/** What the load sent, as the counters should tell it. */
const sent = new Map<string, number>();

interface Call {
  readonly method: string;
  readonly path: string;
  readonly route: string;
  readonly as?: "nobody";
  readonly body?: unknown;
}

const CALLS: readonly Call[] = [
  { method: "GET", path: "/health/live", route: "/health/live", as: "nobody" },
  { method: "HEAD", path: "/health/live", route: "/health/live", as: "nobody" },
  { method: "OPTIONS", path: "/health/live", route: "unmatched", as: "nobody" },
  { method: "GET", path: "/wp-admin/RANDOM.php", route: "unmatched", as: "nobody" },
  { method: "PROPFIND", path: "/health/live", route: "unmatched", as: "nobody" },
  { method: "GET", path: "/api/v1/test", route: "/api/v1/test", as: "nobody" },
  { method: "GET", path: "/api/v1/test", route: "/api/v1/test" },
  { method: "GET", path: "/api/v1/tasks/RANDOM", route: "/api/v1/tasks/:id" },
  { method: "GET", path: "/api/v1/tasks/stats", route: "/api/v1/tasks/stats" },
  { method: "DELETE", path: "/api/v1/conversations/RANDOM", route: "/api/v1/conversations/:id" },
  { method: "POST", path: "/api/v1/tasks", route: "/api/v1/tasks", body: { kind: "RANDOM" } },
  {
    method: "POST",
    path: "/api/v1/tasks",
    route: "/api/v1/tasks",
    body: { kind: "echo", input: { say: "RANDOM" } },
  },
  {
    method: "POST",
    path: "/scrape",
    route: "/scrape",
    body: { script_name: "page", parameters: { url: "SITE/page" } },
  },
];

async function send({ method, path, route, as, body }: Call): Promise<void> {
  const fill = (text: string): string =>
    text.replaceAll("RANDOM", crypto.randomUUID()).replaceAll("SITE", site.origin);
  const answer = await fetch(runtime.origin + fill(path), {
    method,
    headers: {
      ...(as === "nobody" ? {} : { "X-API-Key": runtime.demoKey }),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: fill(JSON.stringify(body)) }),
  });
  await answer.arrayBuffer();
  const known = method === "PROPFIND" ? "other" : method;
  const series = `naru_requests_total{method="${known}",route="${route}",status="${answer.status}"}`;
  sent.set(series, (sent.get(series) ?? 0) + 1);
}

/** Every call so many times, a few at once, in a mixed order. */
async function load(rounds: number): Promise<void> {
  const waiting = Array.from({ length: rounds }, () => CALLS).flat();
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let call = waiting.shift(); call; call = waiting.shift()) await send(call);
    }),
  );
}

const requestsOn = (page: Page): [string, number][] =>
  [...page].filter(([series]) => series.startsWith("naru_requests_total{") && !isScrape(series));

/**
 * Whether the Pulse itself holds all that was sent, and every look into the cache of pages, which consumers count. Nobody asks the
 * server meanwhile, so that nothing but the flush of each isolate can bring it there.
 */
async function isAllTold(scrapes: number): Promise<boolean> {
  const pulses = await runtime.miniflare.getDurableObjectNamespace("PULSE", "naru");
  const pulse = pulses.get(pulses.idFromName("pulse")) as unknown as {
    read: () => Promise<{
      totals: { counters: { name: string; values: string[]; by: number }[] };
    }>;
  };
  const { totals } = await pulse.read();
  const sumOf = (start: RegExp): number =>
    totals.counters
      .filter(({ name, values }) => start.test(`${name} ${values.join(" ")}`))
      .reduce((sum, { by }) => sum + by, 0);
  return (
    sumOf(/^naru_requests_total (?!.* \/metrics )/) === sentInAll() &&
    sumOf(/^naru_cache_(hits|misses)_total pages$/) === scrapes
  );
}

const sentInAll = (): number => [...sent.values()].reduce((sum, n) => sum + n, 0);

const ROUNDS = 6;

test("after a mixed load with a restart in it the counters are what was sent, and none ever fell", async () => {
  await load(ROUNDS);
  // The last requests are told though none follows them.
  await until(() => isAllTold(ROUNDS));
  const before = parse(await scrape());
  expect(Object.fromEntries(requestsOn(before))).toEqual(Object.fromEntries(sent));

  await runtime.restart();
  const between = parse(await scrape());
  await load(ROUNDS);
  await until(() => isAllTold(2 * ROUNDS));
  const text = await scrape();
  const after = parse(text);
  expect(Object.fromEntries(requestsOn(after))).toEqual(Object.fromEntries(sent));

  for (const [early, late] of [
    [before, between],
    [between, after],
  ] as const)
    for (const [series, value] of early)
      if (isGrowing(series)) expect(late.get(series) ?? -1, series).toBeGreaterThanOrEqual(value);

  // Each request was timed once, whatever became of it.
  const timed = [...after]
    .filter(
      ([series]) => series.startsWith("naru_request_duration_seconds_count") && !isScrape(series),
    )
    .reduce((sum, [, n]) => sum + n, 0);
  expect(timed).toBe(sentInAll());
  expect(after.get('naru_tasks_total{kind="echo",status="completed"}')).toBe(2 * ROUNDS);
  expect(after.get('naru_tasks_total{kind="scrape",status="completed"}')).toBe(2 * ROUNDS);
  expect(after.get('naru_task_duration_seconds_count{kind="scrape"}')).toBe(2 * ROUNDS);
});

test("promtool has nothing to say of the page", async ({ skip }) => {
  const { error, status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], {
    input: await scrape(),
    encoding: "utf8",
  });
  if (error !== undefined) skip("promtool is not here (Debian: apt-get install prometheus)");
  expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: "" });
});

test("a socket counts while it is open", async () => {
  const asked = await fetch(`${runtime.origin}/api/v1/realtime/tickets`, {
    method: "POST",
    headers: { "X-API-Key": runtime.demoKey },
  });
  const { ticket } = (await asked.json()) as { ticket: string };
  const url = `${runtime.origin.replace("http", "ws")}/ws/realtime`;
  const socket = new WebSocket(url, ["naru.v1", `naru.ticket.${ticket}`]);
  const opened = Promise.withResolvers<void>();
  socket.addEventListener("open", () => opened.resolve());
  socket.addEventListener("error", () => opened.reject(new Error("the socket did not open")));
  await opened.promise;
  const connections = async (): Promise<number | undefined> =>
    parse(await scrape()).get("naru_websocket_connections");
  expect(await connections()).toBe(1);
  socket.close();
  await until(async () => (await connections()) === 0);
});
