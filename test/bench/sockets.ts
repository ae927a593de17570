/**
 * `npm run bench:sockets`: ten thousand sockets on one channel, each told all that is published, beside as many on an object of the bare runtime that answers each
 * client's first words and does nothing else. Two processes of `workerd serve` hold half of the sockets each: with the pinned version a socket takes two descriptors, and a process has 20,000 on many
 * machines. What is weighed holds the API's Worker and its objects as they are deployed; D1, KV and queues are other systems in a deployment, and their simulators
 * are not weighed. Everything goes over loopback. Figures are for ratios on one machine, not promises.
 *
 * `BENCH_SOCKETS`, `BENCH_SECONDS`, `BENCH_PROCESSES`, `BENCH_ONLY` (`bare`, `naru`), `BENCH_V8_FLAGS` and `BENCH_WORKERD` (another release's program) make other runs
 * of it.
 */
import { fork, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { pause } from "../../scripts/process-group.ts";
import { ROOT } from "../../scripts/setup.ts";
import { BARE_SOCKETS } from "../support/bare-workers.ts";
import { plainVersion, startPlain } from "../support/plain-runtime.ts";
import type { PlainWorker } from "../support/plain-runtime.ts";
import { startRuntime } from "../support/runtime.ts";
import type { CrowdOrder, CrowdReport } from "./socket-crowd.ts";

const SOCKETS = Number(process.env["BENCH_SOCKETS"] ?? 10_000);
const SECONDS = Number(process.env["BENCH_SECONDS"] ?? 15);
const PROCESSES = Number(process.env["BENCH_PROCESSES"] ?? 2);
const PUBLISHES_PER_SECOND = 2;
/** People whose sockets they are: enough to use every gateway. */
const OWNERS = 16;
const CHANNEL = "public:bench";
/** The first that each client says. */
const SUBSCRIBE = JSON.stringify({
  type: "subscribe",
  request_id: "s",
  data: { channel: CHANNEL },
  timestamp: new Date().toISOString(),
});
const MIB = 1024 * 1024;
/**
 * An isolate has 128 MB where this is deployed (Durable Objects, "Limits"). Without a bound, and with room for young and old objects that fits a larger machine,
 * V8 leaves garbage lying, and with each dead request the native memory that it holds; that is what would be measured. Both runs have the same flags, and a
 * server of one's own can set them (`v8Flags` in workerd's configuration).
 */
const V8_FLAGS = (
  process.env["BENCH_V8_FLAGS"] ??
  "--max-heap-size=128 --initial-old-space-size=8 --heap-growing-percent=20 --optimize-for-size --max-semi-space-size=4 --semi-space-growth-factor=1"
).split(" ");
/** One of the two alone, `bare` or `naru`. */
const ONLY = process.env["BENCH_ONLY"];
/** Where Miniflare writes how it has configured workerd, local secrets among it. */
const SETUP_FOLDER = mkdtempSync(join(tmpdir(), "naru-bench-"));
const SETUP = join(SETUP_FOLDER, "workerd.json");

/** One server with its half of the sockets. */
interface Stage {
  readonly order: Omit<CrowdOrder, "count">;
  readonly pid: number;
  readonly publish: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

interface Figures {
  readonly name: string;
  readonly emptyMib: number;
  readonly idleMib: number;
  readonly loadedMib: number;
  /** At the end, shared pages counted for each process. */
  readonly rssMib: number;
  readonly connectSeconds: number;
  /** What workerd itself used of the processors for it, whoever else was busy on the machine. */
  readonly connectCpuSeconds: number;
  readonly connectP50Ms: number;
  readonly connectP99Ms: number;
  readonly open: number;
  readonly expected: number;
  readonly received: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function measure(name: string, start: () => Promise<Stage>): Promise<Figures> {
  const stages: Stage[] = [];
  const crowds: ChildProcess[] = [];
  try {
    for (let i = 0; i < PROCESSES; i++) stages.push(await start());
    const sum = (of: (pid: number) => number): number =>
      stages.reduce((total, { pid }) => total + of(pid), 0) / MIB;
    const emptyMib = sum(weightOf);
    const cpuBefore = stages.reduce((total, { pid }) => total + cpuSecondsOf(pid), 0);
    const startedAt = performance.now();
    const took = await Promise.all(
      stages.map(async ({ order }) => {
        const crowd = fork(join(import.meta.dirname, "socket-crowd.ts"));
        crowds.push(crowd);
        crowd.send({ open: { ...order, count: SOCKETS / PROCESSES } });
        const [{ opened }] = (await once(crowd, "message")) as [{ opened: number[] }];
        return opened;
      }),
    );
    const connectSeconds = (performance.now() - startedAt) / 1000;
    const connectCpuSeconds =
      stages.reduce((total, { pid }) => total + cpuSecondsOf(pid), 0) - cpuBefore;
    // The joins are told together, and what connecting left behind is collected.
    await pause(3_000);
    const idleMib = sum(weightOf);
    await reports(crowds);
    const publishes = SECONDS * PUBLISHES_PER_SECOND;
    const publishingAt = performance.now();
    let loadedMib = idleMib;
    for (let i = 0; i < publishes; i++) {
      const dueAt = publishingAt + (i * 1000) / PUBLISHES_PER_SECOND;
      await pause(Math.max(0, dueAt - performance.now()));
      await Promise.all(stages.map(({ publish }) => publish()));
      loadedMib = Math.max(loadedMib, sum(weightOf));
    }
    const seconds = (performance.now() - publishingAt) / 1000;
    await pause(2_000);
    const told = await reports(crowds);
    const latencies = told.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b);
    const connects = took.flat().sort((a, b) => a - b);
    const received = told.reduce((sum, report) => sum + report.received, 0);
    return {
      name,
      emptyMib,
      idleMib,
      loadedMib: Math.max(loadedMib, sum(weightOf)),
      rssMib: sum(rssOf),
      connectSeconds,
      connectCpuSeconds,
      connectP50Ms: quantile(connects, 0.5),
      connectP99Ms: quantile(connects, 0.99),
      open: told.reduce((sum, report) => sum + report.open, 0),
      expected: publishes * SOCKETS,
      received,
      perSecond: received / seconds,
      p50Ms: quantile(latencies, 0.5),
      p99Ms: quantile(latencies, 0.99),
    };
  } finally {
    for (const crowd of crowds) crowd.kill("SIGKILL");
    for (const { stop } of stages) await stop();
  }
}

const reports = (crowds: readonly ChildProcess[]): Promise<CrowdReport[]> =>
  Promise.all(
    crowds.map(async (crowd) => {
      crowd.send({ report: true });
      const [{ report }] = (await once(crowd, "message")) as [{ report: CrowdReport }];
      return report;
    }),
  );

async function bareStage(): Promise<Stage> {
  const storage = mkdtempSync(join(tmpdir(), "naru-bare-"));
  const worker: PlainWorker = {
    // As our own Workers are configured: sockets are not compressed.
    compatibilityDate: "2026-10-20",
    compatibilityFlags: ["no_web_socket_compression"],
    modules: [{ name: "bare.js", esModule: BARE_SOCKETS }],
    durableObjectNamespaces: [{ className: "Holder", uniqueKey: "holder", enableSql: true }],
    bindings: [{ name: "HOLDER", durableObjectNamespace: { className: "Holder" } }],
  };
  const { origin, pid, stop } = await startPlain(worker, storage, V8_FLAGS);
  const { hostname: host, port } = new URL(origin);
  return {
    order: {
      host,
      port: Number(port),
      path: "/",
      credentials: [],
      first: SUBSCRIBE,
      answer: '"subscribed"',
    },
    pid,
    publish: async () => {
      // As heavy as our frame of the same event.
      const body = JSON.stringify({ sent_at: now(), fill: "x".repeat(260) });
      await fetch(origin, { method: "POST", body });
    },
    stop: async () => {
      await stop();
      rmSync(storage, { recursive: true });
    },
  };
}

async function naruStage(): Promise<Stage> {
  const none = { burst: null, client: null, anonymous: null, "address-day": null };
  // Ten thousand clients come from one address here, for a handful of people.
  const vars = { LOG_LEVEL: "error", RATE_LIMITS: JSON.stringify(none) };
  const runtime = await startRuntime(vars, { isAlone: true });
  const credentials: string[] = [];
  for (let i = 0; i < OWNERS; i++) credentials.push(await signUp(runtime.origin, i));
  // What has been stored is taken over by a process that holds the API and its objects alone.
  const { worker, storage } = readSetup();
  await runtime.pause();
  const { origin, pid, stop } = await startPlain(worker, storage, V8_FLAGS);
  const { hostname: host, port } = new URL(origin);
  return {
    order: {
      host,
      port: Number(port),
      path: "/ws/realtime",
      credentials,
      first: SUBSCRIBE,
      answer: '"subscribed"',
    },
    pid,
    publish: async () => {
      const response = await fetch(`${origin}/api/v1/realtime/channels/${CHANNEL}/publish`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${credentials[0] ?? ""}`,
          "content-type": "application/json",
        },
        body: JSON.stringify({
          event: "tick",
          payload: { sent_at: now(), fill: "x".repeat(64) },
        }),
      });
      if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
    },
    stop: async () => {
      await stop();
      await runtime.stop();
    },
  };
}

/** The API's Worker as Miniflare has configured it, and where its objects are stored. */
function readSetup(): { worker: PlainWorker; storage: string } {
  const { services } = JSON.parse(readFileSync(SETUP, "utf8")) as {
    services: { name: string; worker?: PlainWorker; disk?: { path: string } }[];
  };
  const find = (name: string) => services.find((service) => service.name === name);
  const worker = find("core:user:naru")?.worker;
  const storage = find("do:storage")?.disk?.path;
  if (!worker || storage === undefined) throw new Error("Miniflare names its services otherwise.");
  return { worker, storage };
}

async function signUp(origin: string, index: number): Promise<string> {
  const person = { email: `bench-${index}@example.com`, password: "correct horse battery" };
  const post = (path: string, body: object): Promise<Response> =>
    fetch(`${origin}/api/v1/auth/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  await post("register", { ...person, name: "Bench" });
  const login = await post("login", person);
  const { access_token: token } = (await login.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`No sign-in: ${login.status}`);
  return token;
}

/** The moment by the clock that the crowds read, too. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

/** What a process weighs, pages that it shares with its like counted in parts (proc(5), `smaps_rollup`): two of them run the same program. */
const weightOf = (pid: number): number =>
  Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0) *
  1024;

/** The same with every shared page counted for each process. */
const rssOf = (pid: number): number =>
  Number(/^Rss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0) *
  1024;

/** User and system time that a process has had (proc(5), `stat`), in ticks of a hundredth of a second. */
function cpuSecondsOf(pid: number): number {
  const [, fields = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
  const [user, system] = fields.split(" ").slice(11, 13).map(Number);
  return ((user ?? 0) + (system ?? 0)) / 100;
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;

function print(rows: readonly Figures[], loadBefore: number): void {
  const commit = spawnSync("git", ["rev-parse", "--short", "HEAD"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  console.log(
    `${cpus().length} cores (${cpus()[0]?.model ?? "?"}), Node ${process.version}, ${plainVersion()}, commit ${commit.stdout.trim()}; load average ${loadBefore.toFixed(1)} before`,
  );
  console.log(
    `${SOCKETS} sockets on one channel, ${PROCESSES} processes of workerd, ${PUBLISHES_PER_SECOND} publishes a second for ${SECONDS} s; V8: ${V8_FLAGS.join(" ")}\n`,
  );
  const lines: [string, (row: Figures) => string][] = [
    ["", ({ name }) => name],
    ["workerd before, MiB", ({ emptyMib }) => emptyMib.toFixed(0)],
    ["with idle sockets, MiB", ({ idleMib }) => idleMib.toFixed(0)],
    ["most while publishing, MiB", ({ loadedMib }) => loadedMib.toFixed(0)],
    ["resident at the end, MiB", ({ rssMib }) => rssMib.toFixed(0)],
    ["a socket, KiB", (row) => (((row.loadedMib - row.emptyMib) * 1024) / SOCKETS).toFixed(1)],
    ["all connected after, s", ({ connectSeconds }) => connectSeconds.toFixed(1)],
    ["of workerd's CPU for it, s", ({ connectCpuSeconds }) => connectCpuSeconds.toFixed(1)],
    ["connect and join p50, ms", ({ connectP50Ms }) => connectP50Ms.toFixed(0)],
    ["connect and join p99, ms", ({ connectP99Ms }) => connectP99Ms.toFixed(0)],
    ["still open", ({ open }) => String(open)],
    ["deliveries expected", ({ expected }) => String(expected)],
    ["deliveries", ({ received }) => String(received)],
    ["deliveries a second", ({ perSecond }) => perSecond.toFixed(0)],
    ["publish to reader p50, ms", ({ p50Ms }) => p50Ms.toFixed(0)],
    ["publish to reader p99, ms", ({ p99Ms }) => p99Ms.toFixed(0)],
  ];
  for (const [label, show] of lines)
    console.log(label.padEnd(30) + rows.map((row) => show(row).padStart(14)).join(""));
}

process.env["MINIFLARE_WORKERD_CONFIG_DEBUG"] = SETUP;
const loadBefore = loadavg()[0] ?? 0;
const rows: Figures[] = [];
try {
  if (ONLY !== "naru") rows.push(await measure("bare runtime", bareStage));
  if (ONLY !== "bare") rows.push(await measure("naru", naruStage));
} finally {
  rmSync(SETUP_FOLDER, { recursive: true });
}
print(rows, loadBefore);
