import type { JsonValue } from "#platform/json-value";
import type { Answer } from "./answer";
import type { ModelEvent } from "./port";

/** A recorded answer as the events of one that a model gives now. */
// oxlint-disable-next-line require-await -- a source of events is asynchronous
export async function* replay(answer: Answer): AsyncGenerator<ModelEvent> {
  const { text, toolCalls, finishReason, usage, model } = answer;
  yield { type: "start", model };
  if (text !== "") yield { type: "delta", text };
  if (toolCalls.length > 0)
    yield { type: "tool", calls: toolCalls.map((call, index): JsonValue => ({ index, ...call })) };
  yield { type: "done", finishReason, usage, model };
}
