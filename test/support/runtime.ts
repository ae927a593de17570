/**
 * The three Workers as a deployment would upload them, in one workerd behind direct sockets, without the
 * development proxy: for measurements, and for tests that reach behind the API.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions, unstable_splitSqlQuery } from "wrangler";
import { BARE, BARE_QUEUE } from "./bare-workers.ts";
import { prepareSecrets, ROOT, WRANGLER_ENV } from "../../scripts/setup.ts";

export interface Runtime {
  readonly miniflare: Miniflare;
  /** Where the API answers. */
  readonly origin: string;
  /** Where a Worker answers that does nothing but give a constant. */
  readonly bare: string;
  /** Where one answers through a queue and its consumer, `/queue`, or by a call, `/direct`, without any of our layers. */
  readonly bareQueue: string;
  readonly demoKey: string;
  /** Ends workerd and starts it anew over the same storage: what was in memory, the queues' backlog too, is gone, and the origin is another. */
  readonly restart: () => Promise<void>;
  /** Ends workerd and leaves its storage to somebody else. */
  readonly pause: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const CONFIGS = {
  naru: "wrangler.toml",
  consumer: "wrangler.consumer.toml",
  tools: "wrangler.tools.toml",
};
const SOCKET = [{ host: "127.0.0.1", port: 0 }];

/** Modules to be put in front of the bundles, each the new entry of its Worker. They import the bundle as `./index.js` or `./consumer.js`. */
export interface Wrappers {
  readonly naru?: string;
  readonly consumer?: string;
  /** Stands in for the API's own entry, for tests that need a route more; a path from the root. */
  readonly entry?: string;
  /** Only the API is real: for measurements of its memory, where no task is run and no code is linted. */
  readonly isAlone?: boolean;
  /** Told of every line that any of the Workers logs; and of every span, as a line whose event is `span`. */
  readonly onLine?: (line: string) => void;
}

/** Writes what the platform's own tracing sees of the other Workers to the log, one line a span (Workers, "Tail Workers", streaming). */
const SPANS = `export default { tailStream(onset) {
  const spans = new Map();
  return ({ event, spanContext }) => {
    const id = event.type === "spanOpen" ? event.spanId : spanContext.spanId;
    if (event.type === "spanOpen") spans.set(id, { name: event.name, attributes: {} });
    const span = spans.get(id);
    if (span === undefined) return;
    if (event.type === "attributes")
      for (const { name, value } of event.info) span.attributes[name] = typeof value === "bigint" ? Number(value) : value;
    if (event.type === "spanUpdate" && event.info.type === "name") span.name = event.info.name;
    if (event.type === "spanUpdate" && event.info.type === "status") span.status = event.info.status.code;
    if (event.type === "spanClose") console.log(JSON.stringify({ event: "span", ...span }));
  };
} };`;

/** Stands where the other Workers of a deployment stand, which have isolates and memory of their own there. */
const ELSEWHERE = `import { WorkerEntrypoint } from "cloudflare:workers";
export class Tools extends WorkerEntrypoint {}
export default { fetch: () => new Response(null, { status: 503 }) };`;

/** Bundles and starts everything, with `vars` over the settings of development. */
export async function startRuntime(
  vars: Readonly<Record<string, string>>,
  wrappers: Wrappers = {},
): Promise<Runtime> {
  const work = mkdtempSync(join(tmpdir(), "naru-runtime-"));
  const demoKey = (await prepareSecrets())["DEMO_API_KEY"] ?? "";
  const { onLine } = wrappers;
  const tails = onLine === undefined ? {} : { streamingTails: ["spans"] };
  const options = {
    ...(onLine === undefined
      ? {}
      : { handleStructuredLogs: ({ message }: { message: string }) => onLine(message) }),
    resourcePersistencePath: join(work, "state"),
    workers: [
      {
        ...worker(CONFIGS.naru, vars, work, wrappers.naru, wrappers.entry),
        ...tails,
        name: "naru",
        unsafeDirectSockets: SOCKET,
      },
      ...(wrappers.isAlone === true
        ? ["naru-consumer", "naru-tools"].map((name) => ({
            name,
            compatibilityDate: "2026-10-20",
            modules: [{ type: "ESModule" as const, path: "elsewhere.js", contents: ELSEWHERE }],
          }))
        : [
            {
              ...worker(CONFIGS.consumer, vars, work, wrappers.consumer),
              ...tails,
              name: "naru-consumer",
            },
            { ...worker(CONFIGS.tools, vars, work), name: "naru-tools" },
          ]),
      ...(onLine === undefined
        ? []
        : [
            {
              name: "spans",
              compatibilityDate: "2026-10-20",
              compatibilityFlags: ["streaming_tail_worker"],
              modules: [{ type: "ESModule" as const, path: "spans.js", contents: SPANS }],
            },
          ]),
      {
        name: "bare",
        compatibilityDate: "2026-10-20",
        modules: [{ type: "ESModule" as const, path: "bare.js", contents: BARE }],
        unsafeDirectSockets: SOCKET,
      },
      {
        name: "bare-queue",
        compatibilityDate: "2026-10-20",
        modules: [{ type: "ESModule" as const, path: "bare-queue.js", contents: BARE_QUEUE }],
        durableObjects: { MEETING: { className: "Meeting", useSQLite: true } },
        serviceBindings: { WORK: { name: "bare-queue", entrypoint: "Work" } },
        queueProducers: { QUEUE: "bare-queue" },
        queueConsumers: { "bare-queue": { maxBatchSize: 100, maxBatchTimeout: 0 } },
        unsafeDirectSockets: SOCKET,
      },
    ],
  } as unknown as Parameters<typeof convertV4MiniflareOptions>[0];
  const miniflare = new Miniflare(convertV4MiniflareOptions(options));
  await miniflare.ready;
  await applyMigrations(miniflare);
  const urlOf = (name: string): Promise<URL> => miniflare.unsafeGetDirectURL(name);
  let origin = (await urlOf("naru")).origin;
  return {
    miniflare,
    get origin() {
      return origin;
    },
    bare: (await urlOf("bare")).href,
    bareQueue: (await urlOf("bare-queue")).origin,
    demoKey,
    restart: async () => {
      await miniflare.setOptions(convertV4MiniflareOptions(options));
      origin = (await urlOf("naru")).origin;
    },
    pause: () => miniflare.dispose(),
    stop: async () => {
      await miniflare.dispose();
      rmSync(work, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** One Worker's bindings as its configuration states them, and its bundle. */
function worker(
  config: string,
  vars: Readonly<Record<string, string>>,
  work: string,
  wrapper?: string,
  entry?: string,
): Record<string, unknown> {
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(ROOT, config));
  // Static files have a server of their own in front of a Worker; here it is the Worker that is looked at.
  const { assets: _assets, modulesRules: _rules, rootPath: _root, ...options } = workerOptions;
  return {
    ...options,
    bindings: { ...(options["bindings"] as object), ...vars },
    modules: [
      ...(wrapper === undefined
        ? []
        : [{ type: "ESModule", path: "wrapper.js", contents: wrapper }]),
      ...bundle(config, join(work, config.replace(".toml", "")), entry),
    ],
  };
}

function bundle(config: string, outdir: string, entry?: string): object[] {
  const options = [
    ...(entry === undefined ? [] : [entry]),
    "--dry-run",
    "--env=production",
    `--config=${config}`,
    `--outdir=${outdir}`,
  ];
  execFileSync("wrangler", ["deploy", ...options], {
    cwd: ROOT,
    env: { ...process.env, ...WRANGLER_ENV },
    stdio: "pipe",
  });
  return (
    readdirSync(outdir)
      .filter((file) => /\.(?:js|wasm)$/.test(file))
      // The entry comes first.
      .sort((a, b) => Number(b.endsWith(".js")) - Number(a.endsWith(".js")))
      .map((file) =>
        file.endsWith(".js")
          ? { type: "ESModule", path: file, contents: readFileSync(join(outdir, file), "utf8") }
          : { type: "CompiledWasm", path: file, contents: readFileSync(join(outdir, file)) },
      )
  );
}

async function applyMigrations(miniflare: Miniflare): Promise<void> {
  const database = await miniflare.getD1Database("DB", "naru");
  const folder = join(ROOT, "src", "history", "migrations");
  for (const file of readdirSync(folder).sort())
    for (const statement of unstable_splitSqlQuery(readFileSync(join(folder, file), "utf8")))
      await database.prepare(statement).run();
}
