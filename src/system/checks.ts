import { probeModel } from "#ai/service";
import type { Clock } from "#platform/clock";
import type { ComponentHealth, Components } from "./core/health";

/** A part that takes longer to answer is as good as down for a request that waits on it. */
const PROBE_TIMEOUT_MS = 2_000;
const FRESH_MS = 5_000;

export interface Checkup {
  readonly components: Components;
  /** Size of the database in bytes; null where it did not answer. */
  readonly databaseBytes: number | null;
  readonly checkedAtMs: number;
}

/**
 * The last checkup by environment. Finished values only: a promise of one request must not be awaited by
 * another, whose I/O it would be bound to.
 */
const lastCheckups = new WeakMap<object, Checkup>();

/** Asks every part for a sign of life, or tells what they answered in the last five seconds. Never throws. */
export async function checkUp(env: Env, clock: Clock): Promise<Checkup> {
  const last = lastCheckups.get(env);
  const sinceMs = clock() - (last?.checkedAtMs ?? -Infinity);
  if (last !== undefined && sinceMs >= 0 && sinceMs < FRESH_MS) return last;
  const [database, cache, queue, objects, model] = await Promise.all([
    probe(clock, () => env.DB.prepare("SELECT 1").run()),
    probe(clock, () => env.CACHE_KV.get("health:probe")),
    probe(clock, () => Promise.all([env.TASKS_FAST.metrics(), env.TASKS_SLOW.metrics()])),
    probe(clock, () =>
      Promise.all([
        env.TASK_SHARD.getByName("0").ping(),
        env.CLIENT_GATE.getByName("health").ping(),
      ]),
    ),
    probe(clock, () => probeModel(env)),
  ]);
  const checkup: Checkup = {
    components: {
      database: database.health,
      cache: cache.health,
      queue: queue.health,
      durable_objects: objects.health,
      ai_model: { ...model.health, status: model.value ?? "unhealthy" },
    },
    databaseBytes: database.value?.meta.size_after ?? null,
    checkedAtMs: clock(),
  };
  lastCheckups.set(env, checkup);
  return checkup;
}

async function probe<T>(
  clock: Clock,
  ask: () => Promise<T>,
): Promise<{ health: ComponentHealth; value: T | null }> {
  const startedAtMs = clock();
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const value = await Promise.race([
      ask(),
      new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => {
          reject(new Error("no answer in time"));
        }, PROBE_TIMEOUT_MS);
      }),
    ]);
    return { health: { status: "healthy", latency_ms: clock() - startedAtMs }, value };
  } catch {
    return { health: { status: "unhealthy", latency_ms: clock() - startedAtMs }, value: null };
  } finally {
    clearTimeout(timer);
  }
}
