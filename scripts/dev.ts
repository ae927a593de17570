/**
 * `npm start`: prepares the checkout and runs the three Workers in one `wrangler dev`.
 * Options go on to wrangler; `--port`, `--persist-to` and `--var NAME:VALUE` are understood here as well,
 * because a variable must reach all three Workers and wrangler gives it to the first one only.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { removeOverlay, writeOverlay } from "./overlay.ts";
import { ENDING_POLLS, endGroup, isAlive, isNamed, pause, workerdOf } from "./process-group.ts";
import { DEFAULT_PORT, DEFAULT_STATE, ROOT, serverEnv, setUp } from "./setup.ts";

const CONFIGS = ["wrangler.toml", "wrangler.consumer.toml", "wrangler.tools.toml"];
const READY_WITHIN_MS = 120_000;
/** How often the processes are looked at. */
const WATCH_MS = 500;
/** So long wrangler may take to replace a dead workerd by itself. */
const RECOVERY_MS = 5_000;
/** How often wrangler is started again in a row where a port that it chose for itself was taken meanwhile. */
const MAX_RELAUNCHES = 3;
/** What workerd's sockets between the Workers are called where one of their ports is in use; ours has no such name. */
const INNER_PORT_TAKEN = /Address already in use \(socket "/;
/** The process group of wrangler and everything it starts; 0 before there is one. */
let group = 0;

const { values, tokens } = parseArgs({
  strict: false,
  tokens: true,
  options: {
    port: { type: "string", default: String(DEFAULT_PORT) },
    "persist-to": { type: "string", default: DEFAULT_STATE },
    var: { type: "string", multiple: true, default: [] },
    // All of wrangler's own output, as it comes; without it only what the Workers log and what goes wrong.
    "log-level": { type: "string" },
  },
});
const OWN_OPTIONS = new Set(["port", "persist-to", "var", "log-level"]);
const port = Number(values.port);
if (!Number.isInteger(port) || port < 1 || port > 65_535)
  fail(`--port ${String(values.port)} is no port.`);
const statePath = resolve(String(values["persist-to"]));
const recordPath = join(statePath, "naru-dev.json");

await endLeftovers();
if (await isTaken(port)) fail(`Port ${port} is in use. Choose another one: npm start -- --port N`);
const { vars } = await setUp(statePath);
const overrides = readOverrides();
const origin = `http://localhost:${port}`;
if (!overrides["PUBLIC_URL"] && !vars["PUBLIC_URL"] && port !== DEFAULT_PORT)
  overrides["PUBLIC_URL"] = origin;
const allowHosts = (overrides["SCRAPE_ALLOW_HOSTS"] ?? vars["SCRAPE_ALLOW_HOSTS"] ?? "").split(",");
if (port !== DEFAULT_PORT && !allowHosts.includes(`localhost:${port}`))
  overrides["SCRAPE_ALLOW_HOSTS"] = [...allowHosts, `localhost:${port}`].filter(Boolean).join(",");

let ending = false;
let isReady = false;
let relaunches = 0;
let child: ChildProcess;
launch();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => void end(0));
// npm does not pass every signal on; a changed parent means that it is gone.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) void end(0);
}, WATCH_MS).unref();

await ready();
isReady = true;
printWelcome();
await supervise();

/** Starts wrangler in its own process group, so that all of it can be ended together whatever becomes of this process. */
function launch(): void {
  const started = spawn("wrangler", wranglerArguments(), {
    cwd: ROOT,
    env: { ...process.env, ...serverEnv(statePath) },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let lostInnerPort = false;
  started.stderr.on("data", (chunk: Buffer) => {
    process.stderr.write(chunk);
    if (lostInnerPort || !INNER_PORT_TAKEN.test(chunk.toString())) return;
    lostInnerPort = true;
    // Whether it ends by itself from there is not certain.
    started.kill("SIGTERM");
  });
  started.on("error", (error) =>
    fail(`wrangler did not start (${error.message}). Run \`npm ci\` first.`),
  );
  started.on("exit", (code) => {
    if (child === started) void exited(code, lostInnerPort);
  });
  child = started;
  group = started.pid ?? 0;
  relayOutput();
  mkdirSync(statePath, { recursive: true });
  writeFileSync(recordPath, JSON.stringify({ pid: process.pid, group, port }));
}

/**
 * Wrangler restarts workerd with the ports that it was given before, and ends where another program took one of
 * them in between, as a machine with many outgoing connections does: it is started again with new ones.
 */
async function exited(code: number | null, lostInnerPort: boolean): Promise<void> {
  if (ending || !lostInnerPort || relaunches >= MAX_RELAUNCHES) {
    await end(ending ? 0 : (code ?? 1));
    return;
  }
  relaunches++;
  console.error("Another program took a port between the Workers; starting again.");
  const gone = child;
  await endGroup(group);
  if (!ending && child === gone) launch();
}

/** `--var` values by name, as wrangler writes them: `NAME:VALUE`. */
function readOverrides(): Record<string, string> {
  const overrides: Record<string, string> = {};
  for (const item of (values.var ?? []) as string[]) {
    const colon = item.indexOf(":");
    if (colon < 1) fail(`--var ${item} is not of the form NAME:VALUE.`);
    overrides[item.slice(0, colon)] = item.slice(colon + 1);
  }
  return overrides;
}

function wranglerArguments(): string[] {
  const passedOn = tokens.flatMap((token) => {
    if (token.kind === "option" && !OWN_OPTIONS.has(token.name))
      return [token.rawName, ...(token.value === undefined ? [] : [token.value])];
    return token.kind === "positional" ? [token.value] : [];
  });
  const configs =
    Object.keys(overrides).length === 0 ? CONFIGS : writeOverlay(CONFIGS, vars, overrides);
  return [
    "dev",
    ...configs.flatMap((config) => ["-c", config]),
    `--port=${port}`,
    `--persist-to=${statePath}`,
    `--log-level=${String(values["log-level"] ?? "log")}`,
    "--show-interactive-dev-session=false",
    ...passedOn,
  ];
}

/**
 * Passes on what the Workers log, one JSON line each, and leaves out wrangler's tables and its own line for every
 * request. Errors and warnings come on standard error and are not touched.
 */
function relayOutput(): void {
  if (child.stdout === null) return;
  if (values["log-level"] !== undefined) {
    child.stdout.pipe(process.stdout);
    return;
  }
  createInterface({ input: child.stdout }).on("line", (line) => {
    const text = /^\[naru[a-z-]*\] (.*)$/.exec(line)?.[1];
    // The start's own questions to /health/live are nobody's request.
    if (text !== undefined && (isReady || !text.includes('"/health/live"'))) console.log(text);
  });
}

/** Waits until the API answers. */
async function ready(): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await answers())) {
    if (Date.now() > deadline)
      fail(`The server did not answer on ${origin} within ${READY_WITHIN_MS / 1000} s.`);
    await pause();
  }
}

async function answers(): Promise<boolean> {
  const answer = await fetch(`${origin}/health/live`, { signal: AbortSignal.timeout(2000) }).catch(
    () => null,
  );
  return answer?.ok ?? false;
}

/**
 * Starts wrangler anew when one of its workerd processes died and the port stays silent: wrangler itself replaces
 * the one that runs the Workers, but may keep the port of a dead proxy closed or mute for minutes.
 */
async function supervise(): Promise<void> {
  let known = workerdOf(group);
  for (;;) {
    await pause(WATCH_MS);
    if (ending) return;
    if (known.every(isAlive)) continue;
    isReady = false;
    const deadline = Date.now() + RECOVERY_MS;
    while (!(await answers()) && Date.now() < deadline) await pause();
    if (!ending && Date.now() >= deadline) {
      console.error("workerd died; starting it anew.");
      child.removeAllListeners("exit");
      await endGroup(group);
      launch();
      await ready();
    }
    isReady = true;
    relaunches = 0;
    known = workerdOf(group);
  }
}

function printWelcome(): void {
  const key = overrides["DEMO_API_KEY"] ?? vars["DEMO_API_KEY"] ?? "";
  console.log(`
  Naru is ready on ${origin}

  Demo key   ${key}
  Docs       ${origin}/docs
  Stop       Ctrl-C

  A first call, which scrapes a sample page of this server:

  curl -s ${origin}/scrape \\
    -H 'Authorization: Bearer ${key}' \\
    -H 'Content-Type: application/json' \\
    -d '{"script_name":"page","parameters":{"url":"${origin}/samples/ferry.html"}}'
`);
}

/** A killed run leaves its Workers behind, still on the port; they are ended before a new run begins. */
async function endLeftovers(): Promise<void> {
  let record: { pid: number; group: number; port: number };
  try {
    record = JSON.parse(readFileSync(recordPath, "utf8")) as typeof record;
  } catch {
    return;
  }
  // Another `npm start` may be at work, or just ending.
  const isRunning = (): boolean => isAlive(record.pid) && isNamed(record.pid, "dev.ts");
  for (let i = 0; i < ENDING_POLLS && isRunning(); i++) await pause();
  if (isRunning())
    fail(`Naru already runs on port ${record.port} with this state (process ${record.pid}).`);
  if (workerdOf(record.group).length > 0) {
    console.log(`Ending what an earlier run left behind (process group ${record.group}).`);
    await endGroup(record.group);
  }
  rmSync(recordPath, { force: true });
}

/** Whether anything listens on the port, on either loopback address. */
async function isTaken(number: number): Promise<boolean> {
  const tries = ["127.0.0.1", "::1"].map(
    (host) =>
      new Promise<boolean>((resolve) => {
        const socket = connect({ host, port: number, timeout: 1000 });
        const settle = (taken: boolean) => (): void => {
          socket.destroy();
          resolve(taken);
        };
        socket.on("connect", settle(true)).on("error", settle(false)).on("timeout", settle(false));
      }),
  );
  return (await Promise.all(tries)).includes(true);
}

async function end(code: number): Promise<void> {
  if (ending) return;
  ending = true;
  if (group > 0) await endGroup(group);
  rmSync(recordPath, { force: true });
  removeOverlay();
  process.exit(code);
}

function fail(message: string): never {
  console.error(message);
  if (group > 0) {
    try {
      process.kill(-group, "SIGTERM");
    } catch {
      // It is gone already.
    }
  }
  process.exit(1);
}
