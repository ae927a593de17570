import type { ModelEvent, ModelProvider } from "#ai/core/port";

/** Answers from what is built in, with no key and no network; what it cannot do it refuses with MODEL_REQUIRED. */
export function createEmbeddedProvider(_env: Env): ModelProvider {
  return { name: "embedded", stream: refuse };
}

// oxlint-disable-next-line require-await -- the port's streams are asynchronous
async function* refuse(): AsyncGenerator<ModelEvent> {
  yield { type: "error", code: "MODEL_REQUIRED", isRetryable: false };
}
