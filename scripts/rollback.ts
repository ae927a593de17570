/** `npm run rollback`: the three Workers back to the release before. `-- --to r-0123…` names one, `--env staging` another deployment. */
import { parseArgs } from "node:util";
import { rollBack } from "./rollback-steps.ts";
import { runWrangler } from "./wrangler-process.ts";

const { values } = parseArgs({
  options: { env: { type: "string", default: "production" }, to: { type: "string" } },
});
if (values.env !== "production" && values.env !== "staging") {
  console.error("--env is production or staging.");
  process.exit(2);
}
const isDone = await rollBack(values.env, values.to ?? null, {
  wrangler: runWrangler,
  say: (line) => console.log(line),
});
process.exit(isDone ? 0 : 1);
