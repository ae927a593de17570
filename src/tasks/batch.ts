import { sha256Hex } from "#platform/bytes";
import { canonicalJson } from "#platform/canonical-json";
import { readConfig } from "#platform/config";
import { ApiError, ERRORS, errorText } from "#platform/errors";
import type { FieldError } from "#platform/errors";
import { describeIssues, FAULT_TEXTS, toPointer } from "#platform/faults";
import type { SubmitVerdict } from "./core/desk";
import { splitOptions } from "./core/run-options";
import { placeTask } from "./core/placement";
import type { KindRegistry } from "./kinds";
import { prepareSubmission } from "./prepare";
import type { Submitter } from "./prepare";
import { CreateTaskSchema } from "./schemas";
import { callShard } from "./shard-client";
import type { TaskEnv } from "./shard-client";
import { toNewTask, wishOf } from "./submit";
import type { Submission } from "./submit";

/** Where the fault of an item that is refused as a whole stands in it. */
const PLACE_OF: Readonly<Record<string, string>> = {
  UNKNOWN_TASK_KIND: "kind",
  TIMEOUT_NOT_SERVED: "timeout",
};

type Prepared = Omit<Submission, "idempotencyKey">;

/**
 * Checks all tasks of a batch before any is taken. Throws VALIDATION_FAILED with every fault of every item, or the first refusal that concerns the
 * caller and not an item.
 */
export async function prepareBatch(
  submitter: Submitter,
  kinds: KindRegistry,
  items: readonly unknown[],
): Promise<Prepared[]> {
  const outcomes = await Promise.all(
    items.map((item, index) => prepareItem(submitter, kinds, item, ["tasks", String(index)])),
  );
  const faults = outcomes.flatMap((outcome) => ("faults" in outcome ? outcome.faults : []));
  if (faults.length > 0)
    throw new ApiError("VALIDATION_FAILED", { params: { count: faults.length }, errors: faults });
  return outcomes.flatMap((outcome) => ("faults" in outcome ? [] : [outcome]));
}

async function prepareItem(
  submitter: Submitter,
  kinds: KindRegistry,
  item: unknown,
  root: readonly string[],
): Promise<Prepared | { readonly faults: readonly FieldError[] }> {
  const { locale } = submitter;
  const parsed = CreateTaskSchema.safeParse(item, { error: FAULT_TEXTS[locale] });
  if (!parsed.success) return { faults: describeIssues(parsed.error.issues, root, locale) };
  const { options, rest } = splitOptions(parsed.data);
  try {
    const places = { input: [...root, "input"], options: root };
    return await prepareSubmission(submitter, { kinds, ...rest, options }, places);
  } catch (error) {
    if (!(error instanceof ApiError) || ![404, 413, 422].includes(ERRORS[error.code])) throw error;
    const { errors, params } = error.options;
    if (errors !== undefined && errors.length > 0) return { faults: errors };
    const pointer = toPointer([...root, PLACE_OF[error.code] ?? "input"]);
    const { error: message } = errorText(error.code, locale, params);
    return { faults: [{ pointer, code: error.code.toLowerCase(), message }] };
  }
}

/**
 * Puts the tasks of a batch on record, one call to each shard, and tells what became of each, in their order. With a key every item has a place of
 * its own under it, so that a batch sent again joins what was taken and adds what was not; with another body under the same key nothing is
 * taken: IDEMPOTENCY_KEY_REUSED.
 */
export async function submitBatch(
  env: TaskEnv,
  prepared: readonly Prepared[],
  idempotencyKey: string | null,
): Promise<SubmitVerdict[]> {
  const { taskShards: shards, taskConcurrency: concurrency } = readConfig(env);
  // Of the whole batch: an item that moved to another place in it is another batch.
  const fingerprint =
    idempotencyKey === null ? "" : await sha256Hex(canonicalJson(prepared.map(wishOf)));
  const placed = prepared.map((submission, index) => {
    const key = idempotencyKey === null ? null : `${idempotencyKey}\n${index}`;
    const shard = placeTask(submission.ownerId, key, { shards, concurrency }, Math.random());
    const task = toNewTask(submission, shard, key === null ? null : { key, fingerprint }, null);
    return { index, shard, task };
  });
  const verdicts: SubmitVerdict[] = [];
  const submit = async (items: readonly (typeof placed)[number][]): Promise<void> => {
    const shards = new Set(items.map((item) => item.shard));
    const submitTo = async (shard: number): Promise<void> => {
      const group = items.filter((item) => item.shard === shard);
      const answers = await callShard(env, shard, (stub) =>
        stub.submitMany(group.map((item) => item.task)),
      );
      group.forEach(({ index }, i) => {
        const answer = answers[i];
        if (answer) verdicts[index] = answer;
      });
    };
    await Promise.all([...shards].map(submitTo));
  };
  if (idempotencyKey === null) await submit(placed);
  else {
    // The first item is in every batch under this key: its shard alone knows whether the key is free for this one. It goes alone, since what the
    // shard is given with it would be taken.
    await submit(placed.slice(0, 1));
    if (verdicts.some((verdict) => verdict.verdict === "key_reused"))
      throw new ApiError("IDEMPOTENCY_KEY_REUSED");
    await submit(placed.slice(1));
  }
  return verdicts;
}
