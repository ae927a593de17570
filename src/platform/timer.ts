/** Starts a timer and gives back what stops it. */
export type StartTimer = (delayMs: number, onEnd: () => void) => () => void;

/** The platform's timers. */
export const startTimer: StartTimer = (delayMs, onEnd) => {
  const timer = setTimeout(onEnd, delayMs);
  return () => {
    clearTimeout(timer);
  };
};
