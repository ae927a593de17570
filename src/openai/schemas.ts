import { z } from "@hono/zod-openapi";

const MAX_MESSAGES = 2000;
const MAX_MODEL = 300;

const TextPartSchema = z.looseObject({ type: z.string().max(100), text: z.string().optional() });

/** Whatever else stands in a message, such as `name`, `tool_calls` and `tool_call_id`, goes to the model as it is. */
const MessageSchema = z
  .looseObject({
    role: z.enum(["system", "developer", "user", "assistant", "tool"]),
    content: z.union([z.string(), z.array(TextPartSchema).min(1)]).nullish(),
  })
  .openapi("OpenAiMessage", {
    example: { role: "user", content: "What is the capital of Korea?" },
  });

const Count = z.int().min(1).max(1_000_000);

export const ChatCompletionRequestSchema = z
  .looseObject({
    model: z.string().min(1).max(MAX_MODEL).optional().openapi({
      description: "One of `GET /v1/models`; the first of them where it is not said.",
    }),
    messages: z.array(MessageSchema).min(1).max(MAX_MESSAGES),
    stream: z.boolean().nullish(),
    stream_options: z
      .looseObject({ include_usage: z.boolean().nullish() })
      .nullish()
      .openapi({ description: "`include_usage`: a last chunk without choices tells the usage." }),
    n: z.literal(1).nullish().openapi({ description: "One answer is all that is asked for." }),
    temperature: z.number().min(0).max(2).nullish(),
    max_tokens: Count.nullish(),
  })
  .openapi("OpenAiChatCompletionRequest", {
    description:
      "Fields that are not listed (`tools`, `top_p`, `stop`, `response_format` …) go to the model as they are.",
    example: {
      model: "embedded",
      messages: [{ role: "user", content: "Write a Python function that finds prime numbers" }],
    },
  });
export type ChatCompletionRequest = z.infer<typeof ChatCompletionRequestSchema>;

const UsageSchema = z
  .object({
    prompt_tokens: z.int(),
    completion_tokens: z.int(),
    total_tokens: z.int(),
  })
  .openapi("OpenAiUsage");

export const ChatCompletionSchema = z
  .object({
    id: z.string(),
    object: z.literal("chat.completion"),
    created: z.int().openapi({ description: "Unix time in seconds." }),
    model: z.string(),
    choices: z.array(
      z.object({
        index: z.literal(0),
        message: z.object({
          role: z.literal("assistant"),
          content: z.string().nullable(),
          refusal: z.null(),
          tool_calls: z.array(z.looseObject({})).optional(),
        }),
        logprobs: z.null(),
        finish_reason: z.string(),
      }),
    ),
    usage: UsageSchema,
  })
  .openapi("OpenAiChatCompletion");

export const ChunkStreamSchema = z.string().openapi({
  description: "Chunks of OpenAI's `chat.completion.chunk`, then `[DONE]`.",
});

export const CHUNK_EXAMPLE = `id: 1
data: {"id":"chatcmpl-1m7zq4h8v0k3d9w2","object":"chat.completion.chunk","created":1792488600,"model":"embedded","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}

id: 2
data: {"id":"chatcmpl-1m7zq4h8v0k3d9w2","object":"chat.completion.chunk","created":1792488600,"model":"embedded","choices":[{"index":0,"delta":{"content":"Seoul"},"logprobs":null,"finish_reason":null}]}

id: 3
data: {"id":"chatcmpl-1m7zq4h8v0k3d9w2","object":"chat.completion.chunk","created":1792488600,"model":"embedded","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}

id: 4
data: [DONE]

`;

export const ModelSchema = z
  .object({
    id: z.string(),
    object: z.literal("model"),
    created: z.int().openapi({ description: "Always 0: nobody tells when a model was made." }),
    owned_by: z.string(),
  })
  .openapi("OpenAiModel", {
    example: { id: "embedded", object: "model", created: 0, owned_by: "naru" },
  });

export const ModelsSchema = z
  .object({ object: z.literal("list"), data: z.array(ModelSchema) })
  .openapi("OpenAiModels");

const InputSchema = z.union([
  z.string().min(1),
  z.array(z.string().min(1)).min(1).max(2048),
  z.array(z.int().min(0)).min(1).max(100_000),
  z
    .array(z.array(z.int().min(0)).min(1))
    .min(1)
    .max(2048),
]);

export const EmbeddingsRequestSchema = z
  .looseObject({
    model: z.string().min(1).max(MAX_MODEL).optional(),
    input: InputSchema.openapi({ description: "Texts, or lists of tokens." }),
    dimensions: Count.nullish(),
    encoding_format: z.enum(["float", "base64"]).nullish(),
  })
  .openapi("OpenAiEmbeddingsRequest", { example: { model: "embed", input: ["ferry", "나루"] } });
export type EmbeddingsRequest = z.infer<typeof EmbeddingsRequestSchema>;

export const EmbeddingsSchema = z
  .object({
    object: z.literal("list"),
    data: z.array(z.looseObject({ object: z.string(), index: z.int() })),
    model: z.string(),
    usage: z.object({ prompt_tokens: z.int(), total_tokens: z.int() }),
  })
  .openapi("OpenAiEmbeddings");

export const OpenAiErrorSchema = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string(),
    }),
  })
  .openapi("OpenAiError", {
    example: {
      error: {
        message: "This server does not offer that model.",
        type: "invalid_request_error",
        param: "model",
        code: "model_not_found",
      },
    },
  });
