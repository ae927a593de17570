import { EMBEDDED_MODEL } from "./cost";
import type { ModelEvent, ModelFailure, ModelProvider } from "./port";

/** Which models requests may name. */
export interface ModelChoice {
  readonly provider: ModelProvider["name"];
  readonly models: readonly string[];
  readonly isAnyModelAllowed: boolean;
}

/** Their names, the deployment's own choice first. */
export const modelNames = ({ provider, models }: ModelChoice): readonly string[] =>
  provider === "embedded" ? [EMBEDDED_MODEL] : models;

/** The provider for requests that name no other model than they may: which model is asked is also what it costs. */
export function withKnownModels(provider: ModelProvider, choice: ModelChoice): ModelProvider {
  const names = modelNames(choice);
  const isKnown = (model: string | null): boolean =>
    model === null ||
    names.includes(model) ||
    (choice.isAnyModelAllowed && provider.name !== "embedded");
  return {
    name: provider.name,
    stream: (request, signal) =>
      isKnown(request.model)
        ? provider.stream(request, signal)
        : refuse({
            code: "MODEL_NOT_FOUND",
            params: { model: (request.model ?? "").slice(0, 100), models: names.join(", ") },
            isRetryable: false,
          }),
  };
}

/** The provider where it has no vectors: those are refused. */
export const withoutVectors = (provider: ModelProvider): ModelProvider => ({
  name: provider.name,
  stream: (request, signal) =>
    request.purpose === "embedding"
      ? refuse({ code: "MODEL_REQUIRED", isRetryable: false })
      : provider.stream(request, signal),
});

// oxlint-disable-next-line require-await -- the port's streams are asynchronous
async function* refuse(failure: ModelFailure): AsyncGenerator<ModelEvent> {
  yield { type: "error", ...failure };
}
