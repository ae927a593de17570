/** Runs wrangler for scripts that reach an account. The one on PATH is taken first, as npm puts this checkout's there. */
import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import type { WranglerAnswer } from "./deployment-commands.ts";
import { ROOT } from "./setup.ts";

export function runWrangler(commandArguments: readonly string[]): Promise<WranglerAnswer> {
  return new Promise((resolve) => {
    const child = spawn("wrangler", commandArguments, {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        PATH: [process.env["PATH"] ?? "", join(ROOT, "node_modules", ".bin")].join(delimiter),
        // Nobody answers its questions: each has a default that is the one wanted here.
        CI: "1",
        WRANGLER_SEND_METRICS: "false",
        WRANGLER_HIDE_BANNER: "true",
        NO_UPDATE_NOTIFIER: "1",
      },
    });
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    child.on("error", (error) => resolve({ isOk: false, out, err: error.message }));
    child.on("close", (code) => resolve({ isOk: code === 0, out, err }));
  });
}
