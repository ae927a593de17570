import type { TimerPort } from "#egress/service";
import type { AiSettings } from "#platform/ai-settings";
import type { JsonObject } from "#platform/json-value";
import { readStreamed, readWhole } from "./answer-reader";
import type { ReadOptions, Try } from "./answer-reader";
import { failureOfStatus, late } from "./core/failure";
import type { TryFailure } from "./core/failure";
import { readComplaint, requestBody } from "./core/openai-wire";
import type { ModelRequest } from "./core/port";
import { estimatePrompt } from "./core/tokens";
import type { Source } from "./resilient";
import { createTryClock, untilAborted } from "./try-clock";
import type { TryClock } from "./try-clock";

/** What of the binding is used. It names a model in the type; here names come from the settings. */
export interface AiBinding {
  readonly run: (
    model: string,
    inputs: JsonObject,
    options?: { readonly signal?: AbortSignal },
  ) => Promise<unknown>;
}

/** Workers AI as something that can be asked. The platform guards its own hosts, so that no breaker does. */
export function workersAiSource(
  binding: AiBinding,
  timer: TimerPort,
  settings: AiSettings,
): Source {
  return {
    host: null,
    ask: (request, model, signal) =>
      ask(binding, settings, request, model, createTryClock(timer, signal)),
  };
}

async function* ask(
  binding: AiBinding,
  settings: AiSettings,
  request: ModelRequest,
  model: string,
  clock: TryClock,
): Try {
  const isStreamed = request.isWhole !== true;
  if (isStreamed) clock.begin("first_token", settings.firstTokenTimeoutMs);
  else clock.begin("total", settings.totalTimeoutMs);
  const { model: _model, ...inputs } = requestBody(request, model, {
    isStreamed,
    asksUsage: false,
  });
  const options: ReadOptions = {
    clock,
    idleMs: settings.idleTimeoutMs,
    promptTokens: estimatePrompt(request.messages),
    model,
  };
  try {
    const answer = await untilAborted(
      () => binding.run(model, inputs, { signal: clock.signal }),
      clock.signal,
    );
    const body =
      answer instanceof ReadableStream
        ? (answer as ReadableStream<Uint8Array>)
        : new Blob([JSON.stringify(answer ?? null)]).stream();
    return yield* answer instanceof ReadableStream
      ? readStreamed(body, options)
      : readWhole(body, options);
  } catch (error) {
    const phase = clock.lateIn();
    return phase === null ? failureOfError(error) : late(phase);
  } finally {
    clock.stop();
  }
}

/** Internal codes of Workers AI and the HTTP statuses that they stand for (Workers AI documentation, "Errors"). */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  "3003": 400,
  "3006": 413,
  "3007": 408,
  "3008": 408,
  "3023": 403,
  "3036": 429,
  "3039": 400,
  "3040": 429,
  "3041": 403,
  "3042": 404,
  "5004": 400,
  "5005": 400,
  "5007": 404,
  "5016": 403,
  "5018": 403,
};

/** The binding throws errors whose texts begin with, or hold, the code; what has none is an outage. */
function failureOfError(error: unknown): TryFailure {
  const text = error instanceof Error ? error.message : String(error);
  const code = /\b[35]\d{3}(?=:|\b)/.exec(text.slice(0, 500))?.[0] ?? "";
  return failureOfStatus(STATUS_OF_CODE[code] ?? 503, readComplaint(text), undefined);
}
