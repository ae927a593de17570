/**
 * Reads the body of an upstream's answer, of which nothing is trusted: bounded lines, bounded time to the first token and
 * between two of them, and no end that passes for success unless the upstream said that it is one.
 */
import { TooLarge } from "#egress/service";
import { ok } from "#platform/result";
import { estimateUsage } from "./core/tokens";
import { garbled, late } from "./core/failure";
import type { TryFailure } from "./core/failure";
import { readPiece, readVectors } from "./core/openai-wire";
import type { AnswerPiece } from "./core/openai-wire";
import type { ModelEvent, Usage } from "./core/port";
import { createSseParser, SseTooLong } from "./core/sse-parser";
import { untilAborted } from "./try-clock";
import type { TryClock } from "./try-clock";

/** Events of an answer that is not at its end. */
export type AnswerEvent = Extract<ModelEvent, { type: "start" | "delta" | "tool" }>;
/** How a try ended. */
export type TryEnd = Extract<ModelEvent, { type: "done" }> | TryFailure;
/** One try at one source. Its last word is its return value; leaving it early ends the transfer. */
export type Try = AsyncGenerator<AnswerEvent, TryEnd>;

/** No honest chunk of an answer comes near. */
const MAX_LINE_CHARS = 256 * 1024;

export interface ReadOptions {
  readonly clock: TryClock;
  readonly idleMs: number;
  /** What the usage is estimated from where the upstream does not tell. */
  readonly promptTokens: number;
  /** Until the upstream names its own. */
  readonly model: string;
}

/** After its end was told, an answer waits no longer than this for the usage. */
const USAGE_WAIT_MS = 2_000;
/** Takes in pieces and remembers what the end needs. */
class PieceReader {
  finishReason: string | null = null;
  readonly #options: ReadOptions;
  #usage: Usage | null = null;
  #model: string;
  #text = "";
  #hasStarted = false;

  constructor(options: ReadOptions) {
    this.#options = options;
    this.#model = options.model;
  }

  *take(piece: AnswerPiece): Generator<AnswerEvent> {
    const { clock, idleMs } = this.#options;
    this.#model = piece.model ?? this.#model;
    this.#usage = piece.usage ?? this.#usage;
    // What comes after the end (a repeated last chunk) adds nothing but the usage.
    if (this.isWhole) return;
    this.finishReason = piece.finishReason;
    const hasContent = piece.text !== "" || piece.calls.length > 0;
    if (hasContent || piece.isThinking || this.isWhole) {
      clock.begin("idle", this.isWhole ? Math.min(idleMs, USAGE_WAIT_MS) : idleMs);
      if (!this.#hasStarted) yield { type: "start", model: this.#model };
      this.#hasStarted = true;
    }
    if (piece.text !== "") yield { type: "delta", text: piece.text };
    if (piece.calls.length > 0) yield { type: "tool", calls: piece.calls };
    this.#text += piece.text + (piece.calls.length > 0 ? JSON.stringify(piece.calls) : "");
  }

  get isWhole(): boolean {
    return this.finishReason !== null;
  }

  get isEmpty(): boolean {
    return !this.#hasStarted;
  }

  done(finishReason: string): TryEnd {
    return {
      type: "done",
      finishReason,
      usage: this.#usage ?? estimateUsage(this.#options.promptTokens, this.#text),
      model: this.#model,
    };
  }
}

/** Reads a stream of chunks to its `[DONE]`, or to the end of the body after a chunk that told why it finished. */
export async function* readStreamed(body: ReadableStream<Uint8Array>, options: ReadOptions): Try {
  const parser = createSseParser(MAX_LINE_CHARS);
  const decoder = new TextDecoder();
  const reader = body.getReader();
  const pieces = new PieceReader(options);
  const atEnd = (failure: TryFailure): TryEnd =>
    pieces.finishReason === null ? failure : pieces.done(pieces.finishReason);
  try {
    for (;;) {
      let read: ReadableStreamReadResult<Uint8Array>;
      try {
        read = await untilAborted(() => reader.read(), options.clock.signal);
      } catch (error) {
        return atEnd(readFailure(error, options.clock));
      }
      const events = read.done
        ? parser.end()
        : parser.push(decoder.decode(read.value, { stream: true }));
      for (const data of events) {
        if (data.trim() === "[DONE]") {
          if (pieces.isEmpty) return garbled("empty");
          // The upstream says that this is all; some leave the reason out.
          return pieces.done(pieces.finishReason ?? "stop");
        }
        const piece = readPiece(data);
        if (!piece.ok) return atEnd(garbled(piece.error));
        yield* pieces.take(piece.value);
      }
      if (read.done) return atEnd(garbled(pieces.isEmpty ? "empty" : "cut"));
    }
  } catch (error) {
    if (error instanceof SseTooLong) return atEnd(garbled("too_large"));
    throw error;
  } finally {
    options.clock.stop();
    // Nothing of what follows is wanted, and a peer that is gone is no news.
    reader.cancel().catch(() => {});
  }
}

/** Reads an answer that comes in one piece. */
export const readWhole = (body: ReadableStream<Uint8Array>, options: ReadOptions): Try =>
  readOnce(body, options, readPiece);

/** Reads an answer of vectors, which are no tokens: only the prompt's count. */
export const readEmbeddings = (body: ReadableStream<Uint8Array>, options: ReadOptions): Try =>
  readOnce(body, options, (text) => {
    const { promptTokens } = options;
    const usage: Usage = { promptTokens, completionTokens: 0, isEstimated: true };
    const piece = readVectors(text);
    return piece.ok ? ok({ ...piece.value, usage: piece.value.usage ?? usage }) : piece;
  });

async function* readOnce(
  body: ReadableStream<Uint8Array>,
  options: ReadOptions,
  parse: typeof readPiece,
): Try {
  const { clock } = options;
  const pieces = new PieceReader(options);
  let text: string;
  try {
    text = await untilAborted(() => new Response(body).text(), clock.signal);
  } catch (error) {
    return readFailure(error, clock);
  } finally {
    clock.stop();
  }
  if (text.trim() === "") return garbled("empty");
  const piece = parse(text);
  if (!piece.ok) return garbled(piece.error);
  const { finishReason, text: words, calls, isThinking } = piece.value;
  // Servers that leave the reason out have at least words to show; neither of both is no answer (such as `choices: []`).
  if (finishReason === null && words === "" && calls.length === 0 && !isThinking)
    return garbled("empty");
  yield* pieces.take({ ...piece.value, finishReason: finishReason ?? "stop" });
  clock.stop();
  return pieces.done(finishReason ?? "stop");
}

/** What a failed read was, told by the clock rather than by the error, whose texts differ between runtimes. */
export function readFailure(error: unknown, clock: TryClock): TryFailure {
  const phase = clock.lateIn();
  if (phase !== null) return late(phase);
  if (error instanceof TooLarge) return garbled("too_large");
  return garbled("cut", `read: ${error instanceof Error ? error.name : "unknown"}`);
}
