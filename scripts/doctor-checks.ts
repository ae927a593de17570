/** What `npm run doctor` looks at, as rules over facts: nothing here reads a file or starts anything. */
import { readConfig } from "#platform/config";
import { faultsOf } from "#platform/setting-checks";
import type { Fault } from "#platform/setting-checks";

/** wrangler's own floor. npm scripts bring a Node of their own, so this is what runs them. */
export const MIN_NODE = 22;
/** Owner alone reads and writes. */
export const SECRETS_FILE_MODE = 0o600;
/** A measured size or time may come this near to its budget before a warning. */
const NEAR = 0.97;

export interface LocalFacts {
  readonly nodeVersion: string;
  /** Packages of the lock file that are not installed, or in another version. */
  readonly wrongPackages: readonly string[];
  /** Why workerd did not answer; null where it did. */
  readonly workerdFault: string | null;
  readonly takenPorts: readonly number[];
  /** Of `.dev.vars`; null where there is none. */
  readonly secretsFileMode: number | null;
  readonly hasPendingMigrations: boolean;
  /** Every variable of development, `.dev.vars` over `[vars]`. */
  readonly settings: Readonly<Record<string, string>>;
  /** The names in `.dev.vars`. */
  readonly ownSettings: readonly string[];
  /** The names of `[vars]` and secrets in the configurations. */
  readonly declaredSettings: readonly string[];
}

const RULES: readonly ((facts: LocalFacts) => Fault | null)[] = [
  ({ nodeVersion }) =>
    Number(/^v?(\d+)/.exec(nodeVersion)?.[1] ?? 0) >= MIN_NODE
      ? null
      : {
          code: "NODE_TOO_OLD",
          severity: "critical",
          message: `Node ${nodeVersion} runs this; wrangler needs ${MIN_NODE} or newer.`,
          fix: "Run it as `npm run doctor`, which takes the Node of node_modules, or install a newer one.",
        },
  ({ wrongPackages }) =>
    wrongPackages.length === 0
      ? null
      : {
          code: "MODULES_INCOMPLETE",
          severity: "critical",
          message: `node_modules is not what package-lock.json says: ${wrongPackages.slice(0, 5).join(", ")}${wrongPackages.length > 5 ? ` and ${wrongPackages.length - 5} more` : ""}.`,
          fix: "Run `npm ci`.",
        },
  ({ workerdFault }) =>
    workerdFault === null
      ? null
      : {
          code: "WORKERD_FAILS",
          severity: "critical",
          message: `workerd does not start: ${workerdFault}.`,
          fix: "Run `npm ci` on this very machine (the runtime is a binary for its platform); on Linux it needs glibc 2.35 or newer, so no Alpine image.",
        },
  ({ takenPorts }) =>
    takenPorts.length === 0
      ? null
      : {
          code: "PORT_TAKEN",
          severity: "warning",
          message: `Port ${takenPorts.join(", ")} is in use.`,
          fix: "End what listens there, or choose another one: `npm start -- --port 9000`.",
        },
  ({ secretsFileMode: mode }) =>
    mode === null
      ? {
          code: "SECRETS_FILE_MISSING",
          severity: "warning",
          message: "There is no .dev.vars yet.",
          fix: "Run `npm run setup`, or `npm start`, which does it too.",
        }
      : (mode & 0o777) === SECRETS_FILE_MODE
        ? null
        : {
            code: "SECRETS_FILE_READABLE",
            severity: "error",
            message: `.dev.vars has the mode ${(mode & 0o777).toString(8)}: others may read its secrets.`,
            fix: "Run `chmod 600 .dev.vars`.",
          },
  ({ hasPendingMigrations }) =>
    hasPendingMigrations
      ? {
          code: "MIGRATIONS_PENDING",
          severity: "warning",
          message: "The local database lacks a migration.",
          fix: "Run `npm run setup`, or `npm start`, which does it too.",
        }
      : null,
];

/** What is wrong with this checkout and this machine. */
export const checkLocal = (facts: LocalFacts): Fault[] => [
  ...RULES.flatMap((rule) => rule(facts) ?? []),
  // Where there is no .dev.vars yet, what it would hold is not missed one by one.
  ...(facts.secretsFileMode === null ? [] : faultsOf(readConfig({ ...facts.settings }).issues)),
  ...unknownSettings(facts),
];

/** Names in `.dev.vars` that nothing reads: mostly one that is misspelt, whose default is used without a word. */
function unknownSettings({ settings, ownSettings, declaredSettings }: LocalFacts): Fault[] {
  const known = new Set([...declaredSettings, ...settingsRead(settings)]);
  return ownSettings
    .filter((name) => !known.has(name) && !TOOLS_OWN.test(name))
    .map((name) => {
      const meant = [...known].find((one) => isNear(one, name));
      return {
        code: "SETTING_UNKNOWN",
        severity: "warning",
        message: `.dev.vars sets ${name}, which nothing reads.`,
        fix:
          meant === undefined
            ? `Delete its line, or write the name as the README's table of settings does.`
            : `Write ${meant} if that is meant, or delete its line.`,
      };
    });
}

/** What wrangler itself may be told in the same file. */
const TOOLS_OWN = /^(?:CLOUDFLARE|WRANGLER|NODE)_/;

/** Every name that the server asks for when it reads its settings. */
function settingsRead(settings: Readonly<Record<string, string>>): Set<string> {
  const asked = new Set<string>();
  readConfig(
    new Proxy(
      { ...settings },
      {
        get: (target, name) => {
          if (typeof name === "string") asked.add(name);
          return Reflect.get(target, name) as unknown;
        },
      },
    ),
  );
  return asked;
}

/** Whether two names differ by one letter that is missing, wrong or too many, or only in case and underscores. */
function isNear(one: string, other: string): boolean {
  const plain = (name: string): string => name.toUpperCase().replaceAll(/[_-]/g, "");
  const [a, b] = [plain(one), plain(other)].toSorted((x, y) => x.length - y.length) as [
    string,
    string,
  ];
  if (b.length - a.length > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  return a.slice(a.length === b.length ? start + 1 : start) === b.slice(start + 1);
}

export interface ProductionFacts {
  /** `[env.production.vars]` of the API. */
  readonly vars: Readonly<Record<string, string>>;
  readonly requiredSecrets: readonly string[];
  /** Whether the account's AI binding is there. */
  readonly hasAi: boolean;
  /** Names of the secrets that the deployed Worker has; null where nobody could look. */
  readonly deployedSecrets: readonly string[] | null;
  readonly pendingMigrations: readonly string[] | null;
}

/** Secrets without which production would not serve, with these variables. */
export const neededSecrets = ({
  vars,
  requiredSecrets,
}: Pick<ProductionFacts, "vars" | "requiredSecrets">): string[] => [
  ...requiredSecrets,
  ...(vars["AI_PROVIDER"] === "openai" ? ["AI_MODEL_API_KEY"] : []),
];

/** What a production deployment would refuse, or would better not have. */
export function checkProductionSettings(facts: ProductionFacts): Fault[] {
  const { vars, deployedSecrets, pendingMigrations } = facts;
  const needed = neededSecrets(facts);
  const { issues } = readConfig({ ...vars, ...(facts.hasAi ? { AI: {} } : {}) });
  const ofSettings = faultsOf(
    // Their values are nobody's to read; whether they are there is looked at below.
    issues.filter(({ setting }) => !needed.includes(setting)),
  );
  const missing =
    deployedSecrets === null ? [] : needed.filter((name) => !deployedSecrets.includes(name));
  return [
    ...ofSettings,
    ...missing.map((name): Fault => ({
      code: `${name}_MISSING`,
      severity: "error",
      message: `The deployed Worker has no secret ${name}.`,
      fix: "Run `npm run deploy`, which asks for it or makes it.",
    })),
    ...(pendingMigrations === null || pendingMigrations.length === 0
      ? []
      : [
          {
            code: "PRODUCTION_MIGRATIONS_PENDING",
            severity: "warning",
            message: `The deployed database lacks ${pendingMigrations.join(", ")}.`,
            fix: "Run `npm run deploy`, which applies them before the code that needs them.",
          } as const,
        ]),
    ...questionable(vars),
  ];
}

/** Nothing that the server refuses, and nothing that one would want unasked. */
function questionable(vars: Readonly<Record<string, string>>): Fault[] {
  const rules: readonly (readonly [boolean, string, string, string])[] = [
    [
      vars["ENVIRONMENT"] !== "production",
      "ENVIRONMENT_NOT_PRODUCTION",
      `[env.production.vars] calls itself ${vars["ENVIRONMENT"] ?? "nothing"}.`,
      'Set ENVIRONMENT = "production" there: development has an open /metrics and a demo account.',
    ],
    [
      vars["LOG_LEVEL"] === "debug" || /^(?:1|true|yes|on)$/i.test(vars["DEBUG"] ?? ""),
      "LOGS_TOO_MUCH",
      "Production logs at the level debug, and each line is paid for.",
      'Set LOG_LEVEL = "info" in [env.production.vars].',
    ],
    [
      (vars["PUBLIC_URL"] ?? "") === "",
      "PUBLIC_URL_UNSET",
      "PUBLIC_URL is empty: tokens name no issuer of yours, and nobody can sign in with a provider.",
      "Set PUBLIC_URL in [env.production.vars] to the origin that clients use, once it is known.",
    ],
    [
      (vars["AI_PROVIDER"] ?? "embedded") === "embedded",
      "AI_EMBEDDED_ONLY",
      "No model is configured: the embedded engine answers what it can, and refuses the rest.",
      "Set AI_PROVIDER in [env.production.vars] to workers-ai with AI_MODEL, or to openai with AI_MODEL_ENDPOINT as well.",
    ],
  ];
  return rules.flatMap(([applies, code, message, fix]) =>
    applies ? [{ code, severity: "warning", message, fix } as const] : [],
  );
}

/** A measure against its budget. */
export function checkBudget(name: string, value: number, budget: number): Fault | null {
  if (value <= budget * NEAR) return null;
  const isOver = !(value <= budget);
  return {
    code: isOver ? "OVER_BUDGET" : "NEAR_BUDGET",
    severity: isOver ? "error" : "warning",
    message: `${name} is at ${value} of ${budget}.`,
    fix: "Look at what the last changes import; `npx wrangler deploy --dry-run --metafile` tells what weighs. Raise the budget in scripts/bundles.ts on purpose only.",
  };
}

/** What decides over the exit code: production is refused for an error too, a checkout only for what keeps it from running. */
export const isRefused = (faults: readonly Fault[], forProduction: boolean): boolean =>
  faults.some(({ severity }) => severity === "critical" || (forProduction && severity === "error"));

/** For a person, the worst first. */
export function describeFaults(faults: readonly Fault[]): string {
  const marks = { critical: "✗ critical", error: "✗ error", warning: "! warning" } as const;
  const order = ["critical", "error", "warning"];
  return faults
    .toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity))
    .map(({ severity, code, message, fix }) => `${marks[severity]} ${code}: ${message}\n  → ${fix}`)
    .join("\n");
}
