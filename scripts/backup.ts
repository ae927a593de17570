/** `npm run backup`: the local database to a file in backups/. `-- --remote` the deployed one, `--env staging`, `--output FILE`. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { backUp } from "./database-copies.ts";
import { BACKUPS, copyPorts, makeBackupFolder, placeOf } from "./database-place.ts";

const { values } = parseArgs({
  options: {
    remote: { type: "boolean", default: false },
    env: { type: "string", default: "production" },
    output: { type: "string" },
  },
});
const place = placeOf(values.remote, values.env);
const stamp = new Date().toISOString().replaceAll(/[:.]/g, "-");
const path =
  values.output ??
  join(BACKUPS, `${place.database}-${place.isRemote ? "remote" : "local"}-${stamp}.sql`);
makeBackupFolder();
const isDone = await backUp(place, path, copyPorts);
process.exit(isDone ? 0 : 1);
