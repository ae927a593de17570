/** The three Workers as their configurations state them, and what has to hold between those. */
import type { Fault } from "#platform/setting-checks";

/** In the order of their deployment: what binds another one comes after it. */
export const WORKERS = [
  { name: "naru-tools", file: "wrangler.tools.toml" },
  { name: "naru", file: "wrangler.toml" },
  { name: "naru-consumer", file: "wrangler.consumer.toml" },
] as const;
export type WorkerName = (typeof WORKERS)[number]["name"];

/** What of an environment matters here. */
export interface EnvironmentConfig {
  readonly name?: string;
  readonly vars?: Readonly<Record<string, unknown>>;
  readonly secrets?: { readonly required?: readonly string[] };
  readonly services?: readonly { readonly binding: string; readonly service: string }[];
  readonly d1_databases?: readonly {
    readonly binding: string;
    readonly database_name?: string;
    readonly database_id?: string;
    readonly migrations_dir?: string;
  }[];
  readonly kv_namespaces?: readonly { readonly binding: string; readonly id?: string }[];
  readonly queues?: {
    readonly producers?: readonly { readonly binding: string; readonly queue: string }[];
    readonly consumers?: readonly (Readonly<Record<string, unknown>> & {
      readonly queue: string;
      readonly dead_letter_queue?: string;
    })[];
  };
  readonly durable_objects?: {
    readonly bindings: readonly {
      readonly name: string;
      readonly class_name: string;
      readonly script_name?: string;
    }[];
  };
  readonly route?: unknown;
  readonly routes?: unknown;
  readonly triggers?: { readonly crons?: readonly string[] };
}
export interface WorkerConfig extends EnvironmentConfig {
  readonly main?: string;
  readonly compatibility_date?: string;
  readonly assets?: { readonly directory?: string };
  readonly alias?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, EnvironmentConfig>>;
}
export type Configs = Readonly<Record<WorkerName, WorkerConfig>>;

/** Variables that only development has: there they are empty or made up, in production they are secrets. */
const SECRETS_IN_PRODUCTION = new Set(["AI_MODEL_API_KEY", "OAUTH_PROVIDERS"]);
/** What development cannot have: it asks for an account. */
const PRODUCTION_ONLY = new Set(["AI"]);
/** Development keeps no schedule, and wrangler warns at every start of one that it does not keep. */
const isSchedule = (item: string): boolean => item.startsWith("the schedule ");
/** More of these in production than in development is meant. */
const MAY_DIFFER_BY_WORKER = new Set(["RUNNER_SLOTS"]);

/** Names of everything that an environment binds, by kind. */
function bindingsOf(config: EnvironmentConfig): string[] {
  return [
    ...Object.keys(config.vars ?? {}).map((name) => `the variable ${name}`),
    ...(config.secrets?.required ?? []).map((name) => `the required secret ${name}`),
    ...(config.services ?? []).map(
      ({ binding, service }) => `the service ${binding} to ${service}`,
    ),
    ...(config.d1_databases ?? []).map(({ binding }) => `the database ${binding}`),
    ...(config.kv_namespaces ?? []).map(({ binding }) => `the namespace ${binding}`),
    ...(config.queues?.producers ?? []).map(
      ({ binding, queue }) => `the queue ${binding} to ${queue}`,
    ),
    ...(config.queues?.consumers ?? []).map((settings) => {
      const { queue, ...rest } = settings;
      return `the consumer of ${queue} with ${JSON.stringify(Object.entries(rest).toSorted(([a], [b]) => (a < b ? -1 : 1)))}`;
    }),
    ...(config.durable_objects?.bindings ?? []).map(
      ({ name, class_name: className, script_name: script }) =>
        `the object ${name} to ${className}${script === undefined ? "" : ` of ${script}`}`,
    ),
    ...(config.triggers?.crons ?? []).map((cron) => `the schedule ${cron}`),
  ];
}

const fault = (code: string, message: string, fix: string): Fault => ({
  code,
  severity: "error",
  message,
  fix,
});
const missingFrom = (left: readonly string[], right: readonly string[]): string[] =>
  left.filter((item) => !right.includes(item));

/** What is in one place of the configurations and lacks in another. Pure: `read-configs.ts` reads the files. */
export function checkConfigs(configs: Configs, wranglerDate: string): Fault[] {
  return [
    ...WORKERS.flatMap(({ name, file }) => checkProduction(configs[name], file)),
    ...checkBetween(configs),
    ...checkObjects(configs),
    ...checkDates(configs, wranglerDate),
  ];
}

/** Nothing that development has may be missing where it counts: wrangler lets variables and bindings of the top level go. */
function checkProduction(config: WorkerConfig, file: string): Fault[] {
  const production = config.env?.["production"];
  if (production === undefined)
    return [
      fault(
        "PRODUCTION_MISSING",
        `${file} has no [env.production].`,
        `Add [env.production] to ${file}, with every variable and binding of its top level.`,
      ),
    ];
  const inDevelopment = bindingsOf(config).filter(
    (item) => !SECRETS_IN_PRODUCTION.has(item.replace("the variable ", "")),
  );
  const inProduction = bindingsOf(production);
  return [
    ...missingFrom(inDevelopment, inProduction).map((item) =>
      fault(
        "PRODUCTION_INCOMPLETE",
        `${file} has ${item} in development and not in production.`,
        `Add it under [env.production] of ${file}.`,
      ),
    ),
    ...missingFrom(inProduction, inDevelopment)
      .filter((item) => !PRODUCTION_ONLY.has(item.replace(/^the \w+ /, "")) && !isSchedule(item))
      .map((item) =>
        fault(
          "DEVELOPMENT_INCOMPLETE",
          `${file} has ${item} in production and not in development.`,
          `Add it at the top level of ${file}, so that it runs before it is deployed.`,
        ),
      ),
    ...[
      ...(production.d1_databases ?? []).map(({ database_id: id }) => id),
      ...(production.kv_namespaces ?? []).map(({ id }) => id),
    ]
      .filter((id) => id !== undefined && /^[0-]+$/.test(id))
      .map(() =>
        fault(
          "PLACEHOLDER_ID",
          `${file} has development's placeholder as an id in production.`,
          "Leave the id out: `npm run deploy` finds or makes the database and the namespace by name.",
        ),
      ),
  ];
}

/** The same variable is the same in every Worker; every queue that is filled is emptied. */
function checkBetween(configs: Configs): Fault[] {
  const faults: Fault[] = [];
  for (const environment of ["development", "production"] as const) {
    const parts = WORKERS.map(({ name, file }) => ({
      name,
      file,
      config: environment === "production" ? configs[name].env?.["production"] : configs[name],
    }));
    const first = new Map<string, { file: string; value: string }>();
    for (const { file, config } of parts)
      for (const [name, value] of Object.entries(config?.vars ?? {})) {
        const known = first.get(name);
        if (known === undefined) first.set(name, { file, value: String(value) });
        else if (known.value !== String(value) && !MAY_DIFFER_BY_WORKER.has(name))
          faults.push(
            fault(
              "WORKERS_DISAGREE",
              `${name} is another one in ${file} than in ${known.file} (${environment}).`,
              `Write the same value of ${name} in both.`,
            ),
          );
      }
    const consumed = parts.flatMap(({ config }) => config?.queues?.consumers ?? []);
    const consumedNames = consumed.map(({ queue }) => queue);
    const filled = [
      ...parts.flatMap(({ config }) => config?.queues?.producers ?? []).map(({ queue }) => queue),
      ...consumed.flatMap(({ dead_letter_queue: queue }) => (queue === undefined ? [] : [queue])),
    ];
    for (const queue of new Set(missingFrom(filled, consumedNames)))
      faults.push(
        fault(
          "QUEUE_WITHOUT_CONSUMER",
          `Nobody takes messages from the queue ${queue} (${environment}).`,
          `Add [[queues.consumers]] for ${queue} to wrangler.consumer.toml.`,
        ),
      );
    const known = new Set<string>(parts.map(({ config, name }) => config?.name ?? name));
    for (const { file, config } of parts)
      for (const { service } of config?.services ?? [])
        if (!known.has(service))
          faults.push(
            fault(
              "SERVICE_UNKNOWN",
              `${file} binds the Worker ${service}, which is none of these (${environment}).`,
              `Correct the service's name in ${file}.`,
            ),
          );
  }
  return faults;
}

/** Every class that a Worker exports is bound there; every object that another one binds is exported by its script. */
function checkObjects(configs: Configs): Fault[] {
  return WORKERS.flatMap(({ name, file }) => {
    const bindings = configs[name].durable_objects?.bindings ?? [];
    const own = bindings.filter(({ script_name: script }) => script === undefined);
    const exported = Object.keys(configs[name].exports ?? {});
    const unknown = bindings.filter(
      ({ script_name: script, class_name: className }) =>
        !Object.keys(configs[(script ?? name) as WorkerName]?.exports ?? {}).includes(className),
    );
    const unbound = missingFrom(
      exported,
      own.map(({ class_name: className }) => className),
    );
    return [
      ...unknown.map(({ class_name: className, script_name: script }) =>
        fault(
          "OBJECT_UNKNOWN",
          `${file} binds the object class ${className}, which ${script ?? name} does not export.`,
          `Add [exports.${className}] to the configuration of ${script ?? name}, or correct the name.`,
        ),
      ),
      ...unbound.map((className) =>
        fault(
          "OBJECT_UNBOUND",
          `${file} exports the object class ${className} and binds it nowhere.`,
          `Add a [[durable_objects.bindings]] for ${className} to ${file}.`,
        ),
      ),
    ];
  });
}

/** `wranglerDate` is the newest date that the installed runtime knows. */
function checkDates(configs: Configs, wranglerDate: string): Fault[] {
  const dates = WORKERS.map(({ name, file }) => ({ file, date: configs[name].compatibility_date }));
  const [first] = dates;
  return dates.flatMap(({ file, date }) => {
    if (date === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(date))
      return [
        fault(
          "COMPATIBILITY_DATE_MISSING",
          `${file} has no compatibility_date.`,
          `Set compatibility_date in ${file} to ${first?.date ?? wranglerDate}.`,
        ),
      ];
    if (date > wranglerDate)
      return [
        fault(
          "COMPATIBILITY_DATE_TOO_NEW",
          `The compatibility date of ${file}, ${date}, is newer than the installed runtime's, ${wranglerDate}.`,
          "Update wrangler, or take an earlier date.",
        ),
      ];
    if (date !== first?.date)
      return [
        fault(
          "COMPATIBILITY_DATES_DIFFER",
          `${file} has the compatibility date ${date}, ${first?.file ?? ""} has ${first?.date ?? "none"}.`,
          "Write the same compatibility_date in all three configurations.",
        ),
      ];
    return [];
  });
}
