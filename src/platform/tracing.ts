/**
 * Spans of the platform's own tracing, named and described by the OpenTelemetry semantic conventions. The platform makes
 * the tree (an object's or another Worker's spans stand below the call that asked it), samples it and ships it; here is
 * only what a span is called and which facts it may carry.
 *
 * A span never decides anything: where nobody traces, or outside the runtime, the work runs as if nothing stood around it.
 */
import { redactId } from "#platform/redact";

/** What of the platform's tracer is used (`import { tracing } from "cloudflare:workers"`). */
export interface Tracer {
  readonly enterSpan: <T>(name: string, callback: (span: PlatformSpan) => T) => T;
}

interface PlatformSpan {
  readonly isTraced: boolean;
  setAttribute: (key: string, value: SpanValue) => unknown;
  setStatus: (status: { readonly code: "error" }) => unknown;
  updateName: (name: string) => unknown;
}

type SpanValue = string | number | boolean;

/**
 * The attributes that a span may carry: a closed list, so that no header, address of a person, query or text of a prompt is
 * ever among them. Meanings and units are the conventions' own (OpenTelemetry semantic conventions 1.37: HTTP, messaging,
 * database, GenAI).
 */
export interface SpanAttributes {
  readonly "http.request.method"?: string | undefined;
  /** The template, `/api/v1/tasks/:id`, never the path. */
  readonly "http.route"?: string | undefined;
  readonly "http.response.status_code"?: number | undefined;
  /** Times that the same request was sent again: 1 for the first repetition. */
  readonly "http.request.resend_count"?: number | undefined;
  readonly "server.address"?: string | undefined;
  readonly "server.port"?: number | undefined;
  readonly "url.scheme"?: string | undefined;

  readonly "messaging.system"?: "cloudflare_queues" | undefined;
  readonly "messaging.operation.name"?: "send" | "process" | undefined;
  readonly "messaging.operation.type"?: "send" | "process" | undefined;
  readonly "messaging.destination.name"?: string | undefined;
  readonly "messaging.batch.message_count"?: number | undefined;

  readonly "db.system.name"?: "sqlite" | "cloudflare_d1" | "cloudflare_kv" | undefined;
  readonly "db.operation.name"?: string | undefined;
  readonly "db.collection.name"?: string | undefined;

  readonly "gen_ai.operation.name"?: "chat" | "text_completion" | "embeddings" | undefined;
  readonly "gen_ai.provider.name"?: string | undefined;
  readonly "gen_ai.request.model"?: string | undefined;
  readonly "gen_ai.request.max_tokens"?: number | undefined;
  readonly "gen_ai.request.temperature"?: number | undefined;
  readonly "gen_ai.response.model"?: string | undefined;
  readonly "gen_ai.response.finish_reasons"?: string | undefined;
  readonly "gen_ai.usage.input_tokens"?: number | undefined;
  readonly "gen_ai.usage.output_tokens"?: number | undefined;
  readonly "gen_ai.output.type"?: "text" | "json" | undefined;

  /** A code of ours, an HTTP status from 400 on, or an error's class. */
  readonly "error.type"?: string | undefined;

  /** The trace that the caller's `traceparent` names: the platform's own trace has another id. */
  readonly "naru.trace_id"?: string | undefined;
  readonly "naru.request_id"?: string | undefined;
  readonly "naru.task.id"?: string | undefined;
  readonly "naru.task.kind"?: string | undefined;
  /** Counts from 1. */
  readonly "naru.task.attempt"?: number | undefined;
  readonly "naru.task.outcome"?: string | undefined;
  readonly "naru.stream.id"?: string | undefined;
  readonly "naru.run.id"?: string | undefined;
  readonly "naru.upstream.name"?: string | undefined;
}

/** The span that work runs in. */
export interface Span {
  /** Whether anybody will see it: what is dear to find out need not be found out otherwise. */
  readonly isTraced: boolean;
  /** For what is known only when the work is done, such as a route. */
  readonly rename: (name: string) => void;
  /** Adds what became known. Fields that are undefined are left out. */
  readonly set: (attributes: SpanAttributes) => void;
  /** Marks the work as failed, with a code, a status or a class: low in number, and no message. */
  readonly fail: (errorType: string) => void;
}

/** What a span is where nobody looks. */
const UNTRACED: Span = { isTraced: false, rename: () => {}, set: () => {}, fail: () => {} };

let tracer: Tracer | null = null;

/** Gives the platform's tracer to the code of this isolate. Done once, by each Worker's entry: nothing below may import the platform. */
export function useTracer(made: Tracer | null): void {
  tracer = made;
}

/**
 * Runs `fn` in a span: its duration is that of `fn`, a promise's end included. What `fn` throws marks the span and is
 * thrown on. Costs nothing but a call where there is no tracer.
 */
export function inSpan<T>(name: string, attributes: SpanAttributes, fn: (span: Span) => T): T {
  if (tracer === null) return fn(UNTRACED);
  return tracer.enterSpan(name, (entered) => {
    if (!entered.isTraced) return fn(UNTRACED);
    const span = new TracedSpan(entered);
    span.set(attributes);
    try {
      const result = fn(span);
      return result instanceof Promise ? (markRejected(span, result) as T) : result;
    } catch (error) {
      span.fail(typeOfError(error));
      throw error;
    }
  });
}

async function markRejected<T>(span: Span, result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    span.fail(typeOfError(error));
    throw error;
  }
}

/** `error.type` of what was thrown: a code of ours, else the class, and never the message. */
function typeOfError(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" ? code : error.name;
}

class TracedSpan implements Span {
  readonly isTraced = true;
  readonly #span: PlatformSpan;

  constructor(span: PlatformSpan) {
    this.#span = span;
  }

  rename(name: string): void {
    this.#span.updateName(name);
  }

  set(attributes: SpanAttributes): void {
    for (const [key, value] of Object.entries(attributes) as [string, SpanValue | undefined][])
      if (value !== undefined)
        this.#span.setAttribute(key, typeof value === "string" ? redactId(value) : value);
  }

  fail(errorType: string): void {
    this.#span.setAttribute("error.type", errorType);
    this.#span.setStatus({ code: "error" });
  }
}
