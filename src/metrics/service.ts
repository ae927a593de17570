import { countSockets } from "#realtime/service";
import { countDeadLetters, taskStats } from "#tasks/service";
import { targetStatuses } from "#upstreams/service";
import { activeWorkers } from "#workers/service";
import { systemClock, toTimestamp } from "#platform/clock";
import { readConfig } from "#platform/config";
import { ApiError } from "#platform/errors";
import { flusher, pulseOf } from "#platform/meter-flush";
import { METRICS } from "#platform/metric-table";
import { gauge, renderMetrics } from "./core/exposition";
import type { Sample } from "./core/exposition";
import type { Totals } from "./core/ledger";
import { summarize } from "./core/summary";
import type { Summary } from "./core/summary";

export { EXPOSITION_TYPE } from "./core/exposition";

export interface Stats extends Summary {
  readonly timestamp: string;
  /** When counting began: with the deployment's first request. */
  readonly counted_since: string;
}

type Ended = Awaited<ReturnType<typeof taskStats>>["ended"];

/**
 * Everything that is counted, for a scrape. All parts are asked and all have to answer: a page without some of its counters would
 * read as if they had begun anew. Refuses with DEPENDENCY_UNAVAILABLE.
 */
export async function readMetrics(env: Env, version: string): Promise<string> {
  const { environment } = readConfig(env);
  const [{ totals }, tasks, sockets, deadLetters, targets] = await allOf([
    readPulse(env),
    activeWorkers(env).then((active) => taskStats(env, active)),
    countSockets(env),
    countDeadLetters(env.DB, systemClock()),
    targetStatuses(env),
  ]);
  return renderMetrics(totals, [
    ...endedSamples(tasks.ended),
    ...Object.entries(tasks.ready_by_lane).map(([lane, n]) =>
      gauge("naru_queue_length", { lane }, n),
    ),
    gauge("naru_active_workers", {}, tasks.active_workers),
    gauge("naru_dead_letters", {}, deadLetters),
    gauge("naru_websocket_connections", {}, sockets),
    ...targets.map(({ upstream, target, isHealthy }) =>
      gauge("naru_upstream_healthy", { upstream, target }, Number(isHealthy)),
    ),
    gauge("naru_build_info", { version, environment }, 1),
  ]);
}

/** What is to be read off the counters at a glance. Refuses with DEPENDENCY_UNAVAILABLE. */
export async function readStats(env: Env): Promise<Stats> {
  const [{ totals, sinceMs }, tasks] = await allOf([readPulse(env), taskStats(env)]);
  return {
    timestamp: toTimestamp(systemClock()),
    counted_since: toTimestamp(sinceMs),
    ...summarize(totals, endedSamples(tasks.ended)),
  };
}

/** What the Pulse has, with what this isolate counted up to now: whoever looks after a request sees it counted. */
async function readPulse(env: Env): Promise<{ totals: Totals; sinceMs: number }> {
  const pulse = pulseOf(env.PULSE);
  await flusher.flushNow(pulse);
  return pulse.read();
}

/** Tasks that ended are counted by their shards, in the transaction of their state: no restart can lose or repeat one. */
const endedSamples = (ended: Ended): Sample[] =>
  ended.map(({ kind, status, count }) => ({
    name: "naru_tasks_total",
    values: Object.keys(METRICS.naru_tasks_total.labels).map((label) =>
      label === "kind" ? kind : status,
    ),
    value: count,
  }));

async function allOf<T extends readonly unknown[]>(
  parts: T,
): Promise<{ -readonly [I in keyof T]: Awaited<T[I]> }> {
  try {
    return await Promise.all(parts);
  } catch (error) {
    throw new ApiError("DEPENDENCY_UNAVAILABLE", {
      cause: error,
      internal: "metrics",
      headers: { "Retry-After": "5" },
    });
  }
}
