/**
 * One Worker in `workerd serve`, the open-source server itself: no development proxy, and no simulators of D1, KV and queues in the same process. Those stand
 * elsewhere in a deployment, too; whoever calls one of them here is told 503. For measurements of what a Worker and its objects weigh.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

/** A Worker as workerd's configuration describes it (`workerd.capnp`), in JSON. */
export interface PlainWorker {
  readonly modules: readonly { readonly name: string; readonly [kind: string]: unknown }[];
  readonly compatibilityDate: string;
  readonly [field: string]: unknown;
}

export interface PlainRuntime {
  readonly origin: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/** Another release to measure with; its compatibility dates end earlier. */
const PROGRAM =
  process.env["BENCH_WORKERD"] ??
  (createRequire(import.meta.url)("workerd") as { default: string }).default;

export const plainVersion = (): string =>
  spawnSync(PROGRAM, ["--version"], { encoding: "utf8" }).stdout.trim();

const ELSEWHERE = {
  modules: [
    {
      name: "elsewhere.js",
      esModule: `import { WorkerEntrypoint } from "cloudflare:workers";
export class Tools extends WorkerEntrypoint {}
export default { fetch: () => new Response(null, { status: 503 }) };`,
    },
  ],
};

/** Starts the Worker with its objects under `storage`. */
export async function startPlain(
  worker: PlainWorker,
  storage: string,
  v8Flags: readonly string[],
): Promise<PlainRuntime> {
  const work = mkdtempSync(join(tmpdir(), "naru-plain-"));
  const { modules, compatibilityFlags, durableObjectNamespaces } = worker;
  const services = [
    { name: "disk", disk: { path: storage, writable: true } },
    {
      name: "elsewhere",
      worker: { ...ELSEWHERE, compatibilityDate: compatibilityDateOf(worker) },
    },
    {
      name: "main",
      worker: {
        modules,
        compatibilityDate: compatibilityDateOf(worker),
        compatibilityFlags,
        durableObjectNamespaces,
        durableObjectStorage: { localDisk: "disk" },
        globalOutbound: "elsewhere",
        bindings: bindingsOf(worker),
      },
    },
  ];
  const sockets = [{ name: "http", address: "127.0.0.1:0", http: {}, service: "main" }];
  const file = join(work, "config.capnp");
  writeFileSync(
    file,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = ${capnp({ services, sockets, v8Flags }, work)};`,
  );
  const args = ["serve", "--experimental", "--control-fd=3", file];
  const child = spawn(PROGRAM, args, { stdio: ["ignore", "inherit", "inherit", "pipe"] });
  const { stdio, pid = 0 } = child;
  let port = 0;
  for await (const line of createInterface({ input: stdio[3] as NodeJS.ReadableStream })) {
    const told = JSON.parse(line) as { event: string; port: number };
    if (told.event !== "listen") continue;
    ({ port } = told);
    break;
  }
  return {
    origin: `http://127.0.0.1:${port}`,
    pid,
    stop: async () => {
      const isOver = once(child, "exit");
      // It would wait for its sockets to end.
      child.kill("SIGKILL");
      await isOver;
      rmSync(work, { recursive: true, force: true });
    },
  };
}

function compatibilityDateOf(worker: PlainWorker): string {
  const known = plainVersion().replace("workerd ", "");
  return known < worker.compatibilityDate ? known : worker.compatibilityDate;
}

/** Objects of the Worker's own stay; every other service is elsewhere. */
function bindingsOf(worker: PlainWorker): unknown[] {
  const bindings = (worker["bindings"] ?? []) as Record<string, unknown>[];
  return bindings.map((binding) =>
    "durableObjectNamespace" in binding
      ? {
          name: binding["name"],
          durableObjectNamespace: (binding["durableObjectNamespace"] as { className: string })
            .className,
        }
      : toElsewhere(binding),
  );
}

function toElsewhere(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([key, held]) => {
      if (["service", "kvNamespace", "queue", "r2Bucket"].includes(key)) return [key, "elsewhere"];
      if (Array.isArray(held)) return [key, held.map((one) => toElsewhere(one as typeof value))];
      const isObject = typeof held === "object" && held !== null;
      return [key, isObject ? toElsewhere(held as typeof value) : held];
    }),
  );
}

/** A value in Cap'n Proto's text form. Modules go to files beside it, which it embeds. */
function capnp(value: unknown, folder: string): string {
  if (Array.isArray(value)) return `[${value.map((one) => capnp(one, folder)).join(", ")}]`;
  if (typeof value === "string" && value.length > 10_000) return embedded(value, folder);
  if (value instanceof Uint8Array) return embedded(value, folder);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const json = value as { type?: unknown; data?: number[] };
  // A Buffer that went through JSON.
  if (json.type === "Buffer" && json.data) return embedded(Uint8Array.from(json.data), folder);
  const fields = Object.entries(value)
    .filter(([, held]) => held !== undefined)
    .map(([key, held]) => `${key} = ${capnp(held, folder)}`);
  return `(${fields.join(", ")})`;
}

let embeddings = 0;
function embedded(content: string | Uint8Array, folder: string): string {
  const name = `module-${embeddings++}`;
  writeFileSync(join(folder, name), content);
  return `embed "${name}"`;
}
