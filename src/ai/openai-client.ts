import { openOutside } from "#egress/service";
import type { Egress, OutsideFailure, OutsideStream } from "#egress/service";
import type { AiSettings, ModelEndpoint } from "#platform/ai-settings";
import { currentTraceparent } from "#platform/correlation";
import { retryAfterMs } from "#platform/retry-after";
import { readEmbeddings, readStreamed, readWhole } from "./answer-reader";
import type { ReadOptions, Try } from "./answer-reader";
import { failureOfStatus, garbled, late, unreachable } from "./core/failure";
import type { TryFailure } from "./core/failure";
import { readComplaint, requestBody } from "./core/openai-wire";
import type { UpstreamComplaint } from "./core/openai-wire";
import type { ModelRequest } from "./core/port";
import { estimatePrompt, estimateTokens } from "./core/tokens";
import type { Source } from "./resilient";
import { createTryClock } from "./try-clock";
import type { TryClock } from "./try-clock";

/** An error answer is read so far, to tell what it complains of. */
const MAX_ERROR_BYTES = 16 * 1024;
/** On the wire a token is wrapped in some two hundred bytes of JSON. */
const WIRE_BYTES_PER_CHAR = 64;

/** One OpenAI-compatible server as something that can be asked. */
export function openAiSource(
  egress: Egress,
  endpoint: ModelEndpoint,
  settings: AiSettings,
): Source {
  const { host } = new URL(endpoint.chatUrl);
  return {
    host,
    ask: (request, model, signal) =>
      ask({ egress, endpoint, settings }, request, model, createTryClock(egress.timer, signal)),
  };
}

interface Deps {
  readonly egress: Egress;
  readonly endpoint: ModelEndpoint;
  readonly settings: AiSettings;
}

async function* ask(deps: Deps, request: ModelRequest, model: string, clock: TryClock): Try {
  const { settings } = deps;
  const isEmbedding = request.purpose === "embedding";
  const isStreamed = request.isWhole !== true && !isEmbedding;
  // An answer in one piece has no first token before its last.
  if (isStreamed) clock.begin("first_token", settings.firstTokenTimeoutMs);
  else clock.begin("total", settings.totalTimeoutMs);
  try {
    let opened = await post(deps, request, model, clock, true);
    // Servers of older make refuse the whole request for the one field that asks them to count.
    if ("complaint" in opened && isStreamed && opened.complaint.isAboutUsage)
      opened = await post(deps, request, model, clock, false);
    if ("complaint" in opened) return opened.failure;
    const { answer } = opened;
    const options: ReadOptions = {
      clock,
      idleMs: settings.idleTimeoutMs,
      promptTokens: isEmbedding
        ? estimateTokens(JSON.stringify(request.extra?.["input"] ?? ""))
        : estimatePrompt(request.messages),
      model,
    };
    // What is sent decides, not what was asked for: some servers cannot stream and do not say so.
    const type = essence(answer.headers.get("content-type"));
    if (type === "text/event-stream" && !isEmbedding)
      return yield* readStreamed(answer.body, options);
    if (type === "application/json" && isEmbedding)
      return yield* readEmbeddings(answer.body, options);
    if (type === "application/json") return yield* readWhole(answer.body, options);
    await answer.body.cancel().catch(() => {});
    return garbled("content_type", `content type ${type.slice(0, 100)}`);
  } finally {
    clock.stop();
  }
}

type Opening =
  | { readonly answer: OutsideStream }
  | { readonly failure: TryFailure; readonly complaint: UpstreamComplaint };

const NO_COMPLAINT: UpstreamComplaint = { isAboutUsage: false, isContextTooLong: false };

async function post(
  { egress, endpoint, settings }: Deps,
  request: ModelRequest,
  model: string,
  clock: TryClock,
  asksUsage: boolean,
): Promise<Opening> {
  const isEmbedding = request.purpose === "embedding";
  const isStreamed = request.isWhole !== true && !isEmbedding;
  const body = isEmbedding
    ? { ...request.extra, model }
    : requestBody(request, model, { isStreamed, asksUsage });
  const opened = await openOutside(egress, {
    url: isEmbedding ? `${endpoint.baseUrl}/embeddings` : endpoint.chatUrl,
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: isStreamed ? "text/event-stream, application/json" : "application/json",
      // A packed stream comes in the packer's blocks, not as it is written.
      "accept-encoding": "identity",
      ...(endpoint.apiKey === "" ? {} : { authorization: `Bearer ${endpoint.apiKey}` }),
    },
    body: JSON.stringify(body),
    // The deployment's own settings name the address, which may well be a machine beside it.
    trust: "operator",
    signal: clock.signal,
    maxBytes: settings.maxAnswerChars * WIRE_BYTES_PER_CHAR,
    timeoutMs: settings.totalTimeoutMs,
    idleTimeoutMs: settings.totalTimeoutMs,
    // A redirect would take the key elsewhere.
    maxRedirects: 0,
    traceparent: currentTraceparent(),
  });
  if (!opened.ok)
    return { failure: failureOfOpening(opened.error, clock), complaint: NO_COMPLAINT };
  const answer = opened.value;
  if (answer.status >= 200 && answer.status < 300) return { answer };
  const complaint = readComplaint(await readStart(answer.body));
  const wait = retryAfterMs(answer.headers.get("retry-after"), egress.clock());
  return { failure: failureOfStatus(answer.status, complaint, wait), complaint };
}

function failureOfOpening(failure: OutsideFailure, clock: TryClock): TryFailure {
  const phase = clock.lateIn();
  if (phase !== null) return late(phase);
  if (failure.code === "FETCH_TIMED_OUT") return late("total");
  return unreachable(`egress: ${failure.code}`);
}

/** The beginning of an error's text; what cannot be read says nothing. */
async function readStart(body: ReadableStream<Uint8Array>): Promise<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    while (text.length < MAX_ERROR_BYTES) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    // The status says enough.
  } finally {
    reader.cancel().catch(() => {});
  }
  return text;
}

const essence = (contentType: string | null): string =>
  (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
