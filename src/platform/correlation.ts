/**
 * Which request or job a piece of work belongs to, known to whatever runs below it without being handed down: a log line, a call of
 * another object, a fetch. It follows every await, `waitUntil` and timer, and ends at the border of an isolate: there the
 * `traceparent` is handed over, and whoever takes it calls `correlated` anew. Never read to decide anything.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { newTrace } from "#platform/trace-context";

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

/** Runs `fn` as a job that nobody asked for: a sweep, an alarm, a batch of wake-ups. Its lines are joined by a trace of their own. */
export const inOwnTrace = <T>(fn: () => T): T => correlated({ traceparent: newTrace() }, fn);

/** What runs at this moment; undefined for what belongs to no request or job. */
export const correlation = (): Correlation | undefined => current.getStore();

/** The `traceparent` of what runs at this moment. */
export const currentTraceparent = (): string | undefined => current.getStore()?.traceparent;
