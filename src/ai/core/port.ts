/**
 * The one way to a language model, whichever serves it. Adapters translate; what they must all keep is that a stream
 * of events ends in exactly one `done` or `error`, and that nothing is thrown.
 */
import type { ErrorCode, ErrorParams } from "#platform/errors";
import type { JsonObject, JsonValue } from "#platform/json-value";

export type Role = "system" | "user" | "assistant" | "tool";

export interface ChatMessage {
  readonly role: Role;
  readonly content: string;
  /** Fields of the OpenAI shape that are passed on as they are: `name`, `tool_calls`, `tool_call_id`, parts of content. */
  readonly extra?: JsonObject;
}

/** What an answer is for. The embedded provider chooses by it what it can do; others may ignore it. */
export type Purpose =
  | "chat"
  | "code"
  | "complete"
  | "repair"
  | "summarization"
  | "classification"
  | "extraction"
  | "analysis"
  | "planning"
  | "reasoning"
  | "openai"
  /** Vectors for the `input` in `extra`, told as one text: the JSON of the list that the provider answers. */
  | "embedding";

export interface ModelRequest {
  readonly messages: readonly ChatMessage[];
  /** Null for the deployment's own choice. */
  readonly model: string | null;
  readonly temperature: number | null;
  readonly maxTokens: number | null;
  readonly purpose: Purpose;
  /** The answer has to be JSON of this schema. Providers that can are told; the caller checks all the same. */
  readonly jsonSchema?: JsonObject;
  /** Further fields for the provider, as `/v1` received them (`tools`, `top_p`, `stop` …). They never replace the ones above. */
  readonly extra?: JsonObject;
  /** What the embedded provider may know beside the messages, such as `{ language: "python" }`. Never sent to an upstream. */
  readonly hints?: JsonObject;
  /** Asks the upstream for the answer in one piece instead of a stream, for those that cannot stream. */
  readonly isWhole?: boolean;
}

export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Counted here from the texts, since the provider did not tell. */
  readonly isEstimated: boolean;
}

/** Why an answer did not come, or did not come whole. */
export interface ModelFailure {
  readonly code: ErrorCode;
  readonly params?: ErrorParams;
  /** Whether the same request could end differently later. */
  readonly isRetryable: boolean;
  readonly retryAfterMs?: number;
  /** For the log only. */
  readonly internal?: string;
}

export type ModelEvent =
  /** The first token is there. Always the first event of an answer, and absent where there is none. */
  | { readonly type: "start"; readonly model: string }
  | { readonly type: "delta"; readonly text: string }
  /** Pieces of tool calls in the shape of OpenAI's `delta.tool_calls`, each with its `index`. */
  | { readonly type: "tool"; readonly calls: readonly JsonValue[] }
  | {
      readonly type: "done";
      /** `stop`, `length`, `tool_calls`, `content_filter`, or whatever the provider says. */
      readonly finishReason: string;
      readonly usage: Usage;
      readonly model: string;
    }
  | ({ readonly type: "error" } & ModelFailure);

export type ProviderName = "openai" | "workers-ai" | "embedded";

export interface ModelProvider {
  readonly name: ProviderName;
  /** Always ends in `done` or `error`, never throws. Stops, without a further event being owed, when the signal aborts. */
  readonly stream: (request: ModelRequest, signal: AbortSignal) => AsyncIterable<ModelEvent>;
}
