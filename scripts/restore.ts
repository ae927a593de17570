/** `npm run restore -- FILE`: a backup into the local database. `--remote` into the deployed one, `--env staging`; `--force` replaces what is there. */
import { parseArgs } from "node:util";
import { existsSync, rmSync } from "node:fs";
import { restore } from "./database-copies.ts";
import { copyPorts, placeOf } from "./database-place.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    remote: { type: "boolean", default: false },
    env: { type: "string", default: "production" },
    force: { type: "boolean", default: false },
  },
});
const [path] = positionals;
if (path === undefined || !existsSync(path)) {
  console.error("Usage: npm run restore -- backups/FILE.sql [--remote] [--force]");
  process.exit(2);
}
const importPath = `${path}.import.sql`;
const isDone = await restore(
  placeOf(values.remote, values.env),
  path,
  { force: values.force, importPath },
  copyPorts,
);
rmSync(importPath, { force: true });
process.exit(isDone ? 0 : 1);
