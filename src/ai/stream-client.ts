/** Runs as their callers see them: begun or joined, read to the end through resets of their object, found again. */
import { toBase32, utf8 } from "#platform/bytes";
import { currentTraceparent } from "#platform/correlation";
import { ApiError } from "#platform/errors";
import { randomBase32 } from "#platform/ids";
import type { JsonObject } from "#platform/json-value";
import { AnswerBuilder } from "./core/answer";
import type { Answer } from "./core/answer";
import type { StreamView } from "./core/format";
import { fromLines } from "./core/lines";
import type { ModelEvent, ModelFailure, ModelRequest } from "./core/port";
import type { OpenedStream, StartRun } from "./core/run";
import { objectName, ROUTING_LENGTH, routingOf } from "./core/stream-id";

export interface AiEnv {
  /** The generated type of its stubs is too deep for the compiler. */
  readonly STREAM_RUN: { readonly getByName: (name: string) => unknown };
}

/** What to ask, for whom, and what becomes of the answer. */
export interface RunSpec {
  readonly ownerId: string;
  readonly keyId: string | null;
  /** `chat`, `code` …: what usage is told by, and what chooses the completion and the format. */
  readonly kind: string;
  readonly request: ModelRequest;
  /** Kept with the stream, for its format and its completion. */
  readonly context?: JsonObject;
  /** Requests of one owner with one key share a run that is under way. */
  readonly flightKey?: string | null;
  /** They also share one that ended well, at most so long ago (up to five minutes). */
  readonly joinEndedMs?: number;
  /** An answer that is known already, told as if a model gave it now. Nothing is used. */
  readonly recorded?: Answer;
}

export interface OpenRun {
  readonly view: StreamView;
  readonly runId: string;
  readonly isJoined: boolean;
  /** Whether its last event is there already. */
  readonly isEnded: boolean;
  /** The trace of the request that began it; null where that is not on record. */
  readonly traceId: string | null;
  /** All of them, from the first on; ends in `done` or `error`. To be iterated once. Leaving it does not end the run. */
  readonly events: AsyncIterable<ModelEvent>;
}

export interface WholeAnswer extends Answer {
  readonly streamId: string;
  readonly runId: string;
  readonly isJoined: boolean;
  /** Whether it was there already when it was asked for. */
  readonly isCached: boolean;
}

/** What is called of the object; written out because the generated type of a stub distributes over unions. */
interface RunStub {
  readonly start: (start: StartRun) => Promise<OpenedStream>;
  readonly read: (streamId: string, ownerId: string) => Promise<OpenedStream | null>;
}

const stubOf = (env: AiEnv, routing: string): RunStub =>
  env.STREAM_RUN.getByName(objectName(routing)) as RunStub;

/** Times that a broken connection to the object is made again while an answer is read. */
const MAX_REATTACHMENTS = 3;

/**
 * Begins a run, or joins one, and opens a stream on it. Throws DEPENDENCY_UNAVAILABLE where its object cannot be asked;
 * what the model does is told by the events.
 */
export async function openRun(env: AiEnv, spec: RunSpec): Promise<OpenRun> {
  const routing = await routingFor(spec);
  const start: StartRun = {
    ownerId: spec.ownerId,
    keyId: spec.keyId,
    kind: spec.kind,
    context: spec.context ?? {},
    request: spec.request,
    routing,
    isFlight: typeof spec.flightKey === "string",
    joinEndedMs: spec.joinEndedMs ?? 0,
    recorded: spec.recorded ?? null,
    traceparent: currentTraceparent(),
  };
  const opened = await ask(() => stubOf(env, routing).start(start));
  return { ...opened, events: readOn(env, routing, spec.ownerId, opened) };
}

/** A stream again, from its first event. Refuses with STREAM_NOT_FOUND, alike for another owner's, an unknown and a malformed id. */
export async function resumeStream(
  env: AiEnv,
  streamId: string,
  ownerId: string,
): Promise<OpenRun> {
  const routing = routingOf(streamId);
  if (routing === null) throw new ApiError("STREAM_NOT_FOUND");
  const opened = await ask(() => stubOf(env, routing).read(streamId, ownerId));
  if (opened === null) throw new ApiError("STREAM_NOT_FOUND");
  return { ...opened, events: readOn(env, routing, ownerId, opened) };
}

/** As `openRun`, but waits for the first event: where the model answers nothing at all, that is thrown with a status of its own. */
export async function startStream(env: AiEnv, spec: RunSpec): Promise<OpenRun> {
  const run = await openRun(env, spec);
  const events = run.events[Symbol.asyncIterator]();
  const first = await events.next();
  if (first.done !== true && first.value.type === "error") throw modelError(first.value);
  return { ...run, events: withFirst(first, events) };
}

/** The whole answer. Throws what the model's failure is to the client (`MODEL_…`), with `Retry-After` where it is known. */
export async function runToEnd(env: AiEnv, spec: RunSpec): Promise<WholeAnswer> {
  const { view, runId, isJoined, events } = await openRun(env, spec);
  const built = new AnswerBuilder();
  for await (const event of events) built.add(event);
  const { outcome } = built;
  if (outcome === null) throw modelError(INTERRUPTED);
  if (!outcome.ok) throw modelError(outcome.failure);
  const isCached = view.context["cached"] === true;
  return { ...outcome.answer, streamId: view.streamId, runId, isJoined, isCached };
}

/** A failure of the model as the refusal that a client gets. */
export function modelError(failure: ModelFailure): ApiError {
  const { code, params, retryAfterMs, internal } = failure;
  const seconds = Math.max(1, Math.ceil((retryAfterMs ?? 0) / 1000));
  return new ApiError(code, {
    ...(params === undefined ? {} : { params }),
    ...(internal === undefined ? {} : { internal }),
    ...(retryAfterMs === undefined ? {} : { headers: { "Retry-After": String(seconds) } }),
  });
}

const INTERRUPTED = {
  type: "error",
  code: "STREAM_INTERRUPTED",
  isRetryable: true,
} as const satisfies ModelEvent;

/** Reads to the last event. A connection to the object that breaks is made again, and what was read is not told twice. */
async function* readOn(
  env: AiEnv,
  routing: string,
  ownerId: string,
  opened: OpenedStream,
): AsyncGenerator<ModelEvent> {
  let told = 0;
  let stream: OpenedStream | null = opened;
  for (let attachments = 0; stream !== null && attachments <= MAX_REATTACHMENTS; attachments++) {
    let seen = 0;
    try {
      for await (const event of fromLines(stream.events)) {
        seen++;
        if (seen <= told) continue;
        told = seen;
        yield event;
        if (event.type === "done" || event.type === "error") return;
      }
    } catch {
      // The object was reset, or the way to it. What it stored is still there.
    }
    stream = await stubOf(env, routing)
      .read(opened.view.streamId, ownerId)
      .catch(() => stream);
  }
  yield INTERRUPTED;
}

async function* withFirst(
  first: IteratorResult<ModelEvent>,
  rest: AsyncIterator<ModelEvent>,
): AsyncGenerator<ModelEvent> {
  try {
    for (let next = first; next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

/** Asks an object, once more where it was reset under the question. */
async function ask<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const { retryable, overloaded } = error as { retryable?: boolean; overloaded?: boolean };
    if (retryable !== true || overloaded === true) throw unavailable(error);
  }
  try {
    return await call();
  } catch (error) {
    throw unavailable(error);
  }
}

const unavailable = (cause: unknown): ApiError =>
  new ApiError("DEPENDENCY_UNAVAILABLE", { cause, headers: { "Retry-After": "5" } });

/**
 * What leads to the run's object: chance, or, where runs are shared, a digest of owner and key, so that equal requests
 * of one owner meet and those of two never do.
 */
async function routingFor({ ownerId, flightKey }: RunSpec): Promise<string> {
  if (typeof flightKey !== "string") return randomBase32(17).slice(0, ROUTING_LENGTH);
  const digest = await crypto.subtle.digest("SHA-256", utf8(`${ownerId}\n${flightKey}`));
  return toBase32(new Uint8Array(digest)).slice(0, ROUTING_LENGTH);
}
