import { Bell } from "./bell";

/** A run under way in this instance of its object. */
export class LiveRun {
  readonly bell = new Bell();
  /** How many of its events are stored beyond doubt, and may be told. */
  safe = 0;
  /** Resolves when its last event is among them. */
  ended: Promise<void> = Promise.resolve();
}

/** Resolves when one of these does, or after `ms`. */
export async function within(ms: number, ...works: readonly Promise<unknown>[]): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const isLate = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([isLate, ...works]);
  clearTimeout(timer);
}
