import { estimatePrompt } from "#ai/service";
import type { ChatMessage, EndedStream, ModelRequest, RunSpec, StreamView } from "#ai/service";
import { clearAnswers, evictAnswer } from "#cache/service";
import { recordHistory } from "#history/service";
import { ApiError } from "#platform/errors";
import type { ErrorCode } from "#platform/errors";
import { newId } from "#platform/ids";
import type { JsonObject } from "#platform/json-value";
import type { Locale } from "#platform/locale";
import { readSettings } from "#profile/service";
import { DEFAULT_MODE, PROMPT_VERSION, promptOf } from "./core/modes";
import type { ModeId } from "./core/modes";
import { titleOf } from "./core/title";
import { fitWindow, turnsOf } from "./core/window";
import {
  cacheKeysOf,
  changeConversation,
  deleteConversation,
  dropTurn,
  findConversation,
  hasMessage,
  insertConversation,
  queryMessages,
  writeAnswer,
  writeTurn,
} from "./store";
import type { Conversation, NewTurn } from "./store";

export { MODES } from "./core/modes";
export type { Mode, ModeId } from "./core/modes";
export { chatFormat } from "./stream-format";

/** Kept answers that are named one by one; of a longer conversation all that is kept for the owner is forgotten. */
const MAX_EVICTIONS = 50;
/** Messages that are looked through for what a model reads again; more would fit no budget that is in use. */
const MAX_LOOKED_AT = 400;

export interface ChatQuestion {
  readonly message: string;
  /** Null for a new conversation. */
  readonly conversationId: string | null;
  /** Null for that of the conversation, or of the owner's settings. */
  readonly mode: ModeId | null;
  readonly model: string | null;
  readonly temperature: number | null;
  readonly maxTokens: number | null;
}

export interface ChatCaller {
  readonly ownerId: string;
  readonly locale: Locale;
  /** Tokens of a whole prompt. */
  readonly contextTokens: number;
  readonly nowMs: number;
}

/** A question that is saved and can be asked. */
export interface OpenTurn {
  readonly turn: NewTurn;
  readonly spec: Omit<RunSpec, "ownerId" | "keyId" | "recorded"> & {
    /** Answers to other prompts are other answers. */
    readonly promptVersion: string;
  };
}

/**
 * Saves a question, with the row that its answer will stand in, and says what to ask the model. Throws RESOURCE_NOT_FOUND for a
 * conversation that is not the caller's.
 */
export async function beginTurn(
  db: D1Database,
  caller: ChatCaller,
  question: ChatQuestion,
): Promise<OpenTurn> {
  const { ownerId, locale, nowMs } = caller;
  const { conversationId } = question;
  // What is stored and told again has to be text.
  const message = question.message.toWellFormed();
  const [known, earlier] =
    conversationId === null ? [null, []] : await loadConversation(db, ownerId, conversationId);
  const conversation: Conversation =
    known === null
      ? await newConversation(db, ownerId, { title: titleOf(message), mode: question.mode }, nowMs)
      : { ...known, title: known.title || titleOf(message), mode: question.mode ?? known.mode };
  const turn: NewTurn = {
    ownerId,
    conversation,
    isNew: known === null,
    questionId: newId("msg", nowMs),
    // A millisecond on: ids of one would stand in any order.
    answerId: newId("msg", nowMs + 1),
    question: message,
    locale,
    nowMs,
  };
  if (!(await writeTurn(db, turn))) throw new ApiError("RESOURCE_NOT_FOUND");
  const messages = fitWindow({
    system: promptOf(conversation.mode, locale),
    turns: turnsOf(earlier),
    question: message,
    budget: caller.contextTokens,
    sizeOf: estimatePrompt,
  });
  return { turn, spec: specOf(turn, question, messages) };
}

async function loadConversation(db: D1Database, ownerId: string, conversationId: string) {
  const query = { ownerId, conversationId, after: null, isNewestFirst: true, limit: MAX_LOOKED_AT };
  const [conversation, messages] = await Promise.all([
    findConversation(db, ownerId, conversationId),
    queryMessages(db, query),
  ]);
  if (conversation === null) throw new ApiError("RESOURCE_NOT_FOUND");
  return [conversation, messages.reverse()] as const;
}

function specOf(
  { conversation, answerId, question, locale }: NewTurn,
  { model, temperature, maxTokens }: ChatQuestion,
  messages: readonly ChatMessage[],
): OpenTurn["spec"] {
  const { id, mode } = conversation;
  const request: ModelRequest = {
    messages,
    model,
    temperature,
    maxTokens,
    purpose: "chat",
    hints: { question, mode },
  };
  return {
    kind: "chat",
    request,
    promptVersion: PROMPT_VERSION,
    context: { conversation_id: id, message_id: answerId, question, mode, locale },
  };
}

const NOTHING_ASKED: readonly ErrorCode[] = ["TOO_MANY_CONCURRENT", "NOT_CACHED"];

/**
 * What a caller is told of an answer that did not come: the refusal, with the ids of what is saved. Where the answer's run told nobody that
 * it failed, the row learns of it here; where nothing was asked at all, the question is taken back.
 */
export async function failTurn(db: D1Database, turn: NewTurn, error: unknown): Promise<unknown> {
  if (!(error instanceof ApiError)) {
    await endAnswer(db, turn, "INTERNAL");
    return error;
  }
  if (NOTHING_ASKED.includes(error.code)) {
    await dropTurn(db, turn);
    return error;
  }
  await endAnswer(db, turn, error.code);
  const { conversation, answerId } = turn;
  return new ApiError(error.code, {
    ...error.options,
    cause: error,
    headers: { ...error.options.headers, Location: `/api/v1/conversations/${conversation.id}` },
    extension: {
      ...error.options.extension,
      conversation_id: conversation.id,
      message_id: answerId,
    },
  });
}

const endAnswer = (db: D1Database, turn: NewTurn, errorCode: ErrorCode): Promise<boolean> =>
  writeAnswer(db, {
    ownerId: turn.ownerId,
    conversationId: turn.conversation.id,
    messageId: turn.answerId,
    ...NO_ANSWER,
    status: "failed",
    content: "",
    errorCode,
    nowMs: turn.nowMs,
  });

const NO_ANSWER = {
  model: null,
  promptTokens: null,
  completionTokens: null,
  finishReason: null,
  cacheKey: null,
  isCached: false,
};

/**
 * Keeps what came of a chat's answer, whoever still reads it: in its message, and in the history. Safe to run again. What was deleted
 * meanwhile stays deleted.
 */
export async function completeChat(
  env: Pick<Env, "DB">,
  { streamId, ownerId, context, outcome, endedAtMs, isRecorded }: EndedStream,
): Promise<void> {
  const conversationId = textOf(context, "conversation_id");
  const row = {
    ownerId,
    conversationId,
    messageId: textOf(context, "message_id"),
    nowMs: endedAtMs,
  };
  if (!outcome.ok) {
    const { failure, text } = outcome;
    await writeAnswer(env.DB, {
      ...row,
      ...NO_ANSWER,
      status: "failed",
      content: stored(text),
      errorCode: failure.code,
    });
    return;
  }
  const { text, model, usage, finishReason } = outcome.answer;
  const isKept = await writeAnswer(env.DB, {
    ...row,
    status: "complete",
    content: stored(text),
    errorCode: null,
    model,
    promptTokens: usage.promptTokens,
    completionTokens: usage.completionTokens,
    finishReason,
    cacheKey: textOf(context, "cache_key") || null,
    isCached: isRecorded,
  });
  if (!isKept) return;
  await recordHistory(env.DB, {
    streamId,
    ownerId,
    kind: "chat",
    question: textOf(context, "question"),
    answer: stored(text),
    language: null,
    model,
    isCached: isRecorded,
    conversationId,
    createdAtMs: endedAtMs,
  });
}

/** SQLite's text ends at a NUL for some of its functions, and half a surrogate pair is no text. */
const stored = (text: string): string => text.replaceAll("\u0000", "\uFFFD").toWellFormed();

function textOf(context: JsonObject, name: string): string {
  const value = context[name];
  return typeof value === "string" ? value : "";
}

export interface NewConversation {
  /** Null for none yet. */
  readonly title: string | null;
  /** Null for that of the owner's settings. */
  readonly mode: string | null;
}

async function newConversation(
  db: D1Database,
  ownerId: string,
  { title, mode }: NewConversation,
  nowMs: number,
): Promise<Conversation> {
  const chosen = mode ?? (await readSettings(db, ownerId)).default_mode ?? DEFAULT_MODE;
  return {
    id: newId("conv", nowMs),
    title: (title ?? "").toWellFormed(),
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
  const title = change.title?.toWellFormed() ?? null;
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
  const cacheKeys = await cacheKeysOf(env.DB, ownerId, id, MAX_EVICTIONS + 1);
  if (!(await deleteConversation(env.DB, ownerId, id, ifVersion)))
    return refuse(env.DB, ownerId, id);
  if (cacheKeys.length > MAX_EVICTIONS) await clearAnswers(env, ownerId);
  else await Promise.all(cacheKeys.map((key) => evictAnswer(env, ownerId, key)));
}

/** Whether the message that a stream answers is still there. */
export const isChatKept = (
  { DB }: Pick<Env, "DB">,
  { context }: StreamView,
  ownerId: string,
): Promise<boolean> => hasMessage(DB, ownerId, textOf(context, "message_id"));

async function refuse(db: D1Database, ownerId: string, id: string): Promise<never> {
  await getConversation(db, ownerId, id);
  throw new ApiError("PRECONDITION_FAILED");
}
