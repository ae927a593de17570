import { within } from "./live-run";
import type { LiveRun } from "./live-run";
import type { ModelEvent } from "./port";

/** What the last event waits for its outcome to be kept, so that its reader finds what it was told. */
const SETTLE_WAIT_MS = 3_000;

export interface FollowPorts {
  /** Stored events from the one numbered `from` on, up to and without `below`. */
  readonly read: (from: number, below: number) => readonly ModelEvent[];
  /** The run while it is under way in this instance. */
  readonly live: () => LiveRun | undefined;
  readonly settle: () => Promise<void>;
}

/** A run's events from the first to the last, as they become safe to tell. Ends without a last one only where the run is forgotten. */
export async function* follow(ports: FollowPorts): AsyncGenerator<readonly ModelEvent[], void> {
  for (let seq = 0; ;) {
    const live = ports.live();
    const events = ports.read(seq, live?.safe ?? Infinity);
    const last = events.at(-1);
    if (last === undefined) {
      if (live === undefined) return;
      await live.bell.wait();
      continue;
    }
    seq += events.length;
    if (last.type !== "done" && last.type !== "error") {
      yield events;
      continue;
    }
    if (events.length > 1) yield events.slice(0, -1);
    await within(SETTLE_WAIT_MS, ports.settle());
    yield [last];
    return;
  }
}
