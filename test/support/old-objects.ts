/** Objects as earlier versions of the code left them: `test/fixtures/objects` has their tables and values as they were written. */
import { evictDurableObject, runInDurableObject } from "cloudflare:test";

export interface OldObject {
  readonly writtenAtMs: number;
  readonly kv: Readonly<Record<string, unknown>>;
  readonly sql: readonly string[];
}

/** Milliseconds since the epoch of these years, wherever they stand in a statement or a value. */
const TIMES = /(?<![\w.])1[78]\d{11}(?!\d)/g;

/**
 * Puts an old object's storage into an object and lets it go to sleep, so that the next call opens it with the code of
 * today. All its times are moved as if it had been written this moment.
 */
export async function leaveBehind<T extends Rpc.DurableObjectBranded>(
  stub: DurableObjectStub<T>,
  old: OldObject,
): Promise<void> {
  const shiftMs = Date.now() - old.writtenAtMs;
  const moved = (text: string): string =>
    text.replaceAll(TIMES, (time) => String(Number(time) + shiftMs));
  await runInDurableObject(stub, async (_instance: T, { storage }) => {
    await storage.deleteAll();
    for (const statement of old.sql) storage.sql.exec(moved(statement));
    for (const [key, value] of Object.entries(old.kv))
      storage.kv.put(key, JSON.parse(moved(JSON.stringify(value))));
  });
  await evictDurableObject(stub);
}
