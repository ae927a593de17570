/** Puts the Workers back to an earlier release, in the reverse order of their deployment: who binds another one goes first. */
import { WORKERS } from "./config-files.ts";
import { reasonOf } from "./deployment-commands.ts";
import type { Ports } from "./deployment-commands.ts";
import { nameIn } from "./deployment-configs.ts";
import type { DeployEnvironment } from "./deployment-configs.ts";
import { currentVersion, listVersions } from "./wrangler-answers.ts";
import type { Version } from "./wrangler-answers.ts";

/** What no rollback brings back, and why that does no harm. */
export const NOT_UNDONE = `Not undone, because data never goes backwards by itself:
- D1: migrations that were applied stay. They only add, so the earlier code works beside them. To undo data as well: npm run restore.
- Objects: tables and columns that the later code added stay; the earlier code leaves them alone.
- A class of objects that came with the later release: Cloudflare refuses to go back past its first version. Fix forward then.
- Variables and secrets: a version brings its own variables along; secrets that were changed since then stay as they are now, and wrangler says so.
- Queues, the cache and what clients have seen.`;

interface Standing {
  readonly worker: string;
  readonly versions: readonly Version[];
  readonly current: Version;
}

/** @param to the release to go back to; the one before the present one where it is null. */
export async function rollBack(
  environment: DeployEnvironment,
  to: string | null,
  ports: Pick<Ports, "wrangler" | "say">,
): Promise<boolean> {
  const refuse = (text: string): false => {
    ports.say(`✗ ${text}`);
    return false;
  };
  const standings: Standing[] = [];
  for (const { name } of WORKERS) {
    const worker = nameIn(environment, name);
    const versions = await listVersions(worker, ports);
    const currentId = await currentVersion(worker, ports);
    const current = versions?.find(({ id }) => id === currentId);
    if (versions === null || current === undefined)
      return refuse(
        `${worker}: no version of it could be read. Nothing was changed. Is it deployed, and is somebody logged in (\`npx wrangler login\`, or CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID)?`,
      );
    standings.push({ worker, versions, current });
  }
  const target = to ?? earlierRelease(standings);
  if (target === null)
    return refuse("There is no earlier release among the last ten versions. Nothing was changed.");
  // All or none: what is not there for every Worker is begun with none.
  const moves = standings.map(({ worker, versions, current }) => ({
    worker,
    isThere: current.tag === target,
    version: newest(versions.filter(({ tag }) => tag === target)),
  }));
  const lacking = moves.filter(({ isThere, version }) => !isThere && version === null);
  if (lacking.length > 0)
    return refuse(
      `${lacking.map(({ worker }) => worker).join(", ")}: no version of the release ${target} is among the last ten. Nothing was changed. Check out its commit and run \`npm run deploy\`.`,
    );
  for (const { worker, isThere, version } of moves.toReversed()) {
    if (isThere || version === null) {
      ports.say(`✓ ${worker}: ${target} is there already`);
      continue;
    }
    const answer = await ports.wrangler([
      "rollback",
      version.id,
      `--name=${worker}`,
      `--message=back to ${target}`,
      "--yes",
    ]);
    if (!answer.isOk) {
      ports.say(`✗ ${worker}: ${reasonOf(answer)}`);
      ports.say(
        `Run it again with --to ${target}: the Workers before this one are found to be there already.`,
      );
      return false;
    }
    ports.say(`✓ ${worker}: ${target}`);
  }
  ports.say(NOT_UNDONE);
  return true;
}

const newest = (versions: readonly Version[]): Version | null =>
  versions.toSorted((a, b) => (a.createdOn < b.createdOn ? 1 : -1))[0] ?? null;

/**
 * What the API served before. A deployment that failed half-way has moved some Workers and not this one: then its present release is the one
 * that the others go back to.
 */
function earlierRelease(standings: readonly Standing[]): string | null {
  const naru = standings.find(({ worker }) => /^naru(?:-staging)?$/.test(worker));
  if (naru === undefined) return null;
  const { current, versions } = naru;
  if (standings.some((one) => one.current.tag !== current.tag) && isOldest(standings, current))
    return current.tag;
  return (
    newest(
      versions.filter(
        ({ tag, createdOn }) =>
          tag !== null && tag !== current.tag && createdOn < current.createdOn,
      ),
    )?.tag ?? null
  );
}

/** Whether every Worker knows the API's release, and those that serve another one serve a later one. */
const isOldest = (standings: readonly Standing[], { tag }: Version): boolean =>
  tag !== null &&
  standings.every(({ versions, current }) => {
    const own = newest(versions.filter((version) => version.tag === tag));
    return own !== null && own.createdOn <= current.createdOn;
  });
