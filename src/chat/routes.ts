import type { Context } from "hono";
import { MODEL_ERRORS, STREAM_ERRORS } from "#ai/service";
import { requireCredential, requireScope } from "#auth/guard";
import { cachedAnswer, cachedStream } from "#cache/guard";
import { CACHE_ERRORS } from "#cache/service";
import { systemClock } from "#platform/clock";
import type { AppEnv } from "#http/context";
import { defineRoute, newRouter } from "#http/router";
import { idempotent } from "#limits/guard";
import { DEFAULT_MODE } from "./core/modes";
import type { Mode } from "./core/modes";
import { ChatAnswerSchema, ChatSchema, ChatStreamSchema, ModePageSchema } from "./schemas";
import type { ChatAnswerBody, ChatBody } from "./schemas";
import { beginTurn, chatFormat, failTurn, MODES } from "./service";
import type { OpenTurn } from "./service";
import { presentUsage } from "./stream-format";

type C = Context<AppEnv>;

/** What retires the paths of the time before `/api/v1`. */
export const retiredFor = (successor: string) => ({
  since: "2026-11-01T00:00:00Z",
  sunset: "2027-11-01T00:00:00Z",
  successor,
});

const access = requireScope("chat", ["burst", "client", "chat"]);
const tags = ["chat"];
const request = {
  body: { required: true, content: { "application/json": { schema: ChatSchema } } },
};

const modes = {
  method: "get" as const,
  access: requireCredential(),
  tags,
  summary: "The modes of a conversation",
  description: "What each is for, in the caller's language, and what it tells the model.",
  responses: {
    200: {
      description: "All of them.",
      content: { "application/json": { schema: ModePageSchema } },
    },
  },
};
const modesRoute = defineRoute({ ...modes, path: "/api/v1/modes", operationId: "chat.modes" });
const modesAlias = defineRoute({
  ...modes,
  path: "/modes",
  operationId: "chat.modesAlias",
  retirement: retiredFor("/api/v1/modes"),
});

const chat = {
  method: "post" as const,
  access,
  tags,
  summary: "Say something, and read the whole answer",
  description:
    "The question is saved before the model is asked, and its answer when it ends, whether or not the caller still waits. What the model reads is the prompt of the mode, as much of the conversation as fits the deployment's `AI_CONTEXT_TOKENS` (the oldest turns go first), and the message. Where no answer comes, the problem names `conversation_id` and `message_id` of what is saved.",
  errors: [...MODEL_ERRORS, ...CACHE_ERRORS, "RESOURCE_NOT_FOUND" as const],
  idempotency: idempotent(),
  request,
  responses: {
    200: {
      description: "The answer.",
      content: { "application/json": { schema: ChatAnswerSchema } },
    },
  },
};
const chatRoute = defineRoute({ ...chat, path: "/api/v1/chat", operationId: "chat.ask" });
const chatAlias = defineRoute({
  ...chat,
  path: "/chat",
  operationId: "chat.askAlias",
  retirement: retiredFor("/api/v1/chat"),
});

const STREAM_EXAMPLE = `id: 1
event: start
data: {"stream_id":"str_01kcm4v7d0g3q6zr1w8n5tbe2y","conversation_id":"conv_01kcm4v7d0g3q6zr1w8n5tbe2y","message_id":"msg_01kcm4v7d1k2m9x5v8c1b3n7q4","model":"embedded"}

id: 2
event: delta
data: {"text":"Seoul."}

id: 3
event: done
data: {"conversation_id":"conv_01kcm4v7d0g3q6zr1w8n5tbe2y","message_id":"msg_01kcm4v7d1k2m9x5v8c1b3n7q4","usage":{"prompt_tokens":42,"completion_tokens":2,"total_tokens":44,"is_estimated":true},"model":"embedded","finish_reason":"stop","cached":false}

`;

const streamRoute = defineRoute({
  method: "post",
  path: "/api/v1/chat/stream",
  operationId: "chat.stream",
  access,
  tags,
  summary: "Say something, and read the answer while it is written",
  description:
    "As `POST /api/v1/chat`, told by server-sent events: one `start` with the ids, `delta` with pieces of `text`, then one `done` with `usage`, or one `error` with `code`, `message` and `is_retryable`. Where the model answers nothing at all, that is a problem with a status of its own. `Location` names the stream: `GET /api/v1/streams/:id` with `Last-Event-ID` goes on with it, so a repeated `Idempotency-Key` is refused with 409 and that `Location`.",
  errors: [...STREAM_ERRORS, ...CACHE_ERRORS, "RESOURCE_NOT_FOUND"],
  idempotency: idempotent(),
  request,
  responses: {
    200: {
      description: "The answer as it is written.",
      content: { "text/event-stream": { schema: ChatStreamSchema, example: STREAM_EXAMPLE } },
    },
  },
});

/** Answers to what people say, whole and as streams. */
export const chatRoutes = newRouter()
  .openapi(modesRoute, (c) => c.json(presentModes(c), 200))
  .openapi(modesAlias, (c) => c.json(presentModes(c), 200))
  .openapi(chatRoute, async (c) => c.json(await answer(c, c.req.valid("json")), 200))
  .openapi(chatAlias, async (c) => c.json(await answer(c, c.req.valid("json")), 200))
  .openapi(streamRoute, async (c) => {
    const { turn, spec } = await open(c, c.req.valid("json"));
    try {
      return await cachedStream(c, spec, chatFormat);
    } catch (error) {
      throw await failTurn(c.env.DB, turn, error);
    }
  });

async function answer(c: C, asked: ChatBody): Promise<ChatAnswerBody> {
  const { turn, spec } = await open(c, asked);
  try {
    const { text, usage, model, finishReason, isCached } = await cachedAnswer(c, spec);
    return {
      conversation_id: turn.conversation.id,
      message_id: turn.answerId,
      reply: text.toWellFormed(),
      usage: presentUsage(usage),
      model,
      finish_reason: finishReason,
      cached: isCached,
    };
  } catch (error) {
    throw await failTurn(c.env.DB, turn, error);
  }
}

const open = (c: C, asked: ChatBody): Promise<OpenTurn> =>
  beginTurn(
    c.env.DB,
    {
      ownerId: c.get("principal").ownerId,
      locale: c.get("locale"),
      contextTokens: c.get("config").ai.contextTokens,
      nowMs: systemClock(),
    },
    {
      message: asked.message,
      conversationId: asked.conversation_id ?? null,
      mode: asked.mode ?? null,
      model: asked.model ?? null,
      temperature: asked.temperature ?? null,
      maxTokens: asked.max_tokens ?? null,
    },
  );

const presentModes = (c: C) => ({
  items: MODES.map(({ id, title, description, prompt }: Mode) => ({
    id,
    title: title[c.get("locale")],
    description: description[c.get("locale")],
    prompts: prompt,
    is_default: id === DEFAULT_MODE,
  })),
  next_cursor: null,
});
