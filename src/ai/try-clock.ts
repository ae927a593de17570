import type { TimerPort } from "#egress/service";
import type { LatePhase } from "./core/failure";

/** The clock of one try. */
export interface TryClock {
  /** Ends what is under way. */
  readonly signal: AbortSignal;
  /** Starts the next phase; the one before is over. */
  readonly begin: (phase: LatePhase, ms: number) => void;
  /** The phase that took too long, if one did. */
  readonly lateIn: () => LatePhase | null;
  readonly stop: () => void;
}

/** The clock of one try: its signal aborts when a phase takes too long, or when `outer` does. */
export function createTryClock(timer: TimerPort, outer: AbortSignal): TryClock {
  const controller = new AbortController();
  let lateIn: LatePhase | null = null;
  let cancel = (): void => undefined;
  const stop = (): void => {
    cancel();
    cancel = () => undefined;
    outer.removeEventListener("abort", onOuterAbort);
  };
  const onOuterAbort = (): void => {
    controller.abort();
    stop();
  };
  if (outer.aborted) controller.abort();
  else outer.addEventListener("abort", onOuterAbort, { once: true });
  return {
    signal: controller.signal,
    begin: (phase, ms) => {
      cancel();
      cancel = timer(ms, () => {
        lateIn = phase;
        controller.abort();
      });
    },
    lateIn: () => lateIn,
    stop,
  };
}

/** What `work` comes to, or a rejection as soon as the signal aborts, also where the work does not care for it. */
export function untilAborted<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(new Error("aborted"));
    };
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener("abort", onAbort, { once: true });
    work()
      .finally(() => signal.removeEventListener("abort", onAbort))
      .then(resolve, reject);
  });
}
