/**
 * Makes a checkout ready to run: local secrets, documentation assets, database tables.
 * Idempotent and quick when there is nothing to do. Run by `npm start`; alone by `npm run setup`.
 */
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { makeSigningKey } from "#auth/signing-key";
import { mintApiKey } from "#keys/mint";
import { KEY_BYTES } from "#platform/secret-box";

export const ROOT = dirname(import.meta.dirname);
export const DEFAULT_PORT = 8787;
export const DEFAULT_STATE = join(ROOT, ".wrangler", "state");
export const SECRETS_FILE = join(ROOT, ".dev.vars");
const MIGRATIONS = join(ROOT, "src", "history", "migrations");

/** What wrangler needs to be found, to stay quiet and to work with neither account nor network. */
export const WRANGLER_ENV = {
  PATH: [join(ROOT, "node_modules", ".bin"), process.env["PATH"] ?? ""].join(delimiter),
  CI: "1",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
  NO_UPDATE_NOTIFIER: "1",
};

/**
 * The same for a server that keeps its state under `statePath`. It has a registry of running Workers for itself: in the one that wrangler shares
 * by default, a queue of this server without a consumer here would be emptied by the consumer of another checkout's.
 */
export const serverEnv = (statePath: string): typeof WRANGLER_ENV & Record<string, string> => ({
  ...WRANGLER_ENV,
  WRANGLER_REGISTRY_PATH: join(statePath, "registry"),
});

export interface Setup {
  /** Every local setting by name. */
  readonly vars: Readonly<Record<string, string>>;
}

/** Prepares secrets, assets and the tables under `statePath`. Throws with what to do where a step fails. */
export async function setUp(statePath: string): Promise<Setup> {
  const vars = await prepareSecrets();
  prepareAssets();
  applyMigrations(statePath);
  return { vars };
}

/** What is served from `public/vendor`, which is made and not committed. */
export function prepareAssets(): void {
  copyDocumentationAssets();
  copyClient();
}

/** Secrets that need nobody's knowledge: random, and of the form that the settings ask for. */
const SECRET_MAKERS = {
  SECRET_KEY: () => randomBytes(32).toString("base64url"),
  METRICS_TOKEN: () => randomBytes(24).toString("base64url"),
  ENCRYPTION_KEYS: () => `v1.${randomBytes(KEY_BYTES).toString("base64url")}`,
  JWT_SIGNING_KEYS: async () => JSON.stringify([await makeSigningKey()]),
};

/** By the name of the secret; one that only a person can know is not here. */
export const makeSecret: Readonly<Record<string, () => string | Promise<string>>> = SECRET_MAKERS;

/** Fills `.dev.vars` with random values for what it lacks; what a person wrote there stays. */
export async function prepareSecrets(): Promise<Record<string, string>> {
  const known = existsSync(SECRETS_FILE) ? parseVars(readFileSync(SECRETS_FILE, "utf8")) : {};
  const secretKey = known["SECRET_KEY"] ?? SECRET_MAKERS.SECRET_KEY();
  const wanted: Record<string, () => string | Promise<string>> = {
    ...SECRET_MAKERS,
    SECRET_KEY: () => secretKey,
    ADMIN_EMAIL: () => "admin@naru.local",
    ADMIN_PASSWORD: () => randomBytes(12).toString("base64url"),
    DEMO_API_KEY: async () =>
      (await mintApiKey({ environment: "development", nowMs: Date.now(), secretKey })).key,
    // The sample page that the first call scrapes is served by this very server.
    SCRAPE_ALLOW_HOSTS: () => `localhost:${DEFAULT_PORT}`,
  };
  const missing = Object.entries(wanted).filter(([name]) => known[name] === undefined);
  if (missing.length === 0) return known;

  let text = existsSync(SECRETS_FILE)
    ? `${readFileSync(SECRETS_FILE, "utf8").trimEnd()}\n`
    : "# Local settings and secrets, made by `npm start`. Never committed. Change what you like; delete the file to start anew.\n";
  for (const [name, make] of missing) {
    known[name] = await make();
    // JSON holds double quotes; nothing here holds single ones.
    text += `${name}='${known[name]}'\n`;
  }
  writeFileSync(SECRETS_FILE, text, { mode: 0o600 });
  return known;
}

/** `NAME=value` lines, as wrangler reads `.dev.vars`: comments and quotes are dropped. */
export function parseVars(text: string): Record<string, string> {
  const vars: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const match = /^\s*([A-Z][A-Z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line);
    if (match?.[1] !== undefined) vars[match[1]] = (match[2] ?? "").replace(/^(["'])(.*)\1$/, "$2");
  }
  return vars;
}

/** The documentation pages load nothing from other servers, so their scripts are served from here. */
function copyDocumentationAssets(): void {
  const resolve = createRequire(import.meta.url).resolve;
  const swagger = dirname(resolve("swagger-ui-dist/package.json"));
  const redoc = dirname(resolve("redoc/package.json"));
  const vendor = join(ROOT, "public", "vendor");
  if (existsSync(join(vendor, "redoc", "redoc.standalone.js"))) return;
  mkdirSync(join(vendor, "swagger-ui"), { recursive: true });
  mkdirSync(join(vendor, "redoc"), { recursive: true });
  for (const file of ["swagger-ui-bundle.js", "swagger-ui.css"])
    cpSync(join(swagger, file), join(vendor, "swagger-ui", file));
  const bundle = readFileSync(join(redoc, "bundles", "redoc.standalone.js"), "utf8");
  writeFileSync(
    join(vendor, "redoc", "redoc.standalone.js"),
    bundle.replaceAll("https://cdn.redoc.ly/redoc/logo-mini.svg", "data:,"),
  );
}

/** The console at `/` is a user of our own client: the modules that `npm run build:client` makes are served beside it. */
function copyClient(): void {
  const [source, built] = [join(ROOT, "src", "client"), join(ROOT, "dist", "client")];
  const youngest = Math.max(
    ...readdirSync(source).map((file) => statSync(join(source, file)).mtimeMs),
  );
  const entry = join(built, "naru.js");
  if (!existsSync(entry) || statSync(entry).mtimeMs < youngest) {
    const run = spawnSync("tsc", ["-p", "src/client"], {
      cwd: ROOT,
      env: { ...process.env, ...WRANGLER_ENV },
      encoding: "utf8",
    });
    if (run.status !== 0) throw new Error(`The client was not built:\n${run.stdout ?? ""}`);
  }
  const served = join(ROOT, "public", "vendor", "client");
  mkdirSync(served, { recursive: true });
  for (const file of readdirSync(built))
    if (file.endsWith(".js")) cpSync(join(built, file), join(served, file));
}

/** What the local database has to have had, as one text. */
function migrationsHash(): string {
  const hash = createHash("sha256");
  for (const file of readdirSync(MIGRATIONS).sort())
    hash.update(file).update(readFileSync(join(MIGRATIONS, file)));
  return hash.digest("hex");
}

const markOf = (statePath: string): string => join(statePath, "migrations.applied");

/** Whether the database under `statePath` lacks a migration. */
export const hasPendingMigrations = (statePath: string): boolean =>
  !existsSync(markOf(statePath)) || readFileSync(markOf(statePath), "utf8") !== migrationsHash();

/** Applies D1 migrations to the local database; a mark beside it saves the two seconds when none is new. */
function applyMigrations(statePath: string): void {
  if (!hasPendingMigrations(statePath)) return;
  const run = spawnSync(
    "wrangler",
    [
      "d1",
      "migrations",
      "apply",
      "naru",
      "--local",
      "--persist-to",
      statePath,
      "-c",
      "wrangler.toml",
    ],
    { cwd: ROOT, env: { ...process.env, ...WRANGLER_ENV }, encoding: "utf8" },
  );
  if (run.status !== 0)
    throw new Error(`The database migrations failed:\n${run.stdout ?? ""}${run.stderr ?? ""}`);
  mkdirSync(statePath, { recursive: true });
  writeFileSync(markOf(statePath), migrationsHash());
}

if (import.meta.main) await setUp(DEFAULT_STATE);
