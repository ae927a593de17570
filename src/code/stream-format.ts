import { failureText } from "#ai/service";
import type { ModelEvent, StreamFormat } from "#ai/service";
import type { Locale } from "#platform/locale";
import { codeEvents } from "./core/stream-format";
import type { CodeEvent, ModelSignal } from "./core/stream-format";

/**
 * Streams of `generate-code-streaming`. `start` names the stream, `done` has what it came to as JSON in its text, `error` the reason for
 * a person with its code.
 */
export const codeStreamFormat: StreamFormat = (view) => {
  const language = view.context["language"];
  const locale: Locale = view.context["locale"] === "en" ? "en" : "ko";
  const map = codeEvents(typeof language === "string" ? language : "", view.streamId);
  return (event) => framesOf(map(signalOf(event, locale)));
};

/** What an event of the model means for the stream; null for one that only shows that it goes on. */
function signalOf(event: ModelEvent, locale: Locale): ModelSignal | null {
  if (event.type === "delta") return event;
  if (event.type === "done") return { type: "done", summary: summaryOf(event) };
  if (event.type !== "error") return null;
  const { message, code, is_retryable: isRetryable } = failureText(event, locale);
  return { type: "error", message: `${message} [${code}${isRetryable ? ", retryable" : ""}]` };
}

const framesOf = (events: readonly CodeEvent[]) =>
  events.map((event) => ({ data: JSON.stringify(event) }));

function summaryOf(event: {
  readonly finishReason: string;
  readonly model: string;
  readonly usage: { readonly promptTokens: number; readonly completionTokens: number };
}): string {
  const { promptTokens, completionTokens } = event.usage;
  return JSON.stringify({
    finish_reason: event.finishReason,
    model: event.model,
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
    },
  });
}
