/** Which database a backup or a restoration means, from the command line. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CopyPorts, DatabasePlace } from "./database-copies.ts";
import { DATABASE, nameIn } from "./deployment-configs.ts";
import { ROOT } from "./setup.ts";
import { runWrangler } from "./wrangler-process.ts";

export const BACKUPS = join(ROOT, "backups");

/**
 * The local database, unless `--remote` is given: then that of production, or of `--env staging`. Local state in another
 * folder than `.wrangler/state` is where `npm start -- --persist-to` put it; wrangler's export cannot read it there.
 */
export function placeOf(isRemote: boolean, environment: string): DatabasePlace {
  if (environment !== "production" && environment !== "staging")
    throw new Error("--env is production or staging.");
  if (!isRemote)
    return { config: join(ROOT, "wrangler.toml"), environment: null, isRemote, database: DATABASE };
  // What `npm run deploy` wrote knows the database's id; without it wrangler finds it by its name.
  const written = join(ROOT, ".wrangler", `deployment-${environment}`, "naru.json");
  return {
    config: existsSync(written) ? written : join(ROOT, "wrangler.toml"),
    environment: existsSync(written) ? environment : "production",
    isRemote,
    database: nameIn(environment, DATABASE),
  };
}

export const copyPorts: CopyPorts = {
  wrangler: runWrangler,
  say: (line) => console.log(line),
  read: (path) => readFileSync(path, "utf8"),
  write: (path, text) => {
    writeFileSync(path, text, { mode: 0o600 });
    // The mode above counts for a new file alone.
    chmodSync(path, 0o600);
  },
};

export function makeBackupFolder(): void {
  mkdirSync(BACKUPS, { recursive: true, mode: 0o700 });
}
