/** What a span tells of a model's answer (OpenTelemetry semantic conventions, "GenAI"): no word of what was asked or answered. */
import { correlated, currentTraceparent } from "#platform/correlation";
import { newTrace, traceIdOf } from "#platform/trace-context";
import { inSpan } from "#platform/tracing";
import type { SpanAttributes } from "#platform/tracing";
import type { ModelRequest, ProviderName } from "./port";
import type { LastEvent } from "./pump";

/** As the conventions name them, where they do. */
const PROVIDERS: Readonly<Record<ProviderName, string>> = {
  openai: "openai",
  "workers-ai": "cloudflare.workers_ai",
  embedded: "naru.embedded",
};

const operationOf = ({ purpose }: ModelRequest): "chat" | "embeddings" =>
  purpose === "embedding" ? "embeddings" : "chat";

/** Runs `fn` as part of a run of a model, which is in the trace of the request that began it, whoever reads along. */
export const inRun = <T>(traceparent: string | null | undefined, fn: () => T): T =>
  correlated({ traceparent: traceparent ?? newTrace() }, fn);

/** One answer of a model, all of its tries together, in a span. `models` are those of the settings, the first of which is asked unless told. */
export function inModelSpan<T extends { readonly last: LastEvent }>(
  provider: ProviderName,
  request: ModelRequest,
  models: readonly string[],
  ask: () => Promise<T>,
): Promise<T> {
  const asked = request.model ?? models[0] ?? provider;
  // Of a name that nobody serves, callers may make a message: only those of the settings are told.
  const isKnown = request.model === null || models.includes(asked) || models.includes("*");
  const model = isKnown ? asked : "unknown";
  const name = `${operationOf(request)} ${model}`;
  return inSpan(name, askedAttributes(provider, request, model), async (span) => {
    const end = await ask();
    span.set(answeredAttributes(end.last));
    if (end.last.type === "error") span.fail(end.last.code);
    return end;
  });
}

export const askedAttributes = (
  provider: ProviderName,
  request: ModelRequest,
  model: string,
): SpanAttributes => ({
  "gen_ai.operation.name": operationOf(request),
  "gen_ai.provider.name": PROVIDERS[provider],
  "gen_ai.request.model": model,
  "gen_ai.request.max_tokens": request.maxTokens ?? undefined,
  "gen_ai.request.temperature": request.temperature ?? undefined,
  "naru.trace_id": traceOfRun(),
  "gen_ai.output.type": request.jsonSchema === undefined ? "text" : "json",
});

export const answeredAttributes = (last: LastEvent): SpanAttributes =>
  last.type === "done"
    ? {
        "gen_ai.response.model": last.model,
        "gen_ai.response.finish_reasons": last.finishReason,
        "gen_ai.usage.input_tokens": last.usage.promptTokens,
        "gen_ai.usage.output_tokens": last.usage.completionTokens,
      }
    : { "error.type": last.code };

function traceOfRun(): string | undefined {
  const traceparent = currentTraceparent();
  return traceparent && traceIdOf(traceparent);
}
