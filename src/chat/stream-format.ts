import { failureText } from "#ai/service";
import type { Frame, StreamFormat, Usage } from "#ai/service";
import type { JsonObject } from "#platform/json-value";
import type { Locale } from "#platform/locale";

export interface UsageBody {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  is_estimated: boolean;
}

export const presentUsage = ({
  promptTokens,
  completionTokens,
  isEstimated,
}: Usage): UsageBody => ({
  prompt_tokens: promptTokens,
  completion_tokens: completionTokens,
  total_tokens: promptTokens + completionTokens,
  is_estimated: isEstimated,
});

/**
 * Streams of `POST /api/v1/chat/stream`: `start`, any number of `delta`, then `done` or `error`. Made of JSON from first to last, so nothing
 * that a model says can end an event or begin another.
 */
export const chatFormat: StreamFormat = ({ streamId, context }) => {
  const ids = {
    conversation_id: textOf(context, "conversation_id"),
    message_id: textOf(context, "message_id"),
  };
  const locale: Locale = context["locale"] === "en" ? "en" : "ko";
  const cached = context["cached"] === true;
  return (event): readonly Frame[] => {
    if (event.type === "start")
      return [frame("start", { stream_id: streamId, ...ids, model: event.model })];
    if (event.type === "delta") return [frame("delta", { text: event.text })];
    // No tools are offered here; what a model makes up of them is for nobody.
    if (event.type === "tool") return [];
    if (event.type === "error") return [frame("error", { ...ids, ...failureText(event, locale) })];
    const { model, finishReason: finish_reason } = event;
    const usage = presentUsage(event.usage);
    return [frame("done", { ...ids, usage, model, finish_reason, cached })];
  };
};

const frame = (event: string, data: object): Frame => ({ event, data: JSON.stringify(data) });

function textOf(context: JsonObject, name: string): string | null {
  const value = context[name];
  return typeof value === "string" ? value : null;
}
