import type { Completion, Completions, EndedStream } from "#ai/service";
import { ask, limitsOf, ownerGateName } from "#limits/service";
import type { Gate } from "#limits/service";
import { ownerRoutingOf } from "#keys/service";
import { readConfig } from "#platform/config";
import type { Config } from "#platform/config";
import type { ErrorCode } from "#platform/errors";
import { createLogger, describeError } from "#platform/log";
import { isWhole } from "./core/plan";
import { deleteRecord, deleteRecords, writeRecord } from "./store";

export { hitRatio } from "./core/counts";
export type { CacheCounts } from "./core/counts";

/** What a route whose answers are cached can refuse with beside its own refusals. */
export const CACHE_ERRORS = ["NOT_CACHED"] as const satisfies readonly ErrorCode[];

type GateEnv = Pick<Env, "CLIENT_GATE">;

/** One call to the gate that knows what is kept for an owner. */
const askGate = <T>(env: GateEnv, ownerId: string, call: (gate: Gate) => Promise<T>): Promise<T> =>
  ask(limitsOf(env), ownerGateName(ownerRoutingOf(ownerId) ?? ""), call);

/** The answer of this key (`cache_key` of its stream's context) is not told again, from the owner's next request on. */
export const evictAnswer = (env: GateEnv, ownerId: string, cacheKey: string): Promise<void> =>
  askGate(env, ownerId, async (gate) => gate.evictAnswer(cacheKey));

/** Nothing that is kept for an owner is told again, from the owner's next request on. Answers with how many answers that is. */
export const clearAnswers = (env: GateEnv, ownerId: string): Promise<number> =>
  askGate(env, ownerId, async (gate) => gate.clearAnswers());

export const countAnswers = (
  env: GateEnv,
  ownerId: string,
  counts: Parameters<Gate["countAnswers"]>[0],
): Promise<void> => askGate(env, ownerId, async (gate) => gate.countAnswers(counts));

/** What is kept for an owner, and how often it was found. */
export const reportAnswers = (env: GateEnv, ownerId: string) =>
  askGate(env, ownerId, async (gate) => gate.reportAnswers());

/**
 * Keeps the answer of a run that was looked up in vain, if it came whole. Throws nothing: an answer that is not kept is asked for again.
 * Safe to run twice.
 */
export async function keepAnswer(
  env: GateEnv & Pick<Env, "CACHE_KV">,
  config: Config,
  { ownerId, context, outcome, endedAtMs, isFirst, isRecorded, streamId }: EndedStream,
): Promise<void> {
  const { cache_key: key, cache_name: name } = context;
  if (typeof key !== "string" || typeof name !== "string" || !isFirst || isRecorded) return;
  if (!outcome.ok || !isWhole(outcome.answer.finishReason)) return;
  try {
    const kept = { ownerId, answer: outcome.answer, keptAtMs: endedAtMs };
    const [out] = await Promise.all([
      askGate(env, ownerId, async (gate) => gate.keepAnswer(key, name)),
      writeRecord(env.CACHE_KV, name, { ...kept, ttlSeconds: config.cacheTtlSeconds }),
    ]);
    await Promise.all(out.map((old) => deleteRecord(env.CACHE_KV, old, ownerId)));
  } catch (error) {
    createLogger(config.logLevel).warn("cache.not_kept", { id: streamId, ...describeError(error) });
  }
}

/** Leaves nothing of an owner's answers, as when all that is kept of a person is erased. Answers whether that was all; else it is called again. */
export const eraseAnswers = (env: Pick<Env, "CACHE_KV">, ownerId: string): Promise<boolean> =>
  deleteRecords(env.CACHE_KV, ownerId);

/** Completions that also keep the answers of their kinds; null for a kind of which nothing else is kept. */
export function withAnswerCache(
  completions: Readonly<Record<string, Completion | null>>,
): Completions {
  return Object.fromEntries(
    Object.entries(completions).map(([kind, complete]): [string, Completion] => [
      kind,
      async (env, ended) => {
        await Promise.all([keepAnswer(env, readConfig(env), ended), complete?.(env, ended)]);
      },
    ]),
  );
}
