/**
 * Which request or job a piece of work belongs to, known to whatever runs below it without being handed down: a log line, a call of
 * another object, a fetch. It follows every await, `waitUntil` and timer, and ends at the border of an isolate: there the
 * `traceparent` is handed over, and whoever takes it calls `correlated` anew. Never read to decide anything.
 */
import { AsyncLocalStorage } from "node:async_hooks";

export interface Correlation {
  /** Of ours, well-formed (W3C Trace Context). */
  readonly traceparent: string;
  readonly requestId?: string | undefined;
  readonly taskId?: string | undefined;
}

const current = new AsyncLocalStorage<Correlation>();

/** Runs `fn` as part of this request or job. */
export const correlated = <T>(correlation: Correlation, fn: () => T): T =>
  current.run(correlation, fn);

/** What runs at this moment; undefined for what belongs to no request, such as a sweep. */
export const correlation = (): Correlation | undefined => current.getStore();

/** The `traceparent` of what runs at this moment. */
export const currentTraceparent = (): string | undefined => current.getStore()?.traceparent;
