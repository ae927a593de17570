/** OpenAI's chat completions as other servers speak them too: what is sent, and what may come back. */
import * as z from "zod";
import type { JsonObject, JsonValue } from "#platform/json-value";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import type { ModelRequest, Usage } from "./port";

/** One piece of an answer: all of it where it came whole. */
export interface AnswerPiece {
  readonly text: string;
  readonly calls: readonly JsonValue[];
  /** The model thinks aloud, which no client is shown. */
  readonly isThinking: boolean;
  readonly finishReason: string | null;
  readonly model: string | null;
  readonly usage: Usage | null;
}

/** The body of a request. What `extra` says of the fields that are ours counts for nothing. */
export function requestBody(
  request: ModelRequest,
  model: string,
  options: { readonly isStreamed: boolean; readonly asksUsage: boolean },
): JsonObject {
  const { stream: _stream, stream_options: _options, n: _n, ...extra } = request.extra ?? {};
  const body: JsonObject = {
    ...extra,
    model,
    messages: request.messages.map(({ role, content, extra }) => ({ content, ...extra, role })),
  };
  if (request.temperature !== null) body["temperature"] = request.temperature;
  if (request.maxTokens !== null) body["max_tokens"] = request.maxTokens;
  if (request.jsonSchema !== undefined)
    body["response_format"] = {
      type: "json_schema",
      json_schema: { name: "answer", strict: true, schema: request.jsonSchema },
    };
  if (options.isStreamed) {
    body["stream"] = true;
    if (options.asksUsage) body["stream_options"] = { include_usage: true };
  }
  return body;
}

const Count = z.number().int().min(0).max(1e9);
const UsageSchema = z
  .object({ prompt_tokens: Count, completion_tokens: Count.optional() })
  .transform(({ prompt_tokens, completion_tokens = 0 }): Usage => ({
    promptTokens: prompt_tokens,
    completionTokens: completion_tokens,
    isEstimated: false,
  }));
const Calls = z.array(z.looseObject({})).max(1000).nullish();
const TextSchema = z.string().nullish();
/** `delta` in a stream, `message` in an answer that came whole. */
const PartSchema = z.looseObject({
  content: TextSchema,
  refusal: TextSchema,
  reasoning_content: TextSchema,
  reasoning: TextSchema,
  tool_calls: Calls,
});
const ChoiceSchema = z.looseObject({
  index: z.number().optional(),
  delta: PartSchema.nullish(),
  message: PartSchema.nullish(),
  finish_reason: z.string().max(100).nullish(),
});
const PieceSchema = z.looseObject({
  error: z.unknown().optional(),
  model: z.string().max(300).nullish(),
  choices: z.array(ChoiceSchema).optional(),
  usage: UsageSchema.nullish().catch(null),
  // Workers AI's own shape.
  response: z.unknown().optional(),
  tool_calls: Calls,
});

export type PieceFault = "malformed" | "upstream_error";

/**
 * Reads a chunk of a stream or a whole answer: OpenAI's shape, and the one in which Workers AI answers
 * (`{response, tool_calls, usage}`). Only the first choice counts, since only one is ever asked for.
 */
export function readPiece(text: string): Result<AnswerPiece, PieceFault> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return err("malformed");
  }
  const parsed = PieceSchema.safeParse(json);
  if (!parsed.success) return err("malformed");
  const piece = parsed.data;
  if (piece.error !== undefined && piece.error !== null) return err("upstream_error");
  if (piece.choices === undefined && piece.response === undefined && !piece.usage)
    return err("malformed");
  const choice = piece.choices?.find(({ index = 0 }) => index === 0);
  const part = choice?.delta ?? choice?.message ?? {};
  const calls = part.tool_calls ?? piece.tool_calls ?? [];
  return ok({
    text: (part.content ?? "") + (part.refusal ?? "") + ownResponse(piece.response),
    calls: calls.map((call, index) => toolCall(call as JsonObject, index)),
    isThinking: Boolean(part.reasoning_content ?? part.reasoning),
    finishReason: choice?.finish_reason ?? null,
    model: piece.model ?? null,
    usage: piece.usage ?? null,
  });
}

/** Workers AI answers with an object where a JSON schema was asked for. */
function ownResponse(response: unknown): string {
  if (response === undefined || response === null) return "";
  return typeof response === "string" ? response : JSON.stringify(response);
}

/** Whole answers have no `index`, and Workers AI names a function and its arguments without OpenAI's wrapping. */
function toolCall(call: JsonObject, index: number): JsonValue {
  if (call["function"] !== undefined) return { index, ...call };
  const { name, arguments: given } = call;
  if (typeof name !== "string") return { index, ...call };
  return {
    index,
    id: `call_${index}`,
    type: "function",
    function: { name, arguments: typeof given === "string" ? given : JSON.stringify(given ?? {}) },
  };
}

const EmbeddingsSchema = z.looseObject({
  data: z.array(z.looseObject({ index: z.int().min(0) })).min(1),
  model: z.string().max(300).nullish(),
  usage: UsageSchema.nullish().catch(null),
});

/** An answer of vectors, as one piece whose text is the JSON of their list. */
export function readVectors(text: string): Result<AnswerPiece, PieceFault> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return err("malformed");
  }
  const parsed = EmbeddingsSchema.safeParse(json);
  if (!parsed.success) return err("malformed");
  const { data, model = null, usage = null } = parsed.data;
  return ok({
    text: JSON.stringify(data),
    calls: [],
    isThinking: false,
    finishReason: "stop",
    model,
    usage,
  });
}

/** What an upstream's error answer says of its cause, as far as anything is decided by it. */
export interface UpstreamComplaint {
  /** It does not know `stream_options`. */
  readonly isAboutUsage: boolean;
  readonly isContextTooLong: boolean;
}

export const readComplaint = (text: string): UpstreamComplaint => ({
  isAboutUsage: /stream_options|include_usage/.test(text),
  isContextTooLong: /context_length_exceeded|maximum context length|context window/i.test(text),
});
