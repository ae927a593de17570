import { readConfig } from "#platform/config";
import { ApiError } from "#platform/errors";
import { poolObjectName, poolOfWorker } from "./core/worker-id";
import type { Offer, WorkerRecord } from "./storage";

export type PoolEnv = Pick<Env, "WORKER_POOL">;

/** What is asked of a pool; written out because the generated type of a stub distributes over unions. */
export interface PoolStub {
  readonly offer: (offers: readonly Offer[]) => Promise<void>;
  readonly register: (worker: WorkerRecord) => Promise<void>;
  readonly take: (
    workerId: string,
    ownerId: string,
    max: number,
    waitMs: number,
  ) => Promise<
    | { readonly verdict: "taken"; readonly offers: readonly Offer[] }
    | { readonly verdict: "unknown_worker" }
  >;
  readonly see: (workerId: string, ownerId: string) => Promise<boolean>;
  readonly active: () => Promise<string[]>;
  readonly eraseOwner: (ownerId: string) => Promise<void>;
}

/** The pools that the settings name. */
export const poolsOf = (env: PoolEnv): string[] => [
  ...new Set(Object.values(readConfig(env).workerKinds).map(({ pool }) => pool)),
];

/** The pool of a worker. Refuses with WORKER_NOT_FOUND what is no id of ours, before any object is reached. */
export function poolOf(env: PoolEnv, workerId: string): string {
  const pool = poolOfWorker(workerId, poolsOf(env));
  if (pool === null) throw new ApiError("WORKER_NOT_FOUND");
  return pool;
}

/**
 * Calls a pool, once more where its object moved or was reset. A take that is repeated may have lost tasks on the way: their shards offer
 * them again.
 */
export async function callPool<T>(
  env: PoolEnv,
  pool: string,
  call: (stub: PoolStub) => Promise<T>,
): Promise<T> {
  const stub = (): PoolStub => env.WORKER_POOL.getByName(poolObjectName(pool));
  try {
    return await call(stub());
  } catch (error) {
    const marks = error as { readonly retryable?: boolean; readonly durableObjectReset?: boolean };
    if (marks.retryable !== true && marks.durableObjectReset !== true) throw error;
  }
  try {
    return await call(stub());
  } catch (error) {
    throw new ApiError("DEPENDENCY_UNAVAILABLE", {
      cause: error,
      internal: "worker pool",
      headers: { "Retry-After": "5" },
    });
  }
}
