import { readConfig } from "#platform/config";
import { MAX_UPSTREAMS } from "./manage";
import { healthOf } from "./pool-client";
import { listUpstreams } from "./store";

/** One target of an upstream that is switched on. */
export interface TargetStatus {
  readonly upstream: string;
  readonly target: string;
  readonly isHealthy: boolean;
}

/**
 * Every target and whether it gets calls, for metrics. A target of which nothing is known is well, as it is to calls.
 * Throws where the database or a pool cannot be asked.
 */
export async function targetStatuses(
  env: Pick<Env, "DB" | "UPSTREAM_POOL">,
): Promise<TargetStatus[]> {
  const box = { db: env.DB, keys: readConfig(env).encryptionKeys };
  const all = await listUpstreams(box, { afterName: null, limit: MAX_UPSTREAMS });
  const statuses = await Promise.all(
    all
      .filter(({ upstream }) => upstream.isEnabled)
      .map(async ({ upstream }) => {
        const known = await healthOf(env, upstream.name);
        return upstream.targets.map(({ url }) => ({
          upstream: upstream.name,
          target: url,
          isHealthy: known.find((target) => target.url === url)?.isHealthy ?? true,
        }));
      }),
  );
  return statuses.flat();
}
