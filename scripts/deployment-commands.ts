/** What a deployment is made of: its plan, what it may reach, the commands that it gives, and a rehearsal of them. */
import { stripVTControlCharacters } from "node:util";
import { WORKERS } from "./config-files.ts";
import type { Configs, EnvironmentConfig, WorkerConfig, WorkerName } from "./config-files.ts";
import { DATABASE, deploymentConfig, NAMESPACE, nameIn, queuesOf } from "./deployment-configs.ts";
import type { AccountIds, DeployEnvironment } from "./deployment-configs.ts";

/** Messages wait a day at most: the longest that the Free plan has. The shards send again what a queue forgot. */
const QUEUE_RETENTION_S = 86_400;
/** Wrangler finds something under any id in a dry run. */
export const NO_IDS: AccountIds = {
  databaseId: "00000000-0000-4000-8000-000000000000",
  namespaceId: "0".repeat(32),
};

export interface WranglerAnswer {
  readonly isOk: boolean;
  readonly out: string;
  readonly err: string;
}

export interface Ports {
  readonly wrangler: (commandArguments: readonly string[]) => Promise<WranglerAnswer>;
  readonly say: (line: string) => void;
  /** What a person answers; null where nobody can be asked. The answer is not echoed. */
  readonly ask: (question: string) => Promise<string | null>;
  readonly fetch: (
    url: string,
  ) => Promise<{ readonly status: number; readonly text: string } | null>;
  readonly pause: (ms: number) => Promise<void>;
  /** Makes secrets that need nobody's knowledge, by name. */
  readonly make: Readonly<Record<string, () => Promise<string>>>;
  /** Secrets that an earlier run made and had not brought out; and where this one keeps its own meanwhile. */
  readonly keptSecrets: () => Readonly<Record<string, string>>;
  readonly keepSecrets: (secrets: Readonly<Record<string, string>>) => string;
  /** Writes what wrangler is to read, and gives the paths. */
  readonly writeConfigs: (configs: Configs) => Readonly<Record<WorkerName, string>>;
  readonly rememberUrl: (url: string) => void;
}

export interface Deployment {
  readonly environment: DeployEnvironment;
  readonly configs: Configs;
  /** Where the configurations' paths begin. */
  readonly root: string;
  /** Of package.json: what the deployed `/health` has to tell. */
  readonly version: string;
  /** Names what is deployed: the same sources give the same. At most 25 characters. */
  readonly release: string;
  readonly secrets: Readonly<Record<string, string>>;
  readonly neededSecrets: readonly string[];
  /** Where it answers, as far as that is known beforehand. */
  readonly url: string | null;
  /** Whether secrets may be made where nobody sees them: they are then in the kept file alone. */
  readonly mayMakeUnseen: boolean;
}

/** The commands of a deployment, and wrangler's own dry run of each Worker with the very configurations that it would get. */
export async function rehearse(plan: Deployment, ports: Ports): Promise<boolean> {
  const paths = ports.writeConfigs(configsWith(plan, NO_IDS));
  const named = (name: string): string => nameIn(plan.environment, name);
  const lines = [
    "wrangler whoami --json",
    `wrangler secret list --name ${named("naru")}`,
    `wrangler d1 create ${named(DATABASE)}   (where there is none)`,
    `wrangler kv namespace create ${named(NAMESPACE)}   (where there is none)`,
    ...queuesOf(Object.values(environmentsOf(plan, NO_IDS))).map(
      (queue) => `wrangler ${queueArguments(queue).join(" ")}   (where there is none)`,
    ),
    `wrangler ${migrationArguments(plan, paths.naru).join(" ")}`,
  ];
  for (const line of lines) ports.say(`  ${line}`);
  for (const { name } of WORKERS) {
    const commandArguments = deployArguments(plan, paths[name]);
    ports.say(`  wrangler ${commandArguments.join(" ")}`);
    const answer = await ports.wrangler([...commandArguments, "--dry-run"]);
    if (!answer.isOk) {
      ports.say(`✗ ${name}: ${reasonOf(answer)}`);
      return false;
    }
  }
  ports.say(`  GET <url>/health, until it tells the version ${plan.version}`);
  ports.say("All dry runs passed; nothing was changed.");
  return true;
}

export const configsWith = (plan: Deployment, ids: AccountIds): Configs =>
  Object.fromEntries(
    WORKERS.map(({ name }) => [
      name,
      deploymentConfig(plan.configs[name], plan.environment, ids, plan.root),
    ]),
  ) as Record<WorkerName, WorkerConfig>;

export const environmentsOf = (
  plan: Deployment,
  ids: AccountIds,
): Readonly<Record<string, EnvironmentConfig>> =>
  Object.fromEntries(
    Object.entries(configsWith(plan, ids)).map(([name, config]: [string, WorkerConfig]) => [
      name,
      config.env?.[plan.environment] ?? {},
    ]),
  );

export const deployArguments = (plan: Deployment, config: string): string[] => [
  "deploy",
  `--config=${config}`,
  `--env=${plan.environment}`,
  `--tag=${plan.release}`,
  `--message=${plan.version} ${plan.release}`,
];

export const migrationArguments = (plan: Deployment, config: string): string[] => [
  "d1",
  "migrations",
  "apply",
  "DB",
  "--remote",
  `--config=${config}`,
  `--env=${plan.environment}`,
];

export const queueArguments = (queue: string): string[] => [
  "queues",
  "create",
  queue,
  `--message-retention-period-secs=${QUEUE_RETENTION_S}`,
];

/** What wrangler complained of, without its ornaments. */
export function reasonOf({ out, err }: WranglerAnswer): string {
  const text = stripVTControlCharacters(`${err}\n${out}`);
  const line = /(?:✘ \[ERROR\]|\[ERROR\]|Error:)\s*(.+)/.exec(text)?.[1];
  return (line ?? text.trim().split("\n")[0] ?? "").trim() || "it failed without a word";
}
