/**
 * `npm test`: every test, in two runs side by side, since one of them computes and the other mostly waits for servers to start; one
 * summary at the end. With a filter or another option of vitest it is vitest: `npm test -- --project unit test/unit/limits`.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./setup.ts";

const VITEST = ["run", "--root", ".", "-c", "test/vitest.config.ts"];
const RUNS = [
  ["--project", "worker", "--project", "unit"],
  ["--project", "e2e"],
];
/** What concerns the report alone goes to the one that is made of both runs. */
const REPORT_OPTION = /^--(?:reporter|outputFile)(?:[.=]|$)/;

const args = process.argv.slice(2);
process.exitCode = args.every((arg) => REPORT_OPTION.test(arg)) ? await all() : await vitest(args);

async function all(): Promise<number> {
  const blobs = mkdtempSync(join(tmpdir(), "naru-tests-"));
  try {
    const codes = await Promise.all(
      RUNS.map((run, index) =>
        vitest([
          ...run,
          "--reporter=default",
          "--reporter=blob",
          `--outputFile.blob=${join(blobs, `${index}.json`)}`,
        ]),
      ),
    );
    // The runs have listed their files; what is left to say is what failed, and the sum.
    const report = args.length === 0 ? ["--reporter=dot"] : args;
    const merged = await vitest([`--merge-reports=${blobs}`, ...report]);
    return Math.max(merged, ...codes);
  } finally {
    rmSync(blobs, { recursive: true, force: true });
  }
}

/** Runs vitest; resolves with its exit code, 1 where a signal ended it. */
function vitest(options: readonly string[]): Promise<number> {
  const child = spawn("vitest", [...VITEST, ...options], { cwd: ROOT, stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}
