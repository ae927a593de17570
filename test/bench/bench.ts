/**
 * `npm run bench`: what a request costs, always beside the bare runtime in the same process and run.
 * The bundles that a deployment would upload run in one workerd behind direct sockets, without the
 * development proxy; `wrk` loads them over loopback. Figures are for ratios on one machine, not promises.
 */
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../../scripts/setup.ts";
import { startRuntime } from "../support/runtime.ts";
import { benchCache } from "./cache.ts";

const SECONDS = Number(process.env["BENCH_SECONDS"] ?? 5);
/** Only the rows whose names it fits, beside the bare runtime. */
const ROWS = new RegExp(process.env["BENCH_ROWS"] ?? "", "i");

interface Row {
  readonly name: string;
  readonly callers: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failures: number;
}

if (spawnSync("wrk", ["-v"]).error) {
  console.error("The bench needs wrk (Debian: apt-get install wrk).");
  process.exit(1);
}

const work = mkdtempSync(join(tmpdir(), "naru-bench-"));
const site = createServer((_request, response) => {
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
  response.end(readFileSync(join(ROOT, "public", "samples", "ferry.html")));
});
await new Promise<void>((resolve) => {
  site.listen(0, "127.0.0.1", resolve);
});
const page = `http://127.0.0.1:${(site.address() as AddressInfo).port}/page`;

/** A hundred lines of Python with something to find, as `validate-code` is sent them. */
const LINTED = Array.from(
  { length: 20 },
  (_, index) =>
    `def task_${index}(items, rate=${index}):\n    total = 0\n    for item in items:\n        total += item * rate\n    return total\n`,
).join("");

const runtime = await startRuntime({
  LOG_LEVEL: "error",
  // One client makes all the load: its share is not what is measured.
  TASK_CONCURRENCY: "100000",
  SCRAPE_ALLOW_PRIVATE: "1",
  // Limits that are on and never reached: the admission does its whole work.
  RATE_LIMITS: JSON.stringify({
    burst: { limit: 5_000_000, window: 60 },
    client: { limit: 9_000_000, window: 3600 },
    site: null,
  }),
});
try {
  print(await measure());
} finally {
  await runtime.stop();
  site.close();
  rmSync(work, { recursive: true, force: true });
}
await benchCache();

async function measure(): Promise<Row[]> {
  const { bare, bareQueue, origin: naru } = runtime;
  const echo = { kind: "echo", input: { hello: "ferry" } };
  const scrape = { script_name: "page", parameters: { url: page } };
  const rows: Row[] = [];
  await load("warm-up", bare, 8, undefined, 1);
  await load("warm-up", `${naru}/scrape`, 8, scrape, 2);
  const measureRow = async (name: string, url: string, callers: number, body?: object) => {
    if (name.startsWith("bare") || ROWS.test(name)) rows.push(await load(name, url, callers, body));
  };
  await measureRow("bare runtime, a constant", bare, 32);
  await measureRow("GET /health/live", `${naru}/health/live`, 32);
  await measureRow("GET /health", `${naru}/health`, 32);
  await measureRow("GET /api/v1/test, admitted", `${naru}/api/v1/test`, 32);
  for (const callers of [1, 32, 256]) {
    await measureRow("queue and consumer alone", `${bareQueue}/queue`, callers, echo);
    await measureRow("direct call alone", `${bareQueue}/direct`, callers, echo);
    await measureRow("POST /api/v1/tasks, echo", `${naru}/api/v1/tasks`, callers, echo);
  }
  for (const callers of [1, 32, 256])
    await measureRow("POST /scrape, page", `${naru}/scrape`, callers, scrape);
  const lint = { code: LINTED, language: "python", validation_type: "all" };
  await load("warm-up", `${naru}/api/v1/validate-code`, 1, lint, 1);
  for (const callers of [1, 32])
    await measureRow("100-line file linted", `${naru}/api/v1/validate-code`, callers, lint);
  await measureRow("bare runtime, again", bare, 32);
  return rows;
}

/**
 * One run of wrk. A body makes it a POST. This process goes on meanwhile: it serves the page that is scraped, and
 * the local queue reports to it.
 */
async function load(
  name: string,
  url: string,
  callers: number,
  body?: object,
  seconds = SECONDS,
): Promise<Row> {
  const script = join(work, "request.lua");
  const lines = [`wrk.headers["X-API-Key"] = "${runtime.demoKey}"`];
  if (body !== undefined)
    lines.push(
      `wrk.method = "POST"`,
      `wrk.headers["Content-Type"] = "application/json"`,
      `wrk.body = ${JSON.stringify(JSON.stringify(body))}`,
    );
  // wrk's own table has no p99 in milliseconds and no count of answers that are not 2xx.
  lines.push(
    "done = function(summary, latency, requests)",
    "  local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout + summary.errors.status",
    '  io.write(string.format("RESULT %d %d %f %f %d\\n", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), failed))',
    "end",
  );
  writeFileSync(script, lines.join("\n"));
  const { stdout: output } = await promisify(execFile)(
    "wrk",
    ["-t1", `-c${callers}`, `-d${seconds}s`, "--timeout", "30s", "-s", script, url],
    { encoding: "utf8" },
  );
  const [requests = 0, durationUs = 1, p50 = 0, p99 = 0, failures = 0] = (
    /RESULT (.+)/.exec(output)?.[1] ?? ""
  )
    .split(" ")
    .map(Number);
  return {
    name,
    callers,
    perSecond: requests / (durationUs / 1e6),
    p50Ms: p50 / 1000,
    p99Ms: p99 / 1000,
    failures,
  };
}

function print(rows: Row[]): void {
  const version = (
    JSON.parse(readFileSync(join(ROOT, "node_modules/workerd/package.json"), "utf8")) as {
      version: string;
    }
  ).version;
  const commit = spawnSync("git", ["rev-parse", "--short", "HEAD"], {
    cwd: ROOT,
    encoding: "utf8",
  }).stdout.trim();
  console.log(
    `${cpus().length} cores, Node ${process.version}, workerd ${version}, commit ${commit}, ${SECONDS} s a row\n`,
  );
  const floor = rows[0]?.perSecond ?? 1;
  console.log(
    "route                          callers     per s   p50 ms   p99 ms  bare = 1   failed",
  );
  for (const row of rows)
    console.log(
      row.name.padEnd(30) +
        String(row.callers).padStart(8) +
        row.perSecond.toFixed(0).padStart(10) +
        row.p50Ms.toFixed(1).padStart(9) +
        row.p99Ms.toFixed(1).padStart(9) +
        (row.perSecond / floor).toFixed(3).padStart(10) +
        String(row.failures).padStart(9),
    );
}
