/** What a deployment would upload: how large it is, and what it costs an isolate to begin with it. */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, WRANGLER_ENV } from "./setup.ts";

/** KiB that each Worker may weigh as it is uploaded, before compression. A heavier one starts colder: raise on purpose. */
export const BUNDLE_BUDGETS_KIB: Readonly<Record<string, number>> = {
  "wrangler.toml": 1_900,
  "wrangler.consumer.toml": 500,
  // Ruff's WebAssembly is 10,740 of it, and is compiled when the Worker is uploaded; ESLint, Babel and the grammars are 2,000.
  // That is why they stand in a Worker of their own: no other request waits for them.
  "wrangler.tools.toml": 14_500,
};

/**
 * CPU that the API may take to begin, as a multiple of `YARDSTICK`'s on the same machine in the same minute: a slow or busy machine is slow
 * with both. It stands near 1; the platform itself refuses a Worker that takes a second (Workers documentation, limits: startup time).
 */
export const STARTUP_BUDGET = 2;
const STARTUP_TRIES = 4;
/** A fixed piece of work at the top level of a Worker, about as long as the API's own beginning. */
const YARDSTICK = `const parts = [];
for (let i = 0; i < 6000; i++)
  parts.push(new Map([["k" + i, { text: JSON.stringify({ i, list: Array.from({ length: 20 }, (_, j) => j * i) }) }]]));
let sum = 0;
for (const part of parts)
  for (const [k, v] of part)
    sum += JSON.parse(v.text).list.length + k.length + v.text.replaceAll(/\\d/g, "x").length;
export default { fetch: () => new Response(String(sum)) };`;

const FOLDER = join(ROOT, "dist");

export interface Bundle {
  readonly config: string;
  readonly kib: number;
  readonly budgetKib: number;
}

/** Bundles a Worker as production would get it, into `dist/`. Throws what wrangler said where that fails. */
export function measureBundle(config: string): Bundle {
  const outdir = join(FOLDER, config.replace(/\.toml$/, ""));
  rmSync(outdir, { recursive: true, force: true });
  const output = wrangler([
    "deploy",
    "--dry-run",
    "--env=production",
    `--config=${config}`,
    `--outdir=${outdir}`,
  ]);
  const kib = Number(/Total Upload: ([\d.]+) KiB/.exec(output)?.[1]);
  return { config, kib, budgetKib: BUNDLE_BUDGETS_KIB[config] ?? 0 };
}

export interface Startup {
  /** CPU of evaluating the API's bundle on this machine, in milliseconds: the least of some tries. */
  readonly ms: number;
  readonly yardstickMs: number;
  readonly ratio: number;
}

/** What it costs to begin, by V8's own profile of it in a local workerd. Takes about ten seconds; needs no account. */
export function measureStartup(): Startup {
  const folder = join(FOLDER, "startup");
  mkdirSync(folder, { recursive: true });
  const bundle = join(folder, "naru.bundle");
  const yardstick = join(folder, "wrangler.json");
  writeFileSync(join(folder, "yardstick.js"), YARDSTICK);
  writeFileSync(
    yardstick,
    JSON.stringify({
      name: "yardstick",
      main: "yardstick.js",
      compatibility_date: "2026-10-20",
    }),
  );
  wrangler([
    "deploy",
    "--dry-run",
    "--env=production",
    "--config=wrangler.toml",
    `--outfile=${bundle}`,
  ]);
  const active = (...options: string[]): number =>
    Number(
      /Active: ([\d.]+) ms/.exec(
        wrangler(["check", "startup", `--outfile=${join(folder, "profile")}`, ...options]),
      )?.[1],
    );
  // By turns, so that both meet the same weather.
  const tries = Array.from({ length: STARTUP_TRIES }, () => ({
    own: active("--config=wrangler.toml", `--worker=${bundle}`),
    yardstick: active(`--config=${yardstick}`),
  }));
  const ms = Math.min(...tries.map(({ own }) => own));
  const yardstickMs = Math.min(...tries.map((one) => one.yardstick));
  return { ms, yardstickMs, ratio: ms / yardstickMs };
}

function wrangler(options: readonly string[]): string {
  const run = spawnSync("wrangler", options, {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, ...WRANGLER_ENV },
    maxBuffer: 64 * 1024 * 1024,
  });
  if (run.status !== 0)
    throw new Error(
      `wrangler ${options.join(" ")} failed:\n${run.stdout ?? ""}${run.stderr ?? ""}`,
    );
  return run.stdout;
}

export const describeBundle = ({ config, kib, budgetKib }: Bundle): string =>
  `${config}: ${kib} KiB of ${budgetKib} KiB`;
export const describeStartup = ({ ms, yardstickMs, ratio }: Startup): string =>
  `cold start of the API: ${ms} ms of CPU here, ${ratio.toFixed(2)} times the yardstick's ${yardstickMs} ms; budget ${STARTUP_BUDGET}`;
