/**
 * A Cloudflare account as wrangler's commands see it, in memory: what they make is there afterwards, what they print has the form of wrangler
 * 4.155's, and any of them can be made to fail. Records every call.
 */
import type { WranglerAnswer } from "../../scripts/deployment-commands.ts";

interface FakeVersion {
  readonly id: string;
  readonly tag: string | null;
  readonly created: string;
}
interface FakeWorker {
  readonly versions: FakeVersion[];
  current: string;
  readonly secrets: Set<string>;
}

const ok = (out = ""): WranglerAnswer => ({ isOk: true, out, err: "" });
const failed = (message: string): WranglerAnswer => ({
  isOk: false,
  out: "",
  err: `\u001B[31m✘ \u001B[41;31m[\u001B[41;97mERROR\u001B[41;31m]\u001B[0m \u001B[1m${message}\u001B[0m\n`,
});

export interface FakeAccount {
  readonly wrangler: (commandArguments: readonly string[]) => Promise<WranglerAnswer>;
  readonly calls: string[];
  readonly workers: Map<string, FakeWorker>;
  readonly databases: Map<string, string>;
  readonly queues: Set<string>;
  readonly namespaces: Map<string, string>;
  /** Lets every call that begins so fail, so often. */
  readonly failOn: (begin: string, times?: number) => void;
  /** What `d1 migrations apply` finds to apply. */
  pendingMigrations: string[];
}

/** `readFile` gives the JSON that a path of a call stands for: configurations and secrets. */
export function createFakeAccount(
  readFile: (path: string) => Record<string, unknown>,
  isLoggedIn = true,
): FakeAccount {
  const calls: string[] = [];
  const workers = new Map<string, FakeWorker>();
  const databases = new Map<string, string>();
  const namespaces = new Map<string, string>();
  const queues = new Set<string>();
  const failures = new Map<string, number>();
  let count = 0;
  const nextId = (kind: string): string => `${kind}-${++count}`;
  const account: FakeAccount = {
    calls,
    workers,
    databases,
    queues,
    namespaces,
    pendingMigrations: [],
    failOn: (begin, times = 1) => void failures.set(begin, times),
    wrangler: async (commandArguments) => {
      const call = commandArguments.join(" ");
      calls.push(call);
      for (const [begin, times] of failures)
        if (call.startsWith(begin) && times > 0) {
          failures.set(begin, times - 1);
          return failed("A request to the Cloudflare API failed. Internal error [code: 10013]");
        }
      if (!isLoggedIn) return failed("You are not authenticated.");
      return answer(commandArguments);
    },
  };

  const optionOf = (args: readonly string[], name: string): string | undefined => {
    const joined = args.find((one) => one.startsWith(`--${name}=`));
    if (joined !== undefined) return joined.slice(name.length + 3);
    const at = args.indexOf(`--${name}`);
    return at < 0 ? undefined : args[at + 1];
  };

  function answer(args: readonly string[]): WranglerAnswer {
    const [a = "", b = "", c = "", d = ""] = args;
    if (a === "whoami") return ok(JSON.stringify({ loggedIn: true }));
    if (a === "secret" && b === "list") {
      const worker = workers.get(optionOf(args, "name") ?? "");
      if (!worker) return failed(`Worker "${optionOf(args, "name")}" not found.`);
      return ok(JSON.stringify([...worker.secrets].map((name) => ({ name, type: "secret_text" }))));
    }
    if (a === "d1" && b === "list")
      return ok(
        JSON.stringify(
          [...databases].map(([name, uuid]) => ({ name, uuid })),
          null,
          2,
        ),
      );
    if (a === "d1" && b === "create") {
      databases.set(c, nextId("db"));
      return ok("Created");
    }
    if (a === "d1" && b === "migrations") {
      if (databases.size === 0) return failed("Couldn't find DB with name 'DB'");
      const applied = account.pendingMigrations;
      account.pendingMigrations = [];
      return ok(applied.map((name) => `│ ${name} │ ✅ │`).join("\n") || "No migrations to apply!");
    }
    if (a === "kv" && b === "namespace" && c === "list")
      return ok(JSON.stringify([...namespaces].map(([title, id]) => ({ title, id }))));
    if (a === "kv" && b === "namespace") {
      namespaces.set(d, nextId("kv"));
      return ok("Created");
    }
    if (a === "queues" && b === "info")
      return queues.has(c) ? ok(`Queue Name: ${c}`) : failed(`Queue "${c}" does not exist.`);
    if (a === "queues" && b === "create") {
      queues.add(c);
      return ok(`Created queue '${c}'`);
    }
    if (a === "deploy") return deploy(args);
    if (a === "versions" && b === "list") return versionsOf(optionOf(args, "name") ?? "");
    if (a === "deployments" && b === "status") {
      const worker = workers.get(optionOf(args, "name") ?? "");
      if (!worker) return failed("This Worker does not exist on your account. [code: 10007]");
      return ok(JSON.stringify({ versions: [{ version_id: worker.current, percentage: 100 }] }));
    }
    if (a === "rollback") {
      const worker = workers.get(optionOf(args, "name") ?? "");
      if (!worker?.versions.some(({ id }) => id === b)) return failed("No such version.");
      worker.current = b;
      return ok(`Current Version ID: ${b}`);
    }
    return failed(`Unknown arguments: ${args.join(" ")}`);
  }

  /** Refuses what the platform refuses: a Worker, queue, database or object that is bound and not there, a required secret that lacks. */
  function deploy(args: readonly string[]): WranglerAnswer {
    const environment = optionOf(args, "env") ?? "";
    const config = readFile(optionOf(args, "config") ?? "") as {
      env: Record<string, Record<string, unknown>>;
    };
    const own = config.env[environment] as {
      name: string;
      secrets?: { required: string[] };
      services?: { service: string }[];
      d1_databases?: { database_id: string }[];
      kv_namespaces?: { id: string }[];
      queues?: { producers?: { queue: string }[]; consumers?: { queue: string }[] };
      durable_objects?: { bindings: { script_name?: string }[] };
    };
    for (const { service } of own.services ?? [])
      if (!workers.has(service)) return failed(`Could not resolve service binding to ${service}.`);
    for (const { script_name: script } of own.durable_objects?.bindings ?? [])
      if (script !== undefined && !workers.has(script))
        return failed(`Cannot bind to Durable Object of ${script}.`);
    for (const { queue } of [...(own.queues?.producers ?? []), ...(own.queues?.consumers ?? [])])
      if (!queues.has(queue)) return failed(`Queue "${queue}" does not exist.`);
    for (const { database_id: id } of own.d1_databases ?? [])
      if (![...databases.values()].includes(id)) return failed(`No database ${id}.`);
    for (const { id } of own.kv_namespaces ?? [])
      if (![...namespaces.values()].includes(id)) return failed(`No namespace ${id}.`);
    if (args.includes("--dry-run")) return ok("--dry-run: exiting now.");
    const worker = workers.get(own.name) ?? {
      versions: [],
      current: "",
      secrets: new Set<string>(),
    };
    const secretsFile = optionOf(args, "secrets-file");
    const secrets = secretsFile === undefined ? [] : Object.keys(readFile(secretsFile));
    const has = new Set([...worker.secrets, ...secrets]);
    const lacking = (own.secrets?.required ?? []).filter((name) => !has.has(name));
    if (lacking.length > 0) return failed(`Missing required secrets: ${lacking.join(", ")}`);
    for (const name of secrets) worker.secrets.add(name);
    const id = nextId("version");
    worker.versions.push({
      id,
      tag: optionOf(args, "tag") ?? null,
      created: `2026-11-21T08:00:${String(count).padStart(2, "0")}Z`,
    });
    worker.current = id;
    workers.set(own.name, worker);
    return ok(
      `Deployed ${own.name} triggers\n  https://${own.name}.example.workers.dev\nCurrent Version ID: ${id}`,
    );
  }

  function versionsOf(name: string): WranglerAnswer {
    const worker = workers.get(name);
    if (!worker) return failed("This Worker does not exist on your account. [code: 10007]");
    return ok(
      JSON.stringify(
        worker.versions.slice(-10).map(({ id, tag, created }) => ({
          id,
          metadata: { created_on: created },
          annotations: tag === null ? {} : { "workers/tag": tag },
        })),
        null,
        2,
      ),
    );
  }
  return account;
}
