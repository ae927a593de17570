/**
 * When this isolate met its first request. The clock reads zero while a Worker is loaded, so that its
 * start can only be told by the first request. A number and nothing else: safe to share between requests.
 */
let startedAtMs: number | null = null;

export function markStarted(nowMs: number): void {
  startedAtMs ??= nowMs;
}

/** Whole seconds since this isolate met its first request. */
export const uptimeSeconds = (nowMs: number): number =>
  startedAtMs === null ? 0 : Math.max(0, Math.floor((nowMs - startedAtMs) / 1000));
