/** Starts the real thing, as `npm start` does, for tests from outside. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pause, workerdOf } from "../../scripts/process-group";

const ROOT = join(import.meta.dirname, "..", "..");
const START_WITHIN_MS = 90_000;

export interface ServerOptions {
  readonly port: number;
  readonly vars?: Readonly<Record<string, string>>;
  /** Kept state of an earlier run; a fresh directory otherwise. */
  readonly statePath?: string;
}

export interface RunningServer {
  readonly origin: string;
  readonly statePath: string;
  readonly demoKey: string;
  /** What was printed so far. */
  readonly output: () => string;
  /** Kills every process of the run at once, as a power cut would. */
  readonly kill: () => void;
  /** Kills the workerd processes only; wrangler starts them again. */
  readonly killWorkerd: () => number;
  /** Ends it as Ctrl-C does and removes its state. */
  readonly stop: () => Promise<void>;
}

/** Resolves when the server answers; rejects with its output when it does not. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const statePath = options.statePath ?? mkdtempSync(join(tmpdir(), "naru-e2e-"));
  const vars = Object.entries(options.vars ?? {}).flatMap(([name, value]) => [
    "--var",
    `${name}:${value}`,
  ]);
  const child = spawn(
    process.execPath,
    ["scripts/dev.ts", "--port", String(options.port), "--persist-to", statePath, ...vars],
    { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<void>((resolve) => {
    child.on("exit", () => resolve());
  });

  const deadline = Date.now() + START_WITHIN_MS;
  while (!output.includes("A first call")) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill("SIGTERM");
      throw new Error(`The server did not start:\n${output}`);
    }
    await pause(50);
  }
  const group = (
    JSON.parse(readFileSync(join(statePath, "naru-dev.json"), "utf8")) as { group: number }
  ).group;
  return {
    origin: `http://localhost:${options.port}`,
    statePath,
    demoKey: /Demo key\s+(\S+)/.exec(output)?.[1] ?? "",
    output: () => output,
    kill: () => {
      child.kill("SIGKILL");
      process.kill(-group, "SIGKILL");
    },
    killWorkerd: () => {
      const pids = workerdOf(group);
      for (const pid of pids) process.kill(pid, "SIGKILL");
      return pids.length;
    },
    stop: async () => {
      child.kill("SIGTERM");
      await exited;
      rmSync(statePath, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Polls until `probe` gives something; the bound is a safety net, not a timing that is asserted. */
export async function until<T>(
  probe: () => Promise<T | null | undefined | false>,
  withinMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline) {
    const value = await probe();
    if (value !== null && value !== undefined && value !== false) return value;
    await pause(50);
  }
  throw new Error(`Nothing came of it within ${withinMs} ms.`);
}
