import { utf8 } from "#platform/bytes";
import { systemClock } from "#platform/clock";
import { readConfig } from "#platform/config";
import { ApiError } from "#platform/errors";
import { newId, randomBase32 } from "#platform/ids";
import type { Locale } from "#platform/locale";
import {
  claimForWorker,
  MAX_PROGRESS_BYTES,
  planSlice,
  renewForWorker,
  settleForWorker,
} from "#tasks/service";
import type { Assignment, LogLine, ReportOutcome, TaskEnv } from "#tasks/service";
import { poolRouting } from "./core/worker-id";
import { openLease, signLease } from "./leases";
import { callPool, poolOf, poolsOf } from "./pool-client";
import type { PoolEnv } from "./pool-client";
import type { Offer } from "./storage";

export {
  DEFAULT_LEASE_S,
  MAX_HEARTBEATS,
  MAX_LEASE_S,
  MAX_LEASED,
  MAX_POLL_S,
  MIN_LEASE_S,
} from "./core/limits";

export type WorkerEnv = PoolEnv & TaskEnv;

/** A worker as one of its calls names it; `ownerId` is who calls. */
export interface WorkerRef {
  readonly workerId: string;
  readonly ownerId: string;
}

/**
 * Takes a worker in for kinds of one pool and gives its id. Refuses with UNKNOWN_TASK_KIND a kind that the settings do not leave to outside
 * workers, and with VALIDATION_FAILED kinds of different pools.
 */
export async function registerWorker(
  env: WorkerEnv,
  ownerId: string,
  kinds: readonly string[],
  locale: Locale,
): Promise<{ readonly workerId: string; readonly pool: string }> {
  const { workerKinds } = readConfig(env);
  const pools = kinds.map((kind) => {
    const served = Object.hasOwn(workerKinds, kind) ? workerKinds[kind] : undefined;
    if (served === undefined)
      throw new ApiError("UNKNOWN_TASK_KIND", {
        params: { kind, kinds: Object.keys(workerKinds).join(", ") },
      });
    return served.pool;
  });
  const pool = pools[0] ?? "";
  const other = pools.findIndex((own) => own !== pool);
  if (other >= 0)
    throw new ApiError("VALIDATION_FAILED", {
      params: { count: 1 },
      errors: [
        {
          pointer: `/kinds/${other}`,
          code: "other_pool",
          message: otherPool(locale, String(kinds[other]), String(kinds[0])),
        },
      ],
    });
  const workerId = newId("wrk", systemClock(), poolRouting(pool));
  await callPool(env, pool, (stub) => stub.register({ id: workerId, ownerId, kinds }));
  return { workerId, pool };
}

const otherPool = (locale: Locale, kind: string, first: string): string =>
  locale === "en"
    ? `${kind} is served by another pool than ${first}: register once for each pool`
    : `${kind}은(는) ${first}와(과) 다른 풀에서 처리합니다. 풀마다 따로 등록해 주십시오`;

export interface LeaseWish {
  readonly max: number;
  readonly waitMs: number;
  readonly leaseMs: number;
}

export interface LeasedTask {
  readonly assignment: Assignment;
  readonly leaseToken: string;
}

/** Tasks for a worker, as soon as there are any; none after the wait. Refuses with WORKER_NOT_FOUND. */
export async function leaseTasks(
  env: WorkerEnv,
  { workerId, ownerId }: WorkerRef,
  { max, waitMs, leaseMs }: LeaseWish,
  signal?: AbortSignal,
  isStillAdmitted: () => Promise<boolean> = () => Promise.resolve(true),
): Promise<LeasedTask[]> {
  const pool = poolOf(env, workerId);
  const untilMs = systemClock() + waitMs;
  for (;;) {
    const sliceMs = planSlice(systemClock(), untilMs);
    const taken = await callPool(env, pool, (stub) => stub.take(workerId, ownerId, max, sliceMs));
    if (taken.verdict === "unknown_worker") throw new ApiError("WORKER_NOT_FOUND");
    const { offers } = taken;
    if (signal?.aborted === true || (offers.length > 0 && !(await isStillAdmitted()))) {
      // Nobody is there who may run them: they are not claimed, which would cost each an attempt.
      await giveBack(env, pool, offers);
      return [];
    }
    const ids = offers.map(({ taskId }) => taskId);
    const claim = { workerId, leaseMs, claimId: randomBase32() };
    const { assignments, left } = await claimForWorker(env, ids, claim);
    await giveBack(
      env,
      pool,
      offers.filter(({ taskId }) => left.includes(taskId)),
    );
    const { secretKey } = readConfig(env);
    if (assignments.length > 0)
      return Promise.all(
        assignments.map(async (assignment) => {
          const { taskId, fence } = assignment;
          const leaseToken = await signLease(secretKey, { taskId, fence, workerId, ownerId });
          return { assignment, leaseToken };
        }),
      );
    // What was taken had ended or was another's already: the wait goes on.
    if (sliceMs === 0) return [];
  }
}

/** Puts tasks that were taken and not claimed at the end of the pool's line. */
async function giveBack(env: PoolEnv, pool: string, offers: readonly Offer[]): Promise<void> {
  if (offers.length > 0) await callPool(env, pool, (stub) => stub.offer(offers));
}

export interface HeldLease {
  readonly taskId: string;
  readonly leaseToken: string;
  /** Any JSON; undefined where nothing is said. */
  readonly progress: unknown;
  /** Lines for the task's followers. */
  readonly log: readonly Omit<LogLine, "atMs">[];
}

/** `extended`: go on. `cancel`: somebody called the task off. `lost`: it is over or another's. The last two say to stop. */
export type LeaseStanding = "extended" | "cancel" | "lost";

/** Renews a worker's leases, and tells that it lives where it has none. Refuses with WORKER_NOT_FOUND. */
export async function beat(
  env: WorkerEnv,
  { workerId, ownerId }: WorkerRef,
  leases: readonly HeldLease[],
): Promise<LeaseStanding[]> {
  const pool = poolOf(env, workerId);
  const { secretKey } = readConfig(env);
  if (leases.length === 0) {
    if (!(await callPool(env, pool, (stub) => stub.see(workerId, ownerId))))
      throw new ApiError("WORKER_NOT_FOUND");
    return [];
  }
  const fences = await Promise.all(
    leases.map(({ taskId, leaseToken }) =>
      openLease(secretKey, leaseToken, { taskId, workerId, ownerId }),
    ),
  );
  // A worker's clock may stand anywhere: its lines are told as of now.
  const atMs = systemClock();
  const renewals = leases.flatMap(({ taskId, progress, log }, index) => {
    const fence = fences[index] ?? null;
    if (fence === null) return [];
    const logs = log.map((line) => ({ ...line, atMs }));
    return [{ taskId, fence, consumerId: workerId, progressJson: progressOf(progress), logs }];
  });
  const verdicts = await renewForWorker(env, renewals);
  let next = 0;
  return fences.map((fence) => {
    if (fence === null) return "lost";
    const verdict = verdicts[next++];
    return verdict === "go" ? "extended" : (verdict ?? "lost");
  });
}

/** As our own consumers have it: what is too large for a row that is written at every heartbeat is left out. */
function progressOf(progress: unknown): string | null {
  if (progress === undefined) return null;
  const json = JSON.stringify(progress);
  return utf8(json).byteLength <= MAX_PROGRESS_BYTES ? json : null;
}

/** Ends a worker's run of a task. Refuses with LEASE_LOST where the run is not its own any more, and with WORKER_NOT_FOUND. */
export async function endRun(
  env: WorkerEnv,
  { workerId, ownerId }: WorkerRef,
  { taskId, leaseToken }: Pick<HeldLease, "taskId" | "leaseToken">,
  outcome: ReportOutcome,
): Promise<void> {
  poolOf(env, workerId);
  const { secretKey } = readConfig(env);
  const fence = await openLease(secretKey, leaseToken, { taskId, workerId, ownerId });
  const verdict = fence === null ? null : await settleForWorker(env, { taskId, fence, outcome });
  if (verdict !== "accepted") throw new ApiError("LEASE_LOST", { extension: { task_id: taskId } });
}

/** The outside workers that were heard of in the last 30 s, those that wait for work included. */
export async function activeWorkers(env: PoolEnv): Promise<string[]> {
  const pools = await Promise.all(
    poolsOf(env).map((pool) => callPool(env, pool, (stub) => stub.active())),
  );
  return pools.flat();
}

/** Leaves nothing of an owner in the pools that the settings name. What waits in one of earlier settings is forgotten there by its age. */
export async function eraseWorkers(env: PoolEnv, ownerId: string): Promise<void> {
  await Promise.all(
    poolsOf(env).map((pool) => callPool(env, pool, (stub) => stub.eraseOwner(ownerId))),
  );
}
