/** The doctor's visit: collects the facts that `doctor-checks.ts` judges, and prints what came of it. Started by `doctor.ts`, once packages are there. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import {
  BUNDLE_BUDGETS_KIB,
  describeBundle,
  describeStartup,
  measureBundle,
  measureStartup,
  STARTUP_BUDGET,
} from "./bundles.ts";
import { checkConfigs } from "./config-files.ts";
import { readConfigs } from "./read-configs.ts";
import {
  checkBudget,
  checkLocal,
  checkProductionSettings,
  describeFaults,
  isRefused,
} from "./doctor-checks.ts";
import {
  DEFAULT_PORT,
  DEFAULT_STATE,
  hasPendingMigrations,
  parseVars,
  ROOT,
  SECRETS_FILE,
  WRANGLER_ENV,
} from "./setup.ts";
import type { Fault } from "#platform/setting-checks";

const configs = readConfigs();
const ownSettings = existsSync(SECRETS_FILE) ? parseVars(readFileSync(SECRETS_FILE, "utf8")) : {};

/** Looks at everything, prints it, and tells whether something has to be done first. */
export async function visit(options: {
  readonly forProduction: boolean;
  readonly isQuick: boolean;
  readonly wrongPackages: readonly string[];
}): Promise<boolean> {
  const { forProduction, isQuick, wrongPackages } = options;
  const faults: Fault[] = [
    ...checkLocal({
      nodeVersion: process.version,
      wrongPackages,
      workerdFault: await tryWorkerd(),
      takenPorts: (await isFree(DEFAULT_PORT)) ? [] : [DEFAULT_PORT],
      secretsFileMode: existsSync(SECRETS_FILE) ? statSync(SECRETS_FILE).mode : null,
      hasPendingMigrations: hasPendingMigrations(DEFAULT_STATE),
      settings: {
        ...textsOf(configs.naru.vars),
        ...ownSettings,
      },
      ownSettings: Object.keys(ownSettings),
      declaredSettings: Object.values(configs).flatMap(({ vars, secrets }) => [
        ...Object.keys(vars ?? {}),
        ...(secrets?.required ?? []),
      ]),
    }),
    ...checkConfigs(configs, runtimeDate()),
    ...(forProduction ? lookAtProduction() : []),
    ...(isQuick ? [] : measure()),
  ];
  if (faults.length > 0) console.log(describeFaults(faults));
  const count = (severity: Fault["severity"]): number =>
    faults.filter((fault) => fault.severity === severity).length;
  console.log(
    faults.length === 0
      ? "Everything is as it has to be."
      : `${count("critical")} critical, ${count("error")} errors, ${count("warning")} warnings.`,
  );
  return isRefused(faults, forProduction);
}

function measure(): Fault[] {
  const found: (Fault | null)[] = [];
  for (const config of Object.keys(BUNDLE_BUDGETS_KIB)) {
    const bundle = measureBundle(config);
    console.log(describeBundle(bundle));
    found.push(checkBudget(`${config}, in KiB,`, bundle.kib, bundle.budgetKib));
  }
  const startup = measureStartup();
  console.log(describeStartup(startup));
  found.push(checkBudget("The cold start of the API", startup.ratio, STARTUP_BUDGET));
  return found.filter((fault) => fault !== null);
}

/** Asks the account where somebody is logged in, and says so where nobody is. */
function lookAtProduction(): Fault[] {
  const production = configs.naru.env?.["production"] ?? {};
  const name = production.name ?? "naru";
  const isLoggedIn = askWrangler(["whoami", "--json"]) !== null;
  if (!isLoggedIn)
    console.log(
      "Nobody is logged in (`npx wrangler login`, or CLOUDFLARE_API_TOKEN): the deployed secrets and migrations were not looked at.",
    );
  const secrets = isLoggedIn ? askWrangler(["secret", "list", "--name", name]) : null;
  if (isLoggedIn && secrets === null)
    console.log(`There is no Worker ${name} in this account yet: \`npm run deploy\` makes it.`);
  return checkProductionSettings({
    vars: textsOf(production.vars),
    requiredSecrets: production.secrets?.required ?? [],
    hasAi: "ai" in production,
    deployedSecrets: secrets === null ? null : namesIn(secrets),
    pendingMigrations: secrets === null ? null : pendingMigrations(),
  });
}

function askWrangler(commandArguments: readonly string[]): string | null {
  const run = spawnSync("wrangler", commandArguments, {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, ...WRANGLER_ENV },
  });
  return run.status === 0 ? run.stdout : null;
}

function pendingMigrations(): string[] | null {
  const listed = askWrangler([
    "d1",
    "migrations",
    "list",
    "DB",
    "--remote",
    "--config=wrangler.toml",
    "--env=production",
  ]);
  return listed?.match(/\d{4}_\w+\.sql/g) ?? null;
}

const namesIn = (json: string): string[] =>
  (JSON.parse(json) as { name: string }[]).map(({ name }) => name);

function textsOf(vars: Readonly<Record<string, unknown>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(vars).map(([name, value]) => [name, String(value)]));
}

async function tryWorkerd(): Promise<string | null> {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      workers: [
        {
          modules: [
            {
              type: "ESModule",
              path: "index.js",
              contents: 'export default { fetch: () => new Response("ok") };',
            },
          ],
          compatibilityDate: configs.naru.compatibility_date ?? runtimeDate(),
        },
      ],
    } as unknown as Parameters<typeof convertV4MiniflareOptions>[0]),
  );
  try {
    const answer = await miniflare.dispatchFetch("http://doctor.test/");
    return (await answer.text()) === "ok" ? null : "it answers something else";
  } catch (error) {
    return error instanceof Error ? (error.message.split("\n")[0] ?? "unknown") : "unknown";
  } finally {
    await miniflare.dispose().catch(() => undefined);
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "localhost", () => server.close(() => resolve(true)));
  });
}

/** workerd's version names the newest compatibility date that it knows: 1.20261023.1. */
function runtimeDate(): string {
  const { version } = createRequire(import.meta.url)("workerd/package.json") as { version: string };
  const [, year = "", month = "", day = ""] = /\.(\d{4})(\d{2})(\d{2})\./.exec(version) ?? [];
  return `${year}-${month}-${day}`;
}
