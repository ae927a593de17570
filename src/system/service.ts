import type { Clock } from "#platform/clock";
import { systemClock, toTimestamp } from "#platform/clock";
import type { Config } from "#platform/config";
import { taskStats } from "#tasks/service";
import { activeWorkers } from "#workers/service";
import { checkUp } from "./checks";
import { databaseUsage, overallStatus, reportSettings } from "./core/health";
import type { Health, Status } from "./schemas";

/** Whether the server can serve, part by part. */
export async function readHealth(
  env: Env,
  config: Config,
  version: string,
  clock: Clock,
): Promise<Health> {
  const { components, databaseBytes } = await checkUp(env, config, clock);
  return {
    status: overallStatus(components, config.issues),
    version,
    timestamp: toTimestamp(clock()),
    components,
    environment_validation: reportSettings(config.issues),
    system_info: {
      // The platform tells a Worker nothing of its machine.
      cpu_usage: null,
      memory_usage: null,
      disk_usage: databaseBytes === null ? null : databaseUsage(databaseBytes),
    },
  };
}

/** How much work there is and was. The counts are exact: summed over the shards, which keep them with the tasks. */
export async function readStatus(env: Env, uptimeSeconds: number): Promise<Status> {
  const stats = await taskStats(env, await activeWorkers(env));
  return {
    status: "operational",
    queue_length: stats.queued - stats.scheduled,
    scheduled: stats.scheduled,
    oldest_queued_seconds:
      stats.oldest_queued_at_ms === null
        ? null
        : Math.max(0, systemClock() - stats.oldest_queued_at_ms) / 1000,
    running_tasks: stats.running,
    active_workers: stats.active_workers,
    completed_tasks: stats.completed,
    failed_tasks: stats.failed,
    cancelled_tasks: stats.cancelled,
    timed_out_tasks: stats.timed_out,
    last_claim_at: stats.last_claim_at_ms === null ? null : toTimestamp(stats.last_claim_at_ms),
    by_kind: Object.fromEntries(
      Object.entries(stats.by_kind).map(([kind, counts]) => [
        kind,
        {
          queue_length: counts.queued - counts.scheduled,
          scheduled: counts.scheduled,
          running: counts.running,
          completed: counts.completed,
          failed: counts.failed,
          cancelled: counts.cancelled,
          timed_out: counts.timed_out,
        },
      ]),
    ),
    uptime: uptimeSeconds,
    memory_usage: null,
    cpu_usage: null,
  };
}
