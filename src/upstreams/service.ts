import type { CallOutcome } from "./core/health";
import type { UpstreamView } from "./core/view";
import { viewsOf } from "./pool-client";

export { createTargetCheck } from "./check-client";
export type { CallOutcome } from "./core/health";
export { chooseTarget } from "./core/selection";
export { allowsMethod, allowsPath, mayCall } from "./core/upstream";
export type { Header, Target, Upstream } from "./core/upstream";
export type { UpstreamView } from "./core/view";
export { targetStatuses } from "./standing";
export type { TargetStatus } from "./standing";

/** What work beside a request needs. */
type Beside = Pick<ExecutionContext, "waitUntil">;

/**
 * What a call through the upstream of that name has to know, from this isolate's memory in the normal case; null where
 * there is no such upstream or it is switched off. A change, or a target that died, is known here after 5 s at the latest.
 * Refuses with DEPENDENCY_UNAVAILABLE where nothing is known and nothing can be asked, and with MISCONFIGURED.
 */
export const upstreamView = (
  env: Pick<Env, "UPSTREAM_POOL">,
  ctx: Beside,
  name: string,
): Promise<UpstreamView | null> => viewsOf(env).get(name, (work) => ctx.waitUntil(work));

/** Takes in what a call showed of a target: to be told of each try. Costs the request nothing. */
export const reportOutcome = (
  env: Pick<Env, "UPSTREAM_POOL">,
  ctx: Beside,
  name: string,
  targetUrl: string,
  outcome: CallOutcome,
): void => viewsOf(env).report(name, targetUrl, outcome, (work) => ctx.waitUntil(work));
