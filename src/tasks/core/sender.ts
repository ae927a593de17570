import { createGather } from "./gather";

/** `sendBatch` takes at most 100 messages (Queues, "Limits"). */
const MAX_SEND = 100;

export interface SenderPorts {
  readonly sendBatch: (ids: readonly string[]) => Promise<unknown>;
  /** These were not sent; so many sends in a row have failed. */
  readonly onRefused: (
    ids: readonly string[],
    failures: number,
    error: unknown,
  ) => Promise<unknown>;
}

/** Sends wake-ups, those that come while a send is on its way together in the next. Never throws: what the queue refuses is given back. */
export function createSender(ports: SenderPorts): (id: string) => Promise<boolean> {
  let failures = 0;
  return createGather(
    async (ids: readonly string[]) => {
      try {
        await ports.sendBatch(ids);
        failures = 0;
        return ids.map(() => true);
      } catch (error) {
        failures += 1;
        await ports.onRefused(ids, failures, error);
        return ids.map(() => false);
      }
    },
    { maxItems: MAX_SEND },
  );
}
