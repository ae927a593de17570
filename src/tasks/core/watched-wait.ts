import type { StartTimer } from "#platform/timer";

/** How often a caller that waits is asked after: what is revoked is dead within five seconds, a wait under way included. */
export const LOOK_EVERY_MS = 4_000;

/**
 * Waits for `work` as long as `look` finds nothing wrong; what it finds ends the wait, as its error. The work itself goes on. A look is not
 * begun while another is under way, and none after the end.
 */
export async function watchedWait<T>(
  work: Promise<T>,
  look: () => Promise<Error | null>,
  startTimer: StartTimer,
): Promise<T> {
  const lost = Promise.withResolvers<never>();
  let isOver = false;
  let stop: () => void = () => undefined;
  const lookNow = async (): Promise<void> => {
    try {
      const error = await look();
      if (error !== null) lost.reject(error);
      else if (!isOver) lookLater();
    } catch (error) {
      lost.reject(error);
    }
  };
  const lookLater = (): void => {
    stop = startTimer(LOOK_EVERY_MS, () => void lookNow());
  };
  lookLater();
  // Nobody may be left to hear of a loss that is found in the moment of the end.
  lost.promise.catch(() => undefined);
  try {
    return await Promise.race([work, lost.promise]);
  } finally {
    isOver = true;
    stop();
  }
}
