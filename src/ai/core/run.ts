/** A run is one call of a model; a stream is one caller's view of it. What of both crosses the wire to their object and back. */
import type { JsonObject } from "#platform/json-value";
import type { Answer, Outcome } from "./answer";
import type { ModelRequest } from "./port";
import type { StreamView } from "./format";

export interface StartRun {
  readonly ownerId: string;
  readonly keyId: string | null;
  readonly kind: string;
  readonly context: JsonObject;
  readonly request: ModelRequest;
  /** The characters of a stream's id that lead to this object. */
  readonly routing: string;
  /** Whether a run that is under way here is joined instead of beginning another. */
  readonly isFlight: boolean;
  /** Also one that ended well, at most so long ago. */
  readonly joinEndedMs: number;
  /** An answer that is known already: it is told as if a model gave it now, and nothing is used. */
  readonly recorded: Answer | null;
  /** Of the request that asks (W3C Trace Context): the run's own, where it begins one. */
  readonly traceparent?: string | undefined;
}

/** A stream that can be read: its events from the first on, one line of JSON each. */
export interface OpenedStream {
  readonly view: StreamView;
  readonly runId: string;
  readonly isJoined: boolean;
  /** Whether its last event is stored. */
  readonly isEnded: boolean;
  /** The trace that the run belongs to, which may be another request's than the reader's; null where that is not on record. */
  readonly traceId: string | null;
  readonly events: ReadableStream<Uint8Array>;
}

/** How a stream ended, for whoever keeps its answer. */
export interface EndedStream {
  readonly streamId: string;
  readonly runId: string;
  readonly ownerId: string;
  readonly keyId: string | null;
  readonly kind: string;
  readonly context: JsonObject;
  readonly outcome: Outcome;
  readonly createdAtMs: number;
  readonly endedAtMs: number;
  /** Told from an answer that was there already: no model was asked. */
  readonly isRecorded: boolean;
  /** Whether this is the stream that its run was begun for. */
  readonly isFirst: boolean;
}

/** Keeps what came of a stream. Called until it does not throw, so it may be called again with the same stream. */
export type Completion = (env: Env, ended: EndedStream) => Promise<void>;
/** By the kind of stream; a kind without one keeps nothing. */
export type Completions = Readonly<Record<string, Completion>>;

/** How long a run can be read again after its end. */
export const KEPT_MS = 5 * 60_000;
