/** OpenAI's chat completions and embeddings as this server takes and gives them. */
import { failureText } from "#ai/service";
import type {
  Answer,
  ChatMessage,
  Frame,
  ModelFailure,
  ModelRequest,
  StreamFormat,
  Usage,
} from "#ai/service";
import type { JsonObject, JsonValue } from "#platform/json-value";
import type { Locale } from "#platform/locale";
import { ERRORS } from "#platform/errors";
import { openAiError } from "./core/error-shape";
import type { ChatCompletionRequest, EmbeddingsRequest } from "./schemas";

/** What is asked of the model: fields that mean nothing here are passed on. */
export function requestOf(body: ChatCompletionRequest): ModelRequest {
  const {
    model,
    messages,
    temperature,
    max_tokens: maxTokens,
    // How the answer is told, which changes nothing of the answer.
    stream: _stream,
    stream_options: _options,
    n: _n,
    ...extra
  } = body;
  return {
    messages: messages.map(messageOf),
    model: model ?? null,
    temperature: temperature ?? null,
    maxTokens: maxTokens ?? null,
    purpose: "openai",
    extra: extra as JsonObject,
  };
}

function messageOf({
  role,
  content,
  ...fields
}: ChatCompletionRequest["messages"][number]): ChatMessage {
  const isText = typeof content === "string";
  const extra = {
    ...fields,
    // Parts, such as images, and the absence of a text are passed on; the text beside them is what tokens are counted by.
    ...(isText || content === undefined ? {} : { content: content as JsonValue }),
  } as JsonObject;
  return {
    // The younger name of the same, which not every server knows.
    role: role === "developer" ? "system" : role,
    content: isText ? content : textOf(content),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

const textOf = (parts: Exclude<ChatCompletionRequest["messages"][number]["content"], string>) =>
  (parts ?? []).map(({ text = "" }) => text).join("");

export function embeddingRequestOf({ model, ...extra }: EmbeddingsRequest): ModelRequest {
  return {
    messages: [],
    model: model ?? null,
    temperature: null,
    maxTokens: null,
    purpose: "embedding",
    extra: extra as JsonObject,
  };
}

export const usageOf = ({ promptTokens, completionTokens }: Usage) => ({
  prompt_tokens: promptTokens,
  completion_tokens: completionTokens,
  total_tokens: promptTokens + completionTokens,
});

/** A whole answer. `created` is Unix time in seconds. */
export const completionOf = (id: string, created: number, answer: Answer) => ({
  id,
  object: "chat.completion" as const,
  created,
  model: answer.model,
  choices: [
    {
      index: 0 as const,
      message: {
        role: "assistant" as const,
        // OpenAI says nothing where a model only calls tools.
        content: answer.text === "" && answer.toolCalls.length > 0 ? null : answer.text,
        refusal: null,
        ...(answer.toolCalls.length === 0 ? {} : { tool_calls: [...answer.toolCalls] }),
      },
      logprobs: null,
      finish_reason: answer.finishReason,
    },
  ],
  usage: usageOf(answer.usage),
});

/** Streams of `POST /v1/chat/completions`: chunks, the usage where it is asked for, and `[DONE]`, or an error and no `[DONE]`. */
export const openAiFormat: StreamFormat = ({ streamId, createdAtMs, context }) => {
  const locale: Locale = context["locale"] === "en" ? "en" : "ko";
  const asksUsage = context["include_usage"] === true;
  const head = {
    id: `chatcmpl-${streamId.slice(streamId.indexOf("_") + 1)}`,
    object: "chat.completion.chunk",
    created: Math.floor(createdAtMs / 1000),
  };
  let model = "";
  const frame = (choices: readonly object[], usage: object | null = null) => ({
    data: JSON.stringify({ ...head, model, choices, ...(asksUsage ? { usage } : {}) }),
  });
  const choice = (delta: object, finishReason: string | null = null) =>
    frame([{ index: 0, delta, logprobs: null, finish_reason: finishReason }]);
  return (event) => {
    if (event.type === "start") {
      ({ model } = event);
      return [choice({ role: "assistant", content: "" })];
    }
    if (event.type === "delta") return [choice({ content: event.text })];
    if (event.type === "tool") return [choice({ tool_calls: event.calls })];
    if (event.type === "error") return [failureFrame(event, locale)];
    return [
      choice({}, event.finishReason),
      ...(asksUsage ? [frame([], usageOf(event.usage))] : []),
      { data: "[DONE]" },
    ];
  };
};

function failureFrame(failure: ModelFailure, locale: Locale): Frame {
  const { code, message, detail } = failureText(failure, locale);
  const problem = { code, error: message, detail, status: ERRORS[code] };
  return { data: JSON.stringify(openAiError(problem)) };
}
