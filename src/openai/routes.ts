import { z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { modelNames } from "#ai/service";
import { requireScope } from "#auth/guard";
import { cachedAnswer, cachedStream } from "#cache/guard";
import { json } from "#http/json-content";
import type { AppEnv } from "#http/context";
import type { Idempotency } from "#http/idempotency";
import { defineRoute, newRouter } from "#http/router";
import { idempotent } from "#limits/guard";
import { systemClock } from "#platform/clock";
import { ApiError } from "#platform/errors";
import { randomBase32 } from "#platform/ids";
import {
  ChatCompletionRequestSchema,
  ChatCompletionSchema,
  CHUNK_EXAMPLE,
  ChunkStreamSchema,
  EmbeddingsRequestSchema,
  EmbeddingsSchema,
  ModelSchema,
  ModelsSchema,
  OpenAiErrorSchema,
} from "./schemas";
import { completionOf, embeddingRequestOf, openAiFormat, requestOf } from "./wire";

const asking = requireScope("chat", ["burst", "client", "chat"]);
const looking = requireScope("chat");
const body = <T extends z.ZodType>(schema: T) => ({
  body: { required: true, content: { "application/json": { schema } } },
});
const refusals = (statuses: Readonly<Record<number, string>>) =>
  Object.fromEntries(
    Object.entries(statuses).map(([status, what]) => [status, json(OpenAiErrorSchema, what)]),
  );

const ALWAYS = {
  400: "`credential_in_url`, `conflicting_credentials`",
  401: "`authentication_required`, `invalid_api_key`, `api_key_expired`, `invalid_token`",
  403: "`insufficient_scope`",
  406: "`not_acceptable`",
  414: "`uri_too_long`",
  429: "`rate_limit_exceeded`, `too_many_concurrent`: `Retry-After` says when to come back",
  500: "`server_error`",
  503: "`dependency_unavailable`, `misconfigured`",
};
const ASKED = {
  ...ALWAYS,
  400: "`malformed_json`, `body_required`, `invalid_utf8`, `body_too_deep`, `forbidden_key`, `invalid_header`, `conflicting_credentials`, `credential_in_url`",
  404: "`model_not_found`",
  409: "`idempotency_in_progress`, `idempotency_not_replayable`",
  413: "`body_too_large`",
  415: "`unsupported_media_type`",
  422: "`validation_failed`, `model_refused`, `idempotency_key_reused`",
  502: "`model_error`",
  503: "`model_required` (not to be tried again), `model_unavailable`, `model_rate_limited`, `stream_interrupted`, `dependency_unavailable`, `misconfigured`",
  504: "`model_timeout`, `not_cached`",
};

/** An answer that streams is not kept to be told again under the key: it can be read again as a stream. */
function once(): Idempotency {
  const whole = idempotent();
  const guard: MiddlewareHandler<AppEnv> = async function onceUnlessStreamed(c, next) {
    const asked = c.get("body") as { readonly stream?: unknown } | null;
    return asked?.stream === true ? next() : whole.guard(c, next);
  };
  return { errors: whole.errors, guard };
}

const shared = { tags: ["openai"], refusals: "own" as const };

const chatRoute = defineRoute({
  ...shared,
  method: "post",
  path: "/v1/chat/completions",
  operationId: "openai.chatCompletions",
  summary: "Chat, as OpenAI's SDKs ask for it",
  description:
    "Point an OpenAI SDK at `/v1` with a key of this server. Refusals have OpenAI's shape, `{error: {message, type, param, code}}`; `code` is this server's in lower case, and OpenAI's own where it has one. Answers are cached for their owner (`X-Cache`, `Cache-Control`; requests that offer tools only where `max-age` is said), and limits are told by `RateLimit` and `Retry-After`. Text, images and tools go to the model as they are; `logprobs` is always null and `n` is 1.",
  access: asking,
  idempotency: once(),
  request: body(ChatCompletionRequestSchema),
  responses: {
    200: {
      description: "The answer, whole or as a stream of chunks.",
      content: {
        "application/json": { schema: ChatCompletionSchema },
        "text/event-stream": { schema: ChunkStreamSchema, example: CHUNK_EXAMPLE },
      },
    },
    ...refusals(ASKED),
  },
});

const modelsRoute = defineRoute({
  ...shared,
  method: "get",
  path: "/v1/models",
  operationId: "openai.models",
  summary: "The models that requests may name",
  description: "The first is the one that is asked where a request names none.",
  access: looking,
  responses: { 200: json(ModelsSchema, "All of them."), ...refusals(ALWAYS) },
});

const modelRoute = defineRoute({
  ...shared,
  method: "get",
  path: "/v1/models/{id}",
  operationId: "openai.model",
  summary: "A model",
  access: looking,
  request: {
    params: z.object({ id: z.string().max(300).openapi({ example: "embedded" }) }),
  },
  responses: {
    200: json(ModelSchema, "The model."),
    ...refusals({ ...ALWAYS, 404: "`model_not_found`", 422: "`validation_failed`" }),
  },
});

const embeddingsRoute = defineRoute({
  ...shared,
  method: "post",
  path: "/v1/embeddings",
  operationId: "openai.embeddings",
  summary: "Vectors of texts",
  description:
    "Where the deployment's models stand behind an OpenAI-compatible server; any other refuses with `model_required`.",
  access: asking,
  idempotency: idempotent(),
  request: body(EmbeddingsRequestSchema),
  responses: { 200: json(EmbeddingsSchema, "One vector a text."), ...refusals(ASKED) },
});

const presentModel = (id: string) =>
  ({ id, object: "model", created: 0, owned_by: "naru" }) as const;

/** What goes to the model is the caller's own text: no prompt of this server stands before it. */
const PROMPTS = "openai/1";

/** The part of OpenAI's API that its SDKs need to chat. */
export const openAiRoutes = newRouter()
  .openapi(chatRoute, async (c) => {
    const asked = c.req.valid("json");
    const spec = { kind: "openai", request: requestOf(asked), promptVersion: PROMPTS };
    if (asked.stream === true) {
      const context = {
        locale: c.get("locale"),
        include_usage: asked.stream_options?.include_usage === true,
      };
      return cachedStream(c, { ...spec, context }, openAiFormat);
    }
    const answer = await cachedAnswer(c, { ...spec, isDirect: true });
    const created = Math.floor(systemClock() / 1000);
    return c.json(completionOf(`chatcmpl-${randomBase32()}`, created, answer), 200);
  })
  .openapi(modelsRoute, (c) => {
    const data = modelNames(c.get("config").ai).map(presentModel);
    return c.json({ object: "list", data } as const, 200);
  })
  .openapi(modelRoute, (c) => {
    const { id } = c.req.valid("param");
    const { ai } = c.get("config");
    const models = modelNames(ai);
    const isKnown = models.includes(id) || (ai.isAnyModelAllowed && ai.provider !== "embedded");
    if (!isKnown)
      throw new ApiError("MODEL_NOT_FOUND", {
        params: { model: id.slice(0, 100), models: models.join(", ") },
      });
    return c.json(presentModel(id), 200);
  })
  .openapi(embeddingsRoute, async (c) => {
    const request = embeddingRequestOf(c.req.valid("json"));
    const spec = { kind: "openai", request, promptVersion: PROMPTS, isDirect: true };
    const { text, usage, model } = await cachedAnswer(c, spec);
    return c.json(
      {
        object: "list" as const,
        data: JSON.parse(text) as { object: string; index: number }[],
        model,
        usage: { prompt_tokens: usage.promptTokens, total_tokens: usage.promptTokens },
      },
      200,
    );
  });
