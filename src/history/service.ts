import { ApiError } from "#platform/errors";
import { storableText } from "./core/storable";
import { deleteHistoryItem, insertHistory, updateAnswer } from "./store";
import type { NewHistoryItem } from "./store";

export { storableText } from "./core/storable";
export { deleteHistory, queryHistory } from "./store";
export type { HistoryItem, HistoryPage, HistoryQuery } from "./store";

export interface Answered extends Omit<NewHistoryItem, "id"> {
  /** The stream of the answer, by which it stands in the history once. */
  readonly streamId: string;
}

/** What was asked and answered, from a completion of a run: safe to repeat. Throws where D1 does not take it. */
export const recordHistory = (
  db: D1Database,
  { streamId, question, answer, ...item }: Answered,
): Promise<void> =>
  insertHistory(db, {
    ...item,
    id: historyIdOf(streamId),
    question: storableText(question),
    answer: storableText(answer),
  });

/** Replaces the answer of what was recorded for a stream. Nothing happens where the owner has no such item (any more). */
export const amendHistory = (
  db: D1Database,
  ownerId: string,
  streamId: string,
  answer: string,
): Promise<void> => updateAnswer(db, ownerId, historyIdOf(streamId), storableText(answer));

/** An item has its stream's id under its own prefix: it begins with its time, and is told apart as well. */
const historyIdOf = (streamId: string): string => streamId.replace(/^str_/, "hist_");

/** Removes one item of the owner's. Throws RESOURCE_NOT_FOUND for any other. */
export async function removeHistoryItem(
  db: D1Database,
  ownerId: string,
  id: string,
): Promise<void> {
  if (!(await deleteHistoryItem(db, ownerId, id))) throw new ApiError("RESOURCE_NOT_FOUND");
}
