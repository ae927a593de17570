import { ownerRoutingOf } from "#keys/service";
import { ask, limitsOf, ownerGateName } from "#limits/service";
import { summarize } from "./core/summary";
import type { Summary } from "./core/summary";
import { readUsage } from "./store";
import type { UsageQuery } from "./store";

type Keyed = Summary["by_key"][number] & { readonly name: string | null };

export interface Usage extends Omit<Summary, "by_key"> {
  readonly by_key: readonly Keyed[];
}

/**
 * What an owner used between two days. The gate tells D1 its counts first, so that the caller's own last calls are in it, this one
 * included. Throws DEPENDENCY_UNAVAILABLE where the gate or D1 cannot be asked.
 */
export async function usageOf(
  env: Pick<Env, "CLIENT_GATE" | "DB">,
  query: UsageQuery,
): Promise<Usage> {
  const gateName = ownerGateName(ownerRoutingOf(query.ownerId) ?? "");
  await ask(limitsOf(env), gateName, async (gate) => gate.tellRequests());
  const { spent, counts, tasks, keyNames } = await readUsage(env.DB, query);
  const { by_key: keys, ...summary } = summarize(spent, counts, tasks);
  return {
    ...summary,
    by_key: keys.map((figures) => ({
      ...figures,
      name: figures.key_id === null ? null : (keyNames.get(figures.key_id) ?? null),
    })),
  };
}
