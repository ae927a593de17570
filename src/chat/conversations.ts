import { clearAnswers, evictAnswer } from "#cache/service";
import { storableText } from "#history/service";
import { ApiError } from "#platform/errors";
import { newId } from "#platform/ids";
import { readSettings } from "#profile/service";
import { DEFAULT_MODE } from "./core/modes";
import {
  cacheKeysOf,
  changeConversation,
  deleteConversation,
  findConversation,
  insertConversation,
} from "./store";
import type { Conversation } from "./store";

/** Kept answers that are named one by one; of a longer conversation all that is kept for the owner is forgotten. */
const MAX_EVICTIONS = 50;

export interface NewConversation {
  /** Null for none yet. */
  readonly title: string | null;
  /** Null for that of the owner's settings. */
  readonly mode: string | null;
}

/** A conversation that is not kept yet, in the mode that is named, or that of the settings. */
export async function newConversation(
  db: D1Database,
  ownerId: string,
  { title, mode }: NewConversation,
  nowMs: number,
): Promise<Conversation> {
  const chosen = mode ?? (await readSettings(db, ownerId)).default_mode ?? DEFAULT_MODE;
  return {
    id: newId("conv", nowMs),
    title: storableText(title ?? ""),
    mode: chosen,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    version: 1,
  };
}

/** Makes a conversation in which nothing is said yet. */
export async function createConversation(
  db: D1Database,
  ownerId: string,
  wanted: NewConversation,
  nowMs: number,
): Promise<Conversation> {
  const conversation = await newConversation(db, ownerId, wanted, nowMs);
  await insertConversation(db, ownerId, conversation).run();
  return conversation;
}

/** The caller's conversation. Throws RESOURCE_NOT_FOUND for any other. */
export async function getConversation(
  db: D1Database,
  ownerId: string,
  id: string,
): Promise<Conversation> {
  const found = await findConversation(db, ownerId, id);
  if (found === null) throw new ApiError("RESOURCE_NOT_FOUND");
  return found;
}

/** Changes title or mode. Throws RESOURCE_NOT_FOUND, and PRECONDITION_FAILED where another version stands there than was seen. */
export async function updateConversation(
  db: D1Database,
  ownerId: string,
  id: string,
  change: Parameters<typeof changeConversation>[3],
  nowMs: number,
): Promise<Conversation> {
  const title = change.title === null ? null : storableText(change.title);
  const changed = await changeConversation(db, ownerId, id, { ...change, title }, nowMs);
  return changed ?? (await refuse(db, ownerId, id));
}

/** Removes a conversation and all that was said in it, from the cache of answers too. Throws as `updateConversation` does. */
export async function removeConversation(
  env: Pick<Env, "DB" | "CLIENT_GATE">,
  ownerId: string,
  id: string,
  ifVersion: number | null,
): Promise<void> {
  // The cache first: where it cannot be told, everything is still there to be deleted.
  const cacheKeys = await cacheKeysOf(env.DB, ownerId, id, MAX_EVICTIONS + 1);
  if (cacheKeys.length > MAX_EVICTIONS) await clearAnswers(env, ownerId);
  else await Promise.all(cacheKeys.map((key) => evictAnswer(env, ownerId, key)));
  if (!(await deleteConversation(env.DB, ownerId, id, ifVersion)))
    await refuse(env.DB, ownerId, id);
}

async function refuse(db: D1Database, ownerId: string, id: string): Promise<never> {
  await getConversation(db, ownerId, id);
  throw new ApiError("PRECONDITION_FAILED");
}
