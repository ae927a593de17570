/**
 * `npm run deploy`: checks, then everything that a deployment needs, each step only where it is not done yet; see docs/operate/deploy.md.
 * `--dry-run` changes nothing and needs no account. `--env staging` makes a deployment of its own beside production, with names ending in -staging.
 * `--secrets-file FILE` (JSON or NAME=value lines) and variables of the environment give secrets where nobody can be asked; `--make-secrets`
 * lets those be made that need nobody's knowledge. `--url` says where it answers, `--skip-checks` leaves the checks to an earlier step of CI.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { parseArgs } from "node:util";
import manifest from "../package.json" with { type: "json" };
import { measureBundle } from "./bundles.ts";
import { WORKERS } from "./config-files.ts";
import type { Configs, WorkerName } from "./config-files.ts";
import { deploy } from "./deployment.ts";
import { rehearse } from "./deployment-commands.ts";
import type { Deployment, Ports } from "./deployment-commands.ts";
import { neededSecrets } from "./doctor-checks.ts";
import { readConfigs } from "./read-configs.ts";
import { makeSecret, parseVars, prepareAssets, ROOT } from "./setup.ts";
import { runWrangler } from "./wrangler-process.ts";

const { values } = parseArgs({
  options: {
    env: { type: "string", default: "production" },
    "dry-run": { type: "boolean", default: false },
    "secrets-file": { type: "string" },
    "make-secrets": { type: "boolean", default: false },
    "skip-checks": { type: "boolean", default: false },
    url: { type: "string" },
  },
});
const environment = values.env;
if (environment !== "production" && environment !== "staging")
  fail("--env is production or staging.");
const folder = join(ROOT, ".wrangler", `deployment-${environment}`);
const secretsPath = join(folder, "secrets.json");
const urlPath = join(folder, "url");
mkdirSync(folder, { recursive: true, mode: 0o700 });

if (!values["skip-checks"]) {
  check("scripts/doctor.ts", "--production", "--quick");
  if (!values["dry-run"]) check("scripts/check.ts", "--without-tests");
}
prepareAssets();
const configs = readConfigs();
const production = configs.naru.env?.["production"] ?? {};
const vars = Object.fromEntries(
  Object.entries(production.vars ?? {}).map(([name, value]) => [name, String(value)]),
);
const needed = neededSecrets({ vars, requiredSecrets: production.secrets?.required ?? [] });
const made: string[] = [];
const plan: Deployment = {
  environment,
  configs,
  root: ROOT,
  version: manifest.version,
  release: releaseOf(configs),
  secrets: givenSecrets(),
  neededSecrets: needed,
  url: values.url ?? knownUrl(),
  mayMakeUnseen: values["make-secrets"],
};
const ports: Ports = {
  wrangler: runWrangler,
  say: (line) => console.log(line),
  ask,
  fetch: async (url) => {
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(20_000) });
      return { status: answer.status, text: await answer.text() };
    } catch {
      return null;
    }
  },
  pause: (ms) => new Promise((wake) => setTimeout(wake, ms)),
  make: Object.fromEntries(
    Object.entries(makeSecret).map(([name, make]) => [
      name,
      async () => {
        made.push(name);
        return make();
      },
    ]),
  ),
  keptSecrets: () => (existsSync(secretsPath) ? readSecrets(secretsPath) : {}),
  keepSecrets: (secrets) => {
    writeFileSync(secretsPath, JSON.stringify(secrets, null, 2), { mode: 0o600 });
    return secretsPath;
  },
  writeConfigs,
  rememberUrl: (url) => writeFileSync(urlPath, url),
};

if (values["dry-run"]) process.exit((await rehearse(plan, ports)) ? 0 : 1);
console.log(`Release ${plan.release} of version ${manifest.version}, to ${environment}:`);
const isDone = await deploy(plan, ports);
if (existsSync(secretsPath)) tellOfSecrets();
if (isDone)
  console.log(
    `Deployed. Back to the release before: npm run rollback${environment === "production" ? "" : ` -- --env ${environment}`}. Logs: npx wrangler tail naru.`,
  );
process.exit(isDone ? 0 : 1);

function check(script: string, ...options: string[]): void {
  const run = spawnSync(process.execPath, [join(ROOT, script), ...options], {
    cwd: ROOT,
    stdio: "inherit",
  });
  if (run.status !== 0) fail("Nothing was deployed. Put that right first, or pass --skip-checks.");
}

/** What the settings say, or what an earlier deployment was told. */
function knownUrl(): string | null {
  if (environment === "production" && vars["PUBLIC_URL"]) return vars["PUBLIC_URL"];
  return existsSync(urlPath) ? readFileSync(urlPath, "utf8").trim() : null;
}

/** The same sources and settings give the same name, so that a second run knows what stands. */
function releaseOf(all: Configs): string {
  const hash = createHash("sha256")
    .update(JSON.stringify(all))
    .update(environment ?? "");
  for (const { file } of WORKERS) {
    measureBundle(file);
    const outdir = join(ROOT, "dist", file.replace(/\.toml$/, ""));
    for (const name of readdirSync(outdir).sort())
      if (/\.(?:js|wasm)$/.test(name)) hash.update(name).update(readFileSync(join(outdir, name)));
  }
  const files = readdirSync(join(ROOT, "public"), { recursive: true, withFileTypes: true });
  for (const path of files
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .sort())
    hash.update(relative(ROOT, path)).update(readFileSync(path));
  return `r-${hash.digest("hex").slice(0, 12)}`;
}

function writeConfigs(all: Configs): Record<WorkerName, string> {
  return Object.fromEntries(
    WORKERS.map(({ name }) => {
      const path = join(folder, `${name}.json`);
      writeFileSync(path, JSON.stringify(all[name], null, 2));
      return [name, path];
    }),
  ) as Record<WorkerName, string>;
}

/** Those that somebody handed over: a file's, then the environment's for what is needed. */
function givenSecrets(): Record<string, string> {
  const path = values["secrets-file"];
  if (path !== undefined && !existsSync(path)) fail(`${path} is not there.`);
  const ofEnvironment = Object.fromEntries(
    needed.flatMap((name) => {
      const value = process.env[name];
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );
  return { ...ofEnvironment, ...(path === undefined ? {} : readSecrets(path)) };
}

function readSecrets(path: string): Record<string, string> {
  const text = readFileSync(path, "utf8");
  return text.trimStart().startsWith("{")
    ? (JSON.parse(text) as Record<string, string>)
    : parseVars(text);
}

async function ask(question: string): Promise<string | null> {
  if (!process.stdin.isTTY || process.env["CI"] !== undefined) return null;
  process.stdout.write(question);
  // What is typed is not shown.
  const dark = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: dark, terminal: true });
  const answer = await reader.question("");
  reader.close();
  process.stdout.write("\n");
  return answer.trim();
}

/** Once, and to a person only: what is made here is nowhere else to be read again. */
function tellOfSecrets(): void {
  if (made.length > 0 && process.stdout.isTTY) {
    console.log("\nThese secrets were made for you, and are shown this once:");
    const kept = readSecrets(secretsPath);
    for (const name of made) console.log(`  ${name}=${kept[name] ?? ""}`);
  }
  console.log(
    `\n${secretsPath} holds the secrets of this deployment. Move it to where your secrets are kept (a password manager, CI's secrets) and delete it here.
Without SECRET_KEY every API key becomes invalid, without ENCRYPTION_KEYS what was sealed stays sealed: Cloudflare shows neither again.`,
  );
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
