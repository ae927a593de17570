import { systemClock } from "#platform/clock";
import type { Clock } from "#platform/clock";
import { readConfig } from "#platform/config";
import { createLogger, describeError } from "#platform/log";
import type { Retention } from "#platform/retention-settings";
import { allowAuditExpiry, RETENTION_RULES } from "./retention-store";
import type { RetentionRule } from "./retention-store";

const DAY_MS = 86_400_000;

export interface RetentionBounds {
  /** Rows that one statement deletes: D1 serves one at a time, so that a long one would keep all others waiting. */
  readonly chunk: number;
  /** Statements for one table in one run; what is left over is the next run's. */
  readonly chunks: number;
}

const BOUNDS: RetentionBounds = { chunk: 1_000, chunks: 20 };

/**
 * Deletes what is older than the settings keep it. Bounded, and safe to repeat and to run twice at once: what one run leaves over the next one takes. One line of
 * the log says how many rows of each table went, and nothing of whose they were. Throws nothing: a table that fails keeps no other from its turn.
 */
export async function runRetention(
  env: Pick<Env, "DB">,
  clock: Clock = systemClock,
  bounds: RetentionBounds = BOUNDS,
): Promise<Readonly<Record<string, number>>> {
  const { retention, logLevel } = readConfig(env);
  const log = createLogger(logLevel);
  const nowMs = clock();
  const deleted: Record<string, number> = {};
  let hasMore = false;
  for (const rule of RETENTION_RULES) {
    const beforeMs = endOf(rule, retention, nowMs);
    if (beforeMs === null) continue;
    try {
      const count = await deleteOld(env.DB, rule, beforeMs, bounds);
      deleted[rule.table] = count;
      hasMore ||= count >= bounds.chunk * bounds.chunks;
    } catch (error) {
      log.error("retention.failed", { table: rule.table, ...describeError(error) });
    }
  }
  log.info("retention.run", { ...deleted, has_more: hasMore });
  return deleted;
}

/** Before when rows of a rule go; null where they stay for ever. */
function endOf({ setting, keptMs }: RetentionRule, days: Retention, nowMs: number): number | null {
  if (setting === null) return nowMs - keptMs;
  return days[setting] === 0 ? null : nowMs - days[setting] * DAY_MS;
}

async function deleteOld(
  db: D1Database,
  { table, sql, bound }: RetentionRule,
  beforeMs: number,
  { chunk, chunks }: RetentionBounds,
): Promise<number> {
  const statement = db.prepare(sql).bind(bound(beforeMs), chunk);
  // The log's lock is open within the transaction alone.
  const batch =
    table === "audit"
      ? [allowAuditExpiry(db, beforeMs), statement, allowAuditExpiry(db, 0)]
      : [statement];
  let count = 0;
  for (let done = 0; done < chunks; done += 1) {
    const results = await db.batch(batch);
    const { changes } = (results.length === 1 ? results[0] : results[1])?.meta ?? { changes: 0 };
    count += changes;
    if (changes < chunk) break;
  }
  return count;
}
