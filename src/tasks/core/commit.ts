import { createGather } from "./gather";

/**
 * Lets changes share commits: the first one is applied at once, and those that arrive while its commit is on the way to the disk are applied
 * and committed together. A change is atomic by itself: one that throws is undone and refused alone.
 * `transact` applies one change all or nothing, `flush` resolves when everything applied so far is durable.
 */
export function createCommit(
  transact: <T>(change: () => T) => T,
  flush: () => Promise<void>,
): <T>(change: () => T) => Promise<T> {
  type Outcome = { readonly value: unknown } | { readonly error: unknown };
  const apply = (change: () => unknown): Outcome => {
    try {
      return { value: transact(change) };
    } catch (error) {
      return { error };
    }
  };
  const commit = createGather<() => unknown, Outcome>(
    async (changes) => {
      const outcomes = changes.map(apply);
      await flush();
      return outcomes;
    },
    { maxItems: 1_000 },
  );
  return async <T>(change: () => T): Promise<T> => {
    const outcome = await commit(change);
    if ("error" in outcome) throw outcome.error;
    return outcome.value as T;
  };
}
