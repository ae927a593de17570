import { systemTimer } from "#egress/service";
import { systemClock } from "#platform/clock";
import { readConfig } from "#platform/config";
import { randomBase32 } from "#platform/ids";
import type { CallOutcome, TargetHealth } from "./core/health";
import { openSecrets } from "./secrets";
import { UpstreamViews } from "./views";
import type { Look, ViewPorts } from "./views";

type PoolEnv = Pick<Env, "UPSTREAM_POOL">;
type Pool = ReturnType<Env["UPSTREAM_POOL"]["getByName"]>;

/** The ports of an isolate's views: the pools, the machine's clock, and a name of the isolate's own. */
export function viewPorts(env: PoolEnv): ViewPorts {
  const asker = randomBase32();
  const keys = readConfig(env).encryptionKeys;
  return {
    clock: systemClock,
    timer: systemTimer,
    look: async (name, wantsProbe): Promise<Look> => {
      const { stored, standings, probe } = await ask(env, name, async (pool) =>
        pool.view(name, asker, wantsProbe),
      );
      const upstream = stored?.upstream.isEnabled === true ? stored.upstream : null;
      const secretHeaders = stored === null ? [] : await openSecrets(keys, stored);
      return { upstream, secretHeaders, standings, probe };
    },
    tell: (name: string, url: string, outcome: CallOutcome, count: number) =>
      ask(env, name, async (pool) => pool.report(asker, url, outcome, count)),
  };
}

/** Tells a pool that the database has something new of its upstream. */
export const refreshPool = (env: PoolEnv, name: string): Promise<void> =>
  ask(env, name, async (pool) => pool.refresh(name));

/** What a pool knows of its targets: nothing where nobody has asked for them for long. */
export const healthOf = (env: PoolEnv, name: string): Promise<readonly TargetHealth[]> =>
  ask(env, name, async (pool) => (await pool.health()).targets);

/** An object that was reset under the call, by a deployment, is asked once more through a fresh stub. */
async function ask<T>(env: PoolEnv, name: string, call: (pool: Pool) => Promise<T>): Promise<T> {
  try {
    return await call(env.UPSTREAM_POOL.getByName(name));
  } catch (error) {
    const flags = error as { retryable?: boolean; durableObjectReset?: boolean } | null;
    if (flags?.retryable !== true && flags?.durableObjectReset !== true) throw error;
    return call(env.UPSTREAM_POOL.getByName(name));
  }
}

/** One memory an isolate, for as long as its bindings live. */
const known = new WeakMap<object, UpstreamViews>();

export function viewsOf(env: PoolEnv): UpstreamViews {
  const views = known.get(env) ?? new UpstreamViews(viewPorts(env));
  known.set(env, views);
  return views;
}
