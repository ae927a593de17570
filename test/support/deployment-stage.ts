/** A machine and an account to deploy from and to, for tests of deployments. */
import type { Configs } from "../../scripts/config-files.ts";
import type { Deployment, Ports } from "../../scripts/deployment-commands.ts";
import { createFakeAccount } from "./fake-account";

/** As the real ones bind each other, with nothing besides. */
export const CONFIGS: Configs = {
  "naru-tools": { main: "src/tools.ts", env: { production: { name: "naru-tools" } } },
  naru: {
    main: "src/index.ts",
    env: {
      production: {
        name: "naru",
        vars: { ENVIRONMENT: "production", PUBLIC_URL: "https://api.example.com" },
        routes: [{ pattern: "api.example.com", custom_domain: true }],
        secrets: {
          required: ["SECRET_KEY", "METRICS_TOKEN", "JWT_SIGNING_KEYS", "ENCRYPTION_KEYS"],
        },
        services: [{ binding: "TOOLS", service: "naru-tools" }],
        d1_databases: [{ binding: "DB", database_name: "naru", migrations_dir: "src/migrations" }],
        kv_namespaces: [{ binding: "CACHE_KV" }],
        queues: {
          producers: [
            { binding: "TASKS_FAST", queue: "tasks-fast" },
            { binding: "TASKS_SLOW", queue: "tasks-slow" },
            { binding: "WEBHOOKS", queue: "webhooks" },
          ],
        },
        durable_objects: { bindings: [{ name: "TASK_SHARD", class_name: "TaskShard" }] },
      },
    },
  },
  "naru-consumer": {
    main: "src/consumer.ts",
    env: {
      production: {
        name: "naru-consumer",
        services: [{ binding: "TOOLS", service: "naru-tools" }],
        kv_namespaces: [{ binding: "CACHE_KV" }],
        queues: {
          consumers: [
            { queue: "tasks-fast", dead_letter_queue: "tasks-dead" },
            { queue: "tasks-slow", dead_letter_queue: "tasks-dead" },
            { queue: "webhooks" },
            { queue: "tasks-dead" },
          ],
        },
        durable_objects: {
          bindings: [{ name: "TASK_SHARD", class_name: "TaskShard", script_name: "naru" }],
        },
      },
    },
  },
};
export const NEEDED = ["SECRET_KEY", "METRICS_TOKEN", "JWT_SIGNING_KEYS", "ENCRYPTION_KEYS"];
export const PLAN: Deployment = {
  environment: "production",
  configs: CONFIGS,
  root: "/checkout",
  version: "0.1.0",
  release: "r-one",
  secrets: {},
  neededSecrets: NEEDED,
  url: null,
  mayMakeUnseen: true,
};
export const HEALTHY = JSON.stringify({ status: "healthy", version: "0.1.0" });

/** An empty account, and what can be done with it. */
// oxlint-disable-next-line typescript/explicit-function-return-type -- it is told by what it returns
export function stage(isLoggedIn = true) {
  const files = new Map<string, Record<string, unknown>>();
  const account = createFakeAccount((path) => files.get(path) ?? {}, isLoggedIn);
  const said: string[] = [];
  const asked: string[] = [];
  const state = {
    answers: null as string | null,
    health: [{ status: 200, text: HEALTHY }] as ({ status: number; text: string } | null)[],
    fetched: [] as string[],
    pauses: 0,
    made: 0,
  };
  const make = async (): Promise<string> => `made-${++state.made}`;
  const ports: Ports = {
    wrangler: account.wrangler,
    say: (line) => void said.push(line),
    ask: async (question) => {
      asked.push(question);
      return state.answers;
    },
    fetch: async (url) => {
      state.fetched.push(url);
      return state.health[Math.min(state.fetched.length, state.health.length) - 1] ?? null;
    },
    pause: async () => void state.pauses++,
    make: Object.fromEntries(NEEDED.map((name) => [name, make])),
    keptSecrets: () => (files.get("secrets.json") ?? {}) as Record<string, string>,
    keepSecrets: (secrets) => {
      files.set("secrets.json", { ...secrets });
      return "secrets.json";
    },
    writeConfigs: (configs) => {
      for (const [name, config] of Object.entries(configs))
        files.set(`${name}.json`, config as Record<string, unknown>);
      return {
        naru: "naru.json",
        "naru-tools": "naru-tools.json",
        "naru-consumer": "naru-consumer.json",
      };
    },
    rememberUrl: () => undefined,
  };
  return { account, ports, said, asked, state, files };
}

/** Calls that begin so. */
export const begun = (calls: readonly string[], ...begins: string[]): string[] =>
  calls.filter((call) => begins.some((begin) => call.startsWith(begin)));
