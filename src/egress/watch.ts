import type { TimerPort } from "./ports";

/** Why a call to the outside was given up. */
export type StopReason = "total_timeout" | "idle_timeout" | "aborted";

/** One call's clocks: everything that may end it early, behind one AbortSignal. */
export interface Watch {
  readonly signal: AbortSignal;
  /** The reason once it stopped, else null. */
  readonly reason: () => StopReason | null;
  /**
   * Starts `work` and waits for it, but no longer than the watch lasts or, where given, `idleMs`. Rejects as soon as
   * the watch stops, also where the work ignores the signal and never settles. A stopped watch starts nothing.
   */
  readonly race: <T>(work: () => Promise<T>, idleMs?: number) => Promise<T>;
  /** Ends the clocks, and what still runs under the signal. */
  readonly close: () => void;
}

export function createWatch(
  timer: TimerPort,
  totalMs: number,
  outer: AbortSignal | undefined,
): Watch {
  const controller = new AbortController();
  let reason: StopReason | null = null;
  const stopped = Promise.withResolvers<never>();
  // Nobody may be waiting when it stops; that is no failure.
  stopped.promise.catch(() => {});
  const stop = (why: StopReason): void => {
    if (controller.signal.aborted) return;
    reason = why;
    controller.abort();
    stopped.reject(new Error(why));
  };
  const onOuterAbort = (): void => stop("aborted");
  const cancelTotal = timer(totalMs, () => stop("total_timeout"));
  if (outer?.aborted) stop("aborted");
  else outer?.addEventListener("abort", onOuterAbort, { once: true });
  return {
    signal: controller.signal,
    reason: () => reason,
    race: async (work, idleMs) => {
      if (controller.signal.aborted) return stopped.promise;
      const cancelIdle = idleMs === undefined ? null : timer(idleMs, () => stop("idle_timeout"));
      try {
        return await Promise.race([work(), stopped.promise]);
      } finally {
        cancelIdle?.();
      }
    },
    close: () => {
      cancelTotal();
      outer?.removeEventListener("abort", onOuterAbort);
      if (!controller.signal.aborted) controller.abort();
    },
  };
}
