import type { JsonObject } from "#platform/json-value";
import type { ModelEvent } from "./port";

/** One event of a stream as a client sees it, without its number. */
export interface Frame {
  readonly event?: string;
  readonly data: string;
}

/** What a stream is told apart by. Kept with the stream, so that it is the same whenever and wherever it is resumed. */
export interface StreamView {
  readonly streamId: string;
  readonly kind: string;
  readonly createdAtMs: number;
  /** Whatever the one who started the stream needs to shape its events and to keep its answer. */
  readonly context: JsonObject;
}

/**
 * Shapes a stream: makes a mapper that is given all of its events from the first to the last, in order, and answers with the frames
 * of each. It has to be deterministic (no clock, no chance, nothing but the view and the events), since a resumed stream is made anew
 * from its first event, and its frames are told apart by their count. The last event, `done` or `error`, gives at least one frame.
 */
export type StreamFormat = (view: StreamView) => (event: ModelEvent) => readonly Frame[];

/** By the kind of stream. */
export type StreamFormats = Readonly<Record<string, StreamFormat>>;
