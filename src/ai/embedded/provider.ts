import type { ModelEvent, ModelProvider, ModelRequest } from "#ai/core/port";
import { EMBEDDED_MODEL } from "#ai/core/cost";
import { estimatePrompt, estimateTokens, estimateUsage } from "#ai/core/tokens";
import { answerFor } from "./answer";

/**
 * Answers from what is built in, with no key and no network: recipes whose code is run in a test, and sentences taken out of a given text.
 * It always says that it is `embedded`. What it can't do it refuses with MODEL_REQUIRED: it never invents.
 */
export function createEmbeddedProvider(_env: Env): ModelProvider {
  return { name: EMBEDDED_MODEL, stream };
}

// oxlint-disable-next-line require-await -- the port's streams are asynchronous
async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
  const answer = answerFor(request);
  if (answer === null) {
    yield { type: "error", code: "MODEL_REQUIRED", isRetryable: false };
    return;
  }
  const { text, finishReason } = withinTokens(answer, request.maxTokens);
  yield { type: "start", model: EMBEDDED_MODEL };
  // By lines: what is told is told as it would be by a model, piece by piece.
  for (const piece of text.match(/[^\n]*\n|[^\n]+/g) ?? []) {
    if (signal.aborted) return;
    yield { type: "delta", text: piece };
  }
  yield {
    type: "done",
    finishReason,
    usage: estimateUsage(estimatePrompt(request.messages), text),
    model: EMBEDDED_MODEL,
  };
}

/** As much of an answer as was asked for, and whether that is all of it. */
function withinTokens(
  answer: string,
  maxTokens: number | null,
): { readonly text: string; readonly finishReason: "stop" | "length" } {
  if (maxTokens === null || estimateTokens(answer) <= maxTokens)
    return { text: answer, finishReason: "stop" };
  let text = "";
  for (const { segment } of new Intl.Segmenter("ko", { granularity: "word" }).segment(answer)) {
    if (estimateTokens(text + segment) > maxTokens) break;
    text += segment;
  }
  return { text, finishReason: "length" };
}
