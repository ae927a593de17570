import { estimatePrompt } from "#ai/service";
import type { ChatMessage, EndedStream, ModelRequest, RunSpec, StreamView } from "#ai/service";
import { recordHistory, storableText } from "#history/service";
import { ApiError } from "#platform/errors";
import type { ErrorCode } from "#platform/errors";
import { newId } from "#platform/ids";
import type { JsonObject } from "#platform/json-value";
import type { Locale } from "#platform/locale";
import { newConversation } from "./conversations";
import { PROMPT_VERSION, promptOf } from "./core/modes";
import type { ModeId } from "./core/modes";
import { titleOf } from "./core/title";
import { fitWindow, turnsOf } from "./core/window";
import { findConversation, hasMessage, queryMessages } from "./store";
import type { Conversation } from "./store";
import { dropTurn, writeAnswer, writeTurn } from "./turn-store";
import type { NewTurn } from "./turn-store";

export { MODES } from "./core/modes";
export type { Mode, ModeId } from "./core/modes";
export { chatFormat } from "./stream-format";

/** Messages that are looked through for what a model reads again; more would fit no budget that is in use. */
const MAX_LOOKED_AT = 400;
/** Texts of more characters than this for each token of the budget do not fit, whatever they say. */
const MAX_CHARS_PER_TOKEN = 4;

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
  const message = storableText(question.message);
  const [known, earlier] =
    conversationId === null ? [null, []] : await loadConversation(db, caller, conversationId);
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

async function loadConversation(
  db: D1Database,
  { ownerId, contextTokens }: ChatCaller,
  conversationId: string,
) {
  const [conversation, { messages }] = await Promise.all([
    findConversation(db, ownerId, conversationId),
    queryMessages(db, {
      ownerId,
      conversationId,
      after: null,
      isNewestFirst: true,
      isComplete: true,
      limit: MAX_LOOKED_AT,
      maxChars: contextTokens * MAX_CHARS_PER_TOKEN,
    }),
  ]);
  if (conversation === null) throw new ApiError("RESOURCE_NOT_FOUND");
  return [conversation, messages.toReversed()] as const;
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
      content: storableText(text),
      errorCode: failure.code,
    });
    return;
  }
  const { text, model, usage, finishReason } = outcome.answer;
  const isKept = await writeAnswer(env.DB, {
    ...row,
    status: "complete",
    content: storableText(text),
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
    answer: text,
    language: null,
    model,
    isCached: isRecorded,
    conversationId,
    createdAtMs: endedAtMs,
  });
}

function textOf(context: JsonObject, name: string): string {
  const value = context[name];
  return typeof value === "string" ? value : "";
}

/** Whether the message that a stream answers is still there. */
export const isChatKept = (
  { DB }: Pick<Env, "DB">,
  { context }: StreamView,
  ownerId: string,
): Promise<boolean> => hasMessage(DB, ownerId, textOf(context, "message_id"));
