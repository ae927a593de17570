/** What wrangler is given for a deployment: the committed configurations, with the account's ids and, for staging, names of their own. */
import { isAbsolute, join } from "node:path";
import type { EnvironmentConfig, WorkerConfig } from "./config-files.ts";

export type DeployEnvironment = "production" | "staging";

export interface AccountIds {
  readonly databaseId: string;
  readonly namespaceId: string;
}

/** Of an account, so that a staging deployment beside production shares nothing with it. */
export const nameIn = (environment: DeployEnvironment, name: string): string =>
  environment === "production" ? name : `${name}-${environment}`;

export const DATABASE = "naru";
export const NAMESPACE = "naru-cache";

/**
 * A Worker's configuration with absolute paths and the account's ids filled in where none stand. Both Workers that use the cache
 * get the one namespace; left to wrangler, each would be given one of its own.
 */
export function deploymentConfig(
  config: WorkerConfig,
  environment: DeployEnvironment,
  ids: AccountIds,
  root: string,
): WorkerConfig {
  const absolute = (path: string): string => (isAbsolute(path) ? path : join(root, path));
  const { env, main, assets, alias, d1_databases: databases, ...rest } = config;
  const production = env?.["production"];
  if (production === undefined) throw new Error(`${config.name ?? "A Worker"} has no production.`);
  const inRoot = <T extends { readonly migrations_dir?: string }>(database: T): T =>
    database.migrations_dir === undefined
      ? database
      : { ...database, migrations_dir: absolute(database.migrations_dir) };
  return {
    ...rest,
    ...(main === undefined ? {} : { main: absolute(main) }),
    ...(assets?.directory === undefined
      ? {}
      : { assets: { ...assets, directory: absolute(assets.directory) } }),
    ...(alias === undefined
      ? {}
      : {
          alias: Object.fromEntries(
            Object.entries(alias).map(([name, path]) => [name, absolute(path)]),
          ),
        }),
    ...(databases === undefined ? {} : { d1_databases: databases.map(inRoot) }),
    env: { [environment]: inEnvironment(production, environment, ids, inRoot) },
  };
}

function inEnvironment(
  production: EnvironmentConfig,
  environment: DeployEnvironment,
  ids: AccountIds,
  inRoot: <T extends { readonly migrations_dir?: string }>(database: T) => T,
): EnvironmentConfig {
  const named = (name: string): string => nameIn(environment, name);
  const { vars, services, d1_databases: databases, kv_namespaces: namespaces, queues } = production;
  const { durable_objects: objects, route, routes, ...rest } = production;
  const isProduction = environment === "production";
  return {
    ...rest,
    // Production's own addresses stay with it.
    ...(isProduction && route !== undefined ? { route } : {}),
    ...(isProduction && routes !== undefined ? { routes } : {}),
    ...(production.name === undefined ? {} : { name: named(production.name) }),
    ...(vars === undefined
      ? {}
      : {
          vars: { ...vars, ENVIRONMENT: environment, ...(isProduction ? {} : { PUBLIC_URL: "" }) },
        }),
    ...(services === undefined
      ? {}
      : { services: services.map((one) => ({ ...one, service: named(one.service) })) }),
    ...(databases === undefined
      ? {}
      : {
          d1_databases: databases.map((one) =>
            inRoot({
              ...one,
              database_name: named(one.database_name ?? DATABASE),
              // An id that somebody wrote down is production's.
              database_id: isProduction ? (one.database_id ?? ids.databaseId) : ids.databaseId,
            }),
          ),
        }),
    ...(namespaces === undefined
      ? {}
      : {
          kv_namespaces: namespaces.map((one) => ({
            ...one,
            id: isProduction ? (one.id ?? ids.namespaceId) : ids.namespaceId,
          })),
        }),
    ...(queues === undefined
      ? {}
      : {
          queues: {
            ...(queues.producers === undefined
              ? {}
              : {
                  producers: queues.producers.map((one) => ({ ...one, queue: named(one.queue) })),
                }),
            ...(queues.consumers === undefined
              ? {}
              : {
                  consumers: queues.consumers.map((one) => ({
                    ...one,
                    queue: named(one.queue),
                    ...(one.dead_letter_queue === undefined
                      ? {}
                      : { dead_letter_queue: named(one.dead_letter_queue) }),
                  })),
                }),
          },
        }),
    ...(objects === undefined
      ? {}
      : {
          durable_objects: {
            bindings: objects.bindings.map((one) => ({
              ...one,
              ...(one.script_name === undefined ? {} : { script_name: named(one.script_name) }),
            })),
          },
        }),
  };
}

/** Every queue of a deployment, dead letters too. */
export const queuesOf = (configs: readonly EnvironmentConfig[]): string[] => [
  ...new Set(
    configs.flatMap(({ queues }) => [
      ...(queues?.producers ?? []).map(({ queue }) => queue),
      ...(queues?.consumers ?? []).flatMap(({ queue, dead_letter_queue: dead }) =>
        dead === undefined ? [queue] : [queue, dead],
      ),
    ]),
  ),
];
