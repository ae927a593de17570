import { fullJitter, pause } from "./backoff.ts";
import type { CallOptions, Http, OperationId } from "./http.ts";
import { NaruError } from "./naru-error.ts";
import type { Problem } from "./operations.ts";

/** An event of a stream. `data` is what its JSON says, or its text where it is none. */
export interface StreamEvent {
  /** Where a later reader goes on behind it; null where the stream has no places. */
  readonly id: string | null;
  readonly event: string;
  readonly data: unknown;
}

export interface StreamOptions extends CallOptions {
  /** Go on behind this event. */
  readonly lastEventId?: string;
}

const PACE = { baseMs: 500, capMs: 20_000 };
/** Connections in a row that brought nothing. */
const MAX_EMPTY = 8;
/** A line of a well-behaved server is far shorter; more is no event of ours, and would be gathered without end. */
const MAX_EVENT_CHARS = 8 * 1024 * 1024;

/**
 * Follows a stream to its end, over as many connections as that takes: each goes on behind the last event that was seen. The events `done` and, in streams
 * with a form of their own, `error` are the last; an `error` event with a problem is thrown as {@link NaruError}. Leaving the loop ends the connection.
 */
export async function* followStream(
  http: Http,
  id: OperationId,
  input: StreamOptions,
): AsyncGenerator<StreamEvent, void, undefined> {
  let lastId = input.lastEventId ?? null;
  let location: string | null = null;
  let empty = 0;
  let retryMs = 0;
  for (let isFirst = true; ; isFirst = false) {
    const leaving = new AbortController();
    const onAbort = (): void => leaving.abort(input.signal?.reason);
    if (input.signal?.aborted) onAbort();
    input.signal?.addEventListener("abort", onAbort, { once: true });
    try {
      const options = {
        ...input,
        signal: leaving.signal,
        headers: {
          ...input.headers,
          Accept: "text/event-stream",
          ...(lastId !== null && { "Last-Event-ID": lastId }),
        },
      };
      const answer: Response =
        isFirst || location === null
          ? await http.send(id, options)
          : await http.read(location, options);
      if (answer.status === 204 || answer.body === null) return;
      location ??= answer.headers.get("location");
      let isRecycled = false;
      for await (const piece of readEvents(answer.body, leaving.signal)) {
        if (piece.retryMs !== null) retryMs = piece.retryMs;
        if (piece.event === null) continue;
        const { event } = piece;
        if (event.id !== null) lastId = event.id;
        empty = 0;
        const kind = kindOf(event);
        if (event.event === "error" && isProblem(event.data)) throw problemError(event.data);
        isRecycled = kind === "done" && (event.data as { reason?: unknown }).reason === "recycle";
        if (isRecycled) break;
        yield event;
        if (kind === "done" || kind === "error") return;
      }
      // A POST that cannot be read again would do its work a second time.
      if (!isRecycled && location === null && http.isWrite(id))
        throw new NaruError("STREAM_CUT", "The stream ended before its end.");
    } catch (error) {
      // What was begun is gone on with once the server is there again.
      const isAway = error instanceof NaruError && error.code === "NETWORK" && !isFirst;
      if (!isAway || leaving.signal.aborted) throw error;
    } finally {
      input.signal?.removeEventListener("abort", onAbort);
      leaving.abort();
    }
    if (empty >= MAX_EMPTY) throw new NaruError("STREAM_CUT", "The stream gave nothing any more.");
    await pause(retryMs + fullJitter(empty, PACE, http.random), input.signal);
    empty += 1;
  }
}

/** Streams with a form of their own tell their kind in their data. */
function kindOf({ event, data }: StreamEvent): string {
  if (data === "[DONE]") return "done";
  const type = (data as { type?: unknown } | null)?.type;
  return event === "message" && typeof type === "string" ? type : event;
}

const isProblem = (data: unknown): data is Problem & { code: string } =>
  typeof (data as { code?: unknown } | null)?.code === "string";

const problemError = (problem: Problem & { code: string }): NaruError =>
  new NaruError(problem.code, problem.error, { status: problem.status, problem });

interface Piece {
  readonly event: StreamEvent | null;
  readonly retryMs: number | null;
}

/** Reads events (HTML, "Interpreting an event stream"). What a cut connection leaves unfinished is dropped; a cut itself is a quiet end. */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Piece, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (;;) {
      let chunk: { done: boolean; value?: Uint8Array | undefined };
      try {
        chunk = await reader.read();
      } catch (error) {
        if (signal.aborted) throw error;
        return;
      }
      if (chunk.done) return;
      // A CR at the end may be half a line end.
      text += decoder.decode(chunk.value, { stream: true });
      const held = text.endsWith("\r") ? "\r" : "";
      const blocks = text
        .slice(0, text.length - held.length)
        .replaceAll(/\r\n?/g, "\n")
        .split("\n\n");
      text = (blocks.pop() ?? "") + held;
      if (text.length > MAX_EVENT_CHARS)
        throw new NaruError("STREAM_CUT", "An event of the stream is too long.");
      for (const block of blocks) yield parseBlock(block);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function parseBlock(block: string): Piece {
  let id: string | null = null;
  let event = "message";
  let retryMs: number | null = null;
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "id") id = value;
    else if (field === "event") event = value;
    else if (field === "data") data.push(value);
    else if (field === "retry" && /^\d{1,6}$/.test(value)) retryMs = Number(value);
  }
  if (data.length === 0) return { event: null, retryMs };
  return { event: { id, event, data: readData(data.join("\n")) }, retryMs };
}

function readData(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
