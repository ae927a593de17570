/** Kept answers in KV, each under a name that nobody can find out for another owner, and with its owner inside. */
import * as z from "zod";
import type { Answer } from "#ai/service";
import type { JsonObject } from "#platform/json-value";

export interface KeptAnswer {
  readonly answer: Answer;
  readonly keptAtMs: number;
}

const AnswerSchema = z.object({
  text: z.string(),
  toolCalls: z.array(z.record(z.string(), z.unknown()).transform((call) => call as JsonObject)),
  finishReason: z.string(),
  usage: z.object({
    promptTokens: z.number(),
    completionTokens: z.number(),
    isEstimated: z.boolean(),
  }),
  model: z.string(),
});
const RecordSchema = z.object({
  version: z.literal(1),
  owner_id: z.string(),
  kept_at_ms: z.number(),
  answer: AnswerSchema,
});

/** KV takes no shorter time; what is older than it may be is not told, whatever KV still has. */
const MIN_KV_TTL_SECONDS = 60;

const PREFIX = "answer:";

/** Where an owner's answers stand in KV: together, so that they are found when all of them have to go, also those of which nobody remembers the name. */
const placeOf = (ownerId: string, name: string): string =>
  `${PREFIX}${ownerId}:${name.slice(PREFIX.length)}`;

/** Null where there is none, or what is there is not this owner's answer in the form that is read here. */
export async function readRecord(
  kv: KVNamespace,
  name: string,
  ownerId: string,
): Promise<KeptAnswer | null> {
  const found = RecordSchema.safeParse(await kv.get(placeOf(ownerId, name), "json"));
  if (!found.success || found.data.owner_id !== ownerId) return null;
  return { answer: found.data.answer, keptAtMs: found.data.kept_at_ms };
}

export async function writeRecord(
  kv: KVNamespace,
  name: string,
  { ownerId, answer, keptAtMs, ttlSeconds }: KeptAnswer & { ownerId: string; ttlSeconds: number },
): Promise<void> {
  const record: z.input<typeof RecordSchema> = {
    version: 1,
    owner_id: ownerId,
    kept_at_ms: keptAtMs,
    answer: { ...answer, toolCalls: [...answer.toolCalls] },
  };
  await kv.put(placeOf(ownerId, name), JSON.stringify(record), {
    expirationTtl: Math.max(ttlSeconds, MIN_KV_TTL_SECONDS),
  });
}

export const deleteRecord = (kv: KVNamespace, name: string, ownerId: string): Promise<void> =>
  kv.delete(placeOf(ownerId, name));

/** Of one call: each is a call of its own, of which an invocation may make a thousand. */
const DELETED_AT_ONCE = 200;

/** Deletes what is kept for an owner, at most so many. Answers whether that was all; KV's lists may be a minute late. */
export async function deleteRecords(kv: KVNamespace, ownerId: string): Promise<boolean> {
  const { keys, list_complete: isAll } = await kv.list({
    prefix: placeOf(ownerId, PREFIX),
    limit: DELETED_AT_ONCE,
  });
  await Promise.all(keys.map(({ name }) => kv.delete(name)));
  return isAll;
}
