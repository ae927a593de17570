/** An object that nobody is connected to is evicted after some ten seconds; an alarm that waits for the run keeps it. */
export const KEEP_ALIVE_MS = 5_000;
/** An alarm comes no sooner than this, so that one that finds nothing to do yet cannot spin. */
export const MIN_ALARM_MS = 50;
/** An alarm handler has 15 minutes; it hands over to the next one before. */
export const MAX_ALARM_MS = 13 * 60_000;

/**
 * When the object's alarm is to ring: soon while a run is under way, otherwise when something that is stored is due (`dueAtMs`, null for nothing).
 * Null where it has nothing to wake up for. Milliseconds since the epoch.
 */
export function nextWakeMs(
  nowMs: number,
  isRunning: boolean,
  dueAtMs: number | null,
): number | null {
  const keepAliveMs = isRunning ? nowMs + KEEP_ALIVE_MS : Infinity;
  const atMs = Math.min(keepAliveMs, dueAtMs ?? Infinity);
  return Number.isFinite(atMs) ? Math.max(atMs, nowMs + MIN_ALARM_MS) : null;
}
