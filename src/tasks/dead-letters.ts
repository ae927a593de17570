import { recordAudit } from "#audit/service";
import { systemClock } from "#platform/clock";
import { readConfig } from "#platform/config";
import { ApiError } from "#platform/errors";
import type { ErrorCode } from "#platform/errors";
import type { DeadLetter } from "./core/dead-letters";
import { shardOfTask } from "./core/task-id";
import { queryDeadLetters } from "./dead-letter-store";
import type { DeadLetterFilter, DeadLetterQuery, DeadLetterSummary } from "./dead-letter-store";
import { callShard, settleIndexes, shardOf } from "./shard-client";
import type { ShardStub, TaskEnv } from "./shard-client";

export type { DeadLetter } from "./core/dead-letters";
export type { DeadLetterFilter, DeadLetterSummary } from "./dead-letter-store";

type DeadLetterEnv = TaskEnv & Pick<Env, "DB">;

/** Who does it, for the audit log. */
export interface Actor {
  readonly id: string;
  readonly address: string | null;
}

/** Which letters an action is for: those named, or those that a filter finds, as many as one call takes. */
export type Selection =
  | { readonly ids: readonly string[] }
  | { readonly filter: DeadLetterFilter; readonly limit: number };

export interface ActionOutcome {
  readonly done: readonly string[];
  readonly skipped: readonly { readonly id: string; readonly code: ErrorCode }[];
  /** The filter finds more than one call takes. */
  readonly hasMore: boolean;
}

/** A page of dead letters, those that died last first, and whether there are more. What a shard gave up before the call is in it. */
export async function listDeadLetters(
  env: DeadLetterEnv,
  query: Omit<DeadLetterQuery, "nowMs">,
): Promise<{ readonly letters: readonly DeadLetterSummary[]; readonly hasMore: boolean }> {
  await settleIndexes(env);
  const limit = query.limit + 1;
  const letters = await queryDeadLetters(env.DB, { ...query, limit, nowMs: systemClock() });
  return { letters: letters.slice(0, query.limit), hasMore: letters.length > query.limit };
}

/** A dead letter with its attempts and its input. Refuses with TASK_NOT_FOUND what is none. */
export async function getDeadLetter(env: TaskEnv, id: string): Promise<DeadLetter> {
  const letter = await callShard(env, shardOf(env, id), (stub) => stub.deadLetter(id));
  if (!letter) throw new ApiError("TASK_NOT_FOUND");
  return letter;
}

/**
 * Gives dead letters a new life: the same tasks under their ids, with as many attempts and as much time as at first. One that is none any more, or
 * whose shard is full, is skipped.
 */
export const replayDeadLetters = (
  env: DeadLetterEnv,
  actor: Actor,
  selection: Selection,
): Promise<ActionOutcome> =>
  act(env, actor, "dead_letter.replay", selection, async (stub, ids) => {
    const verdicts = await stub.replay(ids);
    return verdicts.map((verdict) => {
      if (verdict === "full") return "QUEUE_FULL";
      return verdict === "replayed" ? null : "TASK_NOT_FOUND";
    });
  });

/** Takes tasks off the dead letters, for good. Their owners still see them as failed. */
export const purgeDeadLetters = (
  env: DeadLetterEnv,
  actor: Actor,
  selection: Selection,
): Promise<ActionOutcome> =>
  act(env, actor, "dead_letter.purge", selection, async (stub, ids) => {
    const buried = await stub.bury(ids);
    return buried.map((isBuried) => (isBuried ? null : "TASK_NOT_FOUND"));
  });

/** The same for one, named by its address: refuses with what would have it skipped. */
export async function actOnOne(
  action: typeof replayDeadLetters,
  env: DeadLetterEnv,
  actor: Actor,
  id: string,
): Promise<void> {
  // Before it is recorded that somebody did something to it.
  await getDeadLetter(env, id);
  const { skipped } = await action(env, actor, { ids: [id] });
  const [refused] = skipped;
  if (!refused) return;
  const headers = refused.code === "QUEUE_FULL" ? { "Retry-After": "10" } : {};
  throw new ApiError(refused.code, { headers, extension: { task_id: id } });
}

type ShardAction = (stub: ShardStub, ids: readonly string[]) => Promise<(ErrorCode | null)[]>;

async function act(
  env: DeadLetterEnv,
  actor: Actor,
  action: "dead_letter.replay" | "dead_letter.purge",
  selection: Selection,
  perform: ShardAction,
): Promise<ActionOutcome> {
  const { ids, hasMore } = await select(env, selection);
  if (ids.length === 0) return { done: [], skipped: [], hasMore };
  const [only] = ids;
  // Before the act: what was done without a trace could not be made good, a trace of what was skipped harms nobody.
  await recordAudit(env, {
    actorId: actor.id,
    action,
    subjectId: ids.length === 1 ? (only ?? null) : null,
    address: actor.address,
    details: { count: ids.length, task_ids: ids },
  });
  const refusals = new Map<string, ErrorCode | null>();
  await Promise.all(
    [...groupByShard(env, ids, refusals)].map(async ([shard, group]) => {
      const codes = await callShard(env, shard, (stub) => perform(stub, group));
      group.forEach((id, index) => refusals.set(id, codes[index] ?? null));
    }),
  );
  const skipped = ids.flatMap((id) => {
    const code = refusals.get(id);
    return code ? [{ id, code }] : [];
  });
  return { done: ids.filter((id) => refusals.get(id) === null), skipped, hasMore };
}

async function select(
  env: DeadLetterEnv,
  selection: Selection,
): Promise<{ readonly ids: readonly string[]; readonly hasMore: boolean }> {
  if ("ids" in selection) return { ids: [...new Set(selection.ids)], hasMore: false };
  const query = { ...selection.filter, limit: selection.limit, before: null };
  const { letters, hasMore } = await listDeadLetters(env, query);
  return { ids: letters.map(({ id }) => id), hasMore };
}

/** The ids by the shard that holds them; what is no id of ours is refused at once. */
function groupByShard(
  env: TaskEnv,
  ids: readonly string[],
  refusals: Map<string, ErrorCode | null>,
): Map<number, string[]> {
  const groups = new Map<number, string[]>();
  for (const id of ids) {
    const shard = shardOfTask(id, readConfig(env).taskShards);
    if (shard === null) refusals.set(id, "TASK_NOT_FOUND");
    else groups.set(shard, [...(groups.get(shard) ?? []), id]);
  }
  return groups;
}
